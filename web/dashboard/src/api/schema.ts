// Generated from docs/openapi.json by `npm run types`; a test fails when the two differ.

/** Any JSON object. */
export type JsonObject = Record<string, unknown>;

/** The acknowledgement of an event that was accepted. */
export interface AcceptedEvent {
  /** Always true. */
  ok: true;
}

/** The acknowledgement of `notification_read`. */
export interface AcceptedReading {
  /** Always true. */
  ok: true;
  /** The number of notifications that are still unread. */
  unread: number;
}

/** The acknowledgement of the beginning or the end of a subscription. */
export interface AcceptedSubscription {
  /** What was subscribed to: `scraper_status`. */
  channel: string;
  /** Always true. */
  ok: true;
}

/** A system message that was stored. */
export interface Announced {
  /** Its event's place in the log. */
  seq: number;
}

/** The outcome of an array of listings. */
export interface BatchResult {
  /** The number of new listings. */
  created: number;
  /** One for each listing, in order. */
  items: Array<ItemResult>;
  /** The number of listings that were not stored. */
  rejected: number;
  /** The number of known listings with the same content. */
  unchanged: number;
  /** The number of known listings that have changed. */
  updated: number;
}

/** A subscription began or ended. */
export interface ChannelSubscription {
  /** What was subscribed to: `scraper_status`. */
  channel: string;
}

/** A user with at least one connection. */
export interface ConnectedUser {
  /** When the oldest of them was made. RFC 3339 in UTC. */
  connected_at: string;
  /** The number of the user's connections. */
  connections: number;
  /** The name that the user signs in with. */
  username: string;
}

/** Who is connected, to this process and to the others on the same store. */
export interface ConnectedUsers {
  /** The number of connections, including anonymous ones. */
  connections: number;
  /** The number of users with at least one connection. */
  count: number;
  /** The users, by name. */
  users: Array<ConnectedUser>;
}

/** What happened to a connection. */
export type ConnectionState = "connected";

/** The first event on a new connection. */
export interface ConnectionStatus {
  /** Whether a valid credential came with the connection. */
  authenticated: boolean;
  /** Identifies the log; a store restored from a backup has another one. */
  epoch: string;
  /** Whether every event missed since the client's cursor follows. */
  recovered: boolean;
  /** The number of events that are replayed. */
  replayed: number;
  /** The place in the log after which events are live. */
  seq: number;
  /** What happened. */
  status: ConnectionState;
  /** The server's time. RFC 3339 in UTC. */
  timestamp: string;
  /** The name of the signed-in user; `null` for anonymous connections and for tokens that belong to no user. */
  username: string | null;
}

/** What to write about a favourite. */
export interface FavoriteNotes {
  /** At most 2,000 characters; null takes the notes away, and without the field they stay as they are. */
  notes?: string | null;
}

/** A page of a list. */
export interface FavoritePage {
  items: Array<FavoriteView>;
  /** The `cursor` of the next page; null on the last page, and where a list has one page only. */
  next_cursor: string | null;
}

/** A listing that its user keeps. */
export interface FavoriteView {
  /** When the user first kept it. RFC 3339 in UTC. */
  created_at: string;
  /** The listing. */
  listing: ListingView;
  /** What the user wrote about it. */
  notes: string | null;
}

/** A field that is wrong. */
export interface FieldError {
  /** The path to the field, as in `items[3].title`; empty for the whole body. */
  field: string;
  /** Names the value that was given and what would be right. */
  message: string;
  /**
   * Where in the field's text the error is, in Unicode characters from 0, not counting the white space before it; the length
   * of the text where something is missing at its end. Only errors about keywords have it.
   */
  position?: number;
}

/** A field whose value is right, and may not mean what its user thinks. */
export interface FieldWarning {
  /** The path to the field. */
  field: string;
  /** What it means. */
  message: string;
}

/** The server is about to stop; clients come back by themselves. */
export interface GoingAway {
  /** How long this client should wait before it connects again, in milliseconds. */
  retry_after_ms: number;
}

/** A page of a list. */
export interface InvitePage {
  items: Array<InviteView>;
  /** The `cursor` of the next page; null on the last page, and where a list has one page only. */
  next_cursor: string | null;
}

/** An invitation, without its secret. */
export interface InviteView {
  /** When it was created. RFC 3339 in UTC. */
  created_at: string;
  /** The name of the admin who created it; null where a token that belongs to no user did. */
  created_by: string | null;
  /** When it expires. RFC 3339 in UTC. */
  expires_at: string;
  /** Its number. */
  id: number;
  /** When it was used; null until then. RFC 3339 in UTC. */
  used_at: string | null;
  /** The name of the user who registered with it. */
  used_by: string | null;
}

export type ItemCondition = "new" | "like_new" | "good" | "fair" | "parts";

/** Why a listing was rejected. */
export interface ItemError {
  /** A stable word for programs. */
  code: string;
  /** The fields that are wrong. */
  errors?: Array<FieldError>;
  /** The reason in words; of several wrong fields, the first. */
  message: string;
}

/** The outcome of one published listing. */
export interface ItemResult {
  /** Why it was rejected. */
  error?: ItemError;
  /** The listing's number; absent when it was rejected. */
  id?: number;
  /** The number of the line, from 1, where listings came as lines. */
  line?: number;
  /** The price before an update that changed it; `null` where it was in another currency or for another period. */
  previous_price?: number | null;
  /** The price as understood, in units of the currency; 0 is free, null is not stated. */
  price: number | null;
  /** The period that the price is for, as understood; absent for the price of a sale. */
  price_per?: PricePeriod;
  /** What was done. */
  status: ItemStatus;
}

/** What was done with a published listing. */
export type ItemStatus = "created" | "updated" | "unchanged" | "rejected";

/** A listing. Its texts were written by strangers: they are text, never markup. */
export interface Listing {
  condition?: ItemCondition | null;
  /** When the ad was put up; when it was first seen, where its publisher did not say. RFC 3339 in UTC. */
  created_at: string;
  /** The ISO 4217 code of the currency of `price` and `previous_price`, for example `USD`. */
  currency: string;
  /** Its publisher's own id; `null` where it has none, absent in events from before there was the field. */
  external_id?: string | null;
  /** Its number; it stays the same when the listing is removed for its age and posted again. */
  id: number;
  /** An `http:` or `https:` address of a picture. */
  image_url: string | null;
  /** Where it is found: an `http:` or `https:` address. */
  link: string;
  /** The place, in the ad's words. */
  location: string | null;
  /**
   * In `listing_updated`, the price before this update, which equals `price` where only the text changed. In answers of the
   * REST API, the price before it last changed. `null` where there was none, where the ad stated none, and where it was in
   * another currency or for another period. Absent in `new_listing` and in notifications.
   */
  previous_price?: number | null;
  /** In units of the currency (28000, 24.99); `0` is free, `null` is not stated. */
  price: number | null;
  price_per?: PricePeriod | null;
  /**
   * The first of the ads that this one repeats under a link of its own: same title, place and price within 30 days.
   * Absent where it repeats none.
   */
  reposted_of?: number;
  /** The name of the site that it was found on. */
  source: string;
  /** What the ad is about. */
  title: string;
}

/** A listing to be published; unknown fields are ignored. */
export interface ListingFields {
  /** The item's condition; `parts` is broken or incomplete. */
  condition?: "new" | "like_new" | "good" | "fair" | "parts" | null;
  /** When the ad was put up (RFC 3339); a time without a zone is UTC. */
  created_at?: string | null;
  /** What the price is in: an ISO 4217 code; the server's own currency, when left out. */
  currency?: string | null;
  /** At most 20,000 characters. */
  description?: string | null;
  /** The publisher's own id; `id` is read where it is left out. */
  external_id?: string | null;
  /** An http or https address. */
  image_url?: string | null;
  /** Where it is found: an http or https address. */
  link: string;
  /** At most 200 characters. */
  location?: string | null;
  /** A number of units of the currency, a text such as `$28,000 OBO`, or null where the ad states none. */
  price?: unknown;
  /** The period that the price is for, where its text does not state one; null for the price of a sale. */
  price_per?: "hour" | "day" | "week" | "month" | "year" | "area" | null;
  /** Whose listing it is: 1 to 50 of a-z, 0-9, _ . - */
  source: string;
  /** 1 to 500 characters. */
  title: string;
}

/** A page of a list. */
export interface ListingPage {
  items: Array<ListingView>;
  /** The `cursor` of the next page; null on the last page, and where a list has one page only. */
  next_cursor: string | null;
}

/** A listing that always has `previous_price`: as `listing_updated` and the REST API give it. */
export type ListingUpdate = Listing & Required<Pick<Listing, "previous_price">>;

/** A listing with everything that is known of it. */
export type ListingView = ListingUpdate & {
  /** The ad's text. */
  description: string | null;
  /** When it was first stored. RFC 3339 in UTC. */
  first_seen_at: string;
  /** When it last changed. RFC 3339 in UTC. */
  updated_at: string;
};

/** A page of listings, with their number where that was asked for. */
export type Listings = ListingPage & {
  /** With `count=true`, the number of listings on all pages, where it is at most 10,000. */
  count?: number;
  /** With `count=true`, a number that there are at least: 10,000, or fewer where counting on would take too long. */
  count_at_least?: number;
};

/** One listing, or an array of them. */
export type ListingsInput = ListingFields | Array<ListingFields>;

/** A new invitation. The answer that creates it is the only one that shows its secret. */
export interface MadeInvite {
  /** When it expires. RFC 3339 in UTC. */
  expires_at: string;
  /** Its number. */
  id: number;
  /** The secret to register with. */
  invite: string;
}

/** A new API token. The answer that creates it is the only one that shows its secret. */
export type MadeToken = TokenView & {
  /** The token's secret. */
  token: string;
};

/** A page of a list. */
export interface MatchPage {
  items: Array<MatchView>;
  /** The `cursor` of the next page; null on the last page, and where a list has one page only. */
  next_cursor: string | null;
}

/** A price alert or a saved search of the caller that matched a listing. */
export interface MatchView {
  /** The clause that decides about the listing as it is now. */
  because: string;
  /** The number of the alert or search. */
  id: number;
  /** Whether the caller excluded the listing from its notifications. */
  ignored: boolean;
  /** The words that it looks for. */
  keywords: string;
  /** `price_alert` or `saved_search`. */
  kind: string;
  /** Null for price alerts, which have no name. */
  name: string | null;
  /** The listing's price at the last match, in units of the listing's currency; 0 is free, null is not stated. */
  price: number | null;
  price_per: PricePeriod | null;
  /** Whether the listing still matches as it is now. */
  still_matches: boolean;
  /** When the caller was notified; null while that is pending, and where the alert or search does not notify. RFC 3339 in UTC. */
  told_at: string | null;
}

/** The caller: a user as they see themselves, or a token that belongs to no user. */
export interface Me {
  /** When the account was created. RFC 3339 in UTC. */
  created_at: string | null;
  /** The user's number; null for a token that belongs to no user. */
  id: number | null;
  /** Whether the caller may do everything. */
  is_admin: boolean;
  /** The name that the user signs in with. */
  username: string | null;
}

export type MessageLevel = "info" | "success" | "warning" | "error";

/** A listing that only one clause rejects. */
export interface NearMissView {
  /** The clause that rejects it. */
  because: string;
  /** The listing. */
  listing: ListingView;
}

/** A new account. */
export interface NewAccount {
  /** The invitation, where registration is by invitation. */
  invite?: string | null;
  /** Its password. */
  password: string;
  /** The name to sign in with. */
  username: string;
}

/** A new password, chosen with a link. */
export interface NewPassword {
  /** The password from now on. */
  password: string;
  /** Whether the user's API tokens are revoked too; they are unless this is `false`. */
  revoke_tokens?: boolean;
  /** What the link ends in. */
  token: string;
}

/** What a password reset link is made with. */
export interface NewPasswordReset {
  /** The password of the signed-in admin; needed for a link of an admin, unless an `admin` token asks. */
  current_password?: string | null;
}

/** A source to be made. */
export interface NewSource {
  /** The kind of source, one of those of `GET /api/source-kinds`. */
  kind: string;
  /** Its name, which will be the `source` of its listings: 1 to 50 of a-z, 0-9, _ . - */
  name: string;
  /** The settings that are not to have their defaults; see `GET /api/source-kinds`. */
  settings?: Record<string, unknown>;
}

/** A token to be made. */
export interface NewToken {
  /** The password of the signed-in admin; needed for every scope but `user`, unless an `admin` token asks. */
  current_password?: string | null;
  /** What to call it. */
  name: string;
  /**
   * `user`, `publish`, `metrics` or `admin`; all but the first are for admins to make, with their password or an
   * `admin` token.
   */
  scope: string;
}

/** A user to be made. */
export interface NewUser {
  /** The password of the signed-in admin; needed for an admin's account, unless an `admin` token asks. */
  current_password?: string | null;
  /** Whether the user may do everything. */
  is_admin?: boolean;
  /** The user's first password. */
  password: string;
  /** The name that the user signs in with. */
  username: string;
}

/** A notification to be sent. */
export interface NotificationFields {
  /** What it says; at most 64 KiB, passed on as it is. */
  data?: Record<string, unknown> | null;
  /** What sort of notification it is: 1 to 50 of a-z, 0-9, _ . - */
  type: string;
}

/** A page of a list. */
export interface NotificationPage {
  items: Array<NotificationView>;
  /** The `cursor` of the next page; null on the last page, and where a list has one page only. */
  next_cursor: string | null;
}

/** A notification as its user lists it. */
export type NotificationView = UserNotification & {
  /** When it was read; `null` while it is unread. RFC 3339 in UTC. */
  read_at: string | null;
  /** Its event's place in the log. */
  seq: number;
};

/** Notifications were read, on this connection or elsewhere. */
export interface NotificationsRead {
  /** Those that were unread before; an event names at most the newest 1,000. */
  ids: Array<number>;
  /** How many are still unread. */
  unread: number;
}

/** What the sign-in page offers. */
export interface Options {
  /** Who may register: `closed`, `invite` or `open`. */
  registration: string;
  /** Whether there is no admin yet. */
  setup_needed: boolean;
}

/** A listing on a page, as publishers would send it, but for its source. */
export interface PageListing {
  condition: ItemCondition | null;
  /** When the ad was posted. RFC 3339 in UTC. */
  created_at: string | null;
  /** The currency of the price, where it has one. */
  currency: string | null;
  /** The ad's text. */
  description: string | null;
  /** The site's own id. */
  external_id: string | null;
  /** The address of its first picture. */
  image_url: string | null;
  /** The address of the ad. */
  link: string;
  /** The place, in the page's words. */
  location: string | null;
  /** Whether the ad takes offers. */
  negotiable: boolean;
  /** The asking price in units of the currency; 0 where it is given away, null where none is stated. */
  price: number | null;
  price_per: PricePeriod | null;
  /** What the ad is about, on one line. */
  title: string;
}

/** The reading of a posted page. */
export interface PageView {
  /** With `publish=true`, the outcome of each of them; otherwise null. */
  items: Array<ItemResult> | null;
  /** The listings on the page. */
  listings: Array<PageListing>;
  /** Why it is in that state, in a short sentence. */
  reason: string;
  /** `ok`, `empty`, `blocked`, `login_wall`, `rate_limited` or `shape_changed`. */
  state: string;
}

/** A change of password. */
export interface PasswordChange {
  /** The password until now. */
  current_password: string;
  /** The password from now on. */
  new_password: string;
  /** Whether the user's API tokens are revoked too. */
  revoke_tokens?: boolean;
}

/** A link for a new password. The answer that creates it is the only one that shows it. */
export interface PasswordReset {
  /** When it expires. RFC 3339 in UTC. */
  expires_at: string;
  /** The end of the link: `/reset#TOKEN`. */
  token: string;
}

/** The answer to `ping`. */
export interface PongReply {
  /** The server's time. RFC 3339 in UTC. */
  timestamp: string;
}

/** What would have matched among the listings that were first seen in the last 30 days, as they are now. */
export interface PreviewView {
  /** The number of matches; left out where not all are counted: beyond 10,000, and where very many listings came in. */
  count?: number;
  /** A lower bound of the number, where not all are counted. */
  count_at_least?: number;
  /** Up to five listings that only one clause rejects, from the newest 50,000. */
  near_misses: Array<NearMissView>;
  /** Matches per week, at the rate at which listings arrived from `since` on. */
  per_week: number;
  /** The newest ten of them, the newest first. */
  sample: Array<ListingView>;
  /** When the time begins that `per_week` is computed over, at least a day ago. RFC 3339 in UTC. */
  since: string;
}

/** A price alert. */
export interface PriceAlert {
  /** False while it is paused. */
  active: boolean;
  /** `under` or `over`. */
  alert_type: string;
  /** The minutes after a notification in which matches are collected for the next one. */
  cooldown_minutes: number;
  /** When it was saved. RFC 3339 in UTC. */
  created_at: string;
  /** What the price is in. */
  currency: string;
  /** Its number; price alerts and saved searches are numbered together. */
  id: number;
  /** Whether free listings match. */
  include_free: boolean;
  /** Words to look for; empty where the rest says enough. */
  keywords: string;
  /** When its user was last notified of matches; `null` if never. RFC 3339 in UTC. */
  last_told_at: string | null;
  price_per: PricePeriod | null;
  /** Only listings of these sources match; of all, when empty. */
  sources: Array<string>;
  /** The price that decides, in units of the currency. */
  threshold_price: number;
  /** When it was last edited, paused or resumed. RFC 3339 in UTC. */
  updated_at: string;
  /** What may not mean what its user thinks. */
  warnings: Array<FieldWarning>;
}

/** What a `price_alert` notification says. */
export interface PriceAlertData {
  /** The number of the alert. */
  alert_id: number;
  /** `under` or `over`. */
  alert_type: string;
  /** The ISO 4217 code of the threshold's currency. */
  currency: string;
  /** What the alert looks for. */
  keywords: string;
  /** The newest listing that was found. */
  listing: Listing;
  /** Where several were found, the newest ten of them, the newest first. */
  listings?: Array<Listing>;
  /** The same in words. */
  message: string;
  price_per?: PricePeriod | null;
  /** Where several were found, how many. */
  results_count?: number;
  /** The alert's price in units of its currency. */
  threshold_price: number;
}

/** A price alert. Fields that are left out or null have their defaults. */
export interface PriceAlertFields {
  /** `under` (the default) or `over`. */
  alert_type?: string | null;
  /** The minutes after a notification in which matches are collected for the next one. */
  cooldown_minutes?: number | null;
  /** What the price is in; the server's own currency is the default. */
  currency?: string | null;
  /** Whether free listings match. */
  include_free?: boolean | null;
  /** Words to look for, such as `corvette, camaro -parts`; they may be left out where there are sources. */
  keywords?: string | null;
  /** The period of prices that it watches, such as rents for a month; null (the default) for prices of sales. */
  price_per?: "hour" | "day" | "week" | "month" | "year" | "area" | null;
  /** Only listings of these sources; of all sources, where the array is empty (the default). */
  sources?: Array<string> | null;
  /** The price that decides, in units of the currency. */
  threshold_price: number;
}

/** Changes of a price alert. Fields that are left out stay as they are; null takes one back to its default. */
export interface PriceAlertFieldsPatch {
  /** False pauses it; true resumes it, for what comes in from then on. */
  active?: boolean | null;
  /** `under` (the default) or `over`. */
  alert_type?: string | null;
  /** The minutes after a notification in which matches are collected for the next one. */
  cooldown_minutes?: number | null;
  /** What the price is in; the server's own currency is the default. */
  currency?: string | null;
  /** Whether free listings match. */
  include_free?: boolean | null;
  /** Words to look for, such as `corvette, camaro -parts`; they may be left out where there are sources. */
  keywords?: string | null;
  /** The period of prices that it watches, such as rents for a month; null (the default) for prices of sales. */
  price_per?: "hour" | "day" | "week" | "month" | "year" | "area" | null;
  /** Only listings of these sources; of all sources, where the array is empty (the default). */
  sources?: Array<string> | null;
  /** The price that decides, in units of the currency. */
  threshold_price?: number;
}

/** A page of a list. */
export interface PriceAlertPage {
  items: Array<PriceAlert>;
  /** The `cursor` of the next page; null on the last page, and where a list has one page only. */
  next_cursor: string | null;
}

/** A page of a list. */
export interface PricePage {
  items: Array<PriceView>;
  /** The `cursor` of the next page; null on the last page, and where a list has one page only. */
  next_cursor: string | null;
}

export type PricePeriod = "hour" | "day" | "week" | "month" | "year" | "area";

/** A price from a moment on. */
export interface PriceView {
  /** From when on. RFC 3339 in UTC. */
  at: string;
  /** The ISO 4217 code of its currency. */
  currency: string;
  /** In units of the currency; `0` is free, `null` is not stated. */
  price: number | null;
  price_per: PricePeriod | null;
}

/** A refusal as the client sees it: a status, a stable code, and words for people. */
export interface Problem {
  /** A stable word for programs to branch on. */
  code: string;
  /** What is wrong with this request. */
  detail: string;
  /** The fields that are wrong, each with what would be right. */
  errors?: Array<FieldError>;
  /** The HTTP status, repeated in the body as RFC 9457 asks. */
  status: number;
  /** What kind of problem it is. */
  title: string;
}

/** The outcome of what was published. */
export type PublishResult = ItemResult | BatchResult;

/** The acknowledgement of an event that was refused. */
export type RefusedEvent = SocketError & {
  /** Always false. */
  ok: false;
};

/** What one run found. */
export interface RunView {
  /** When it ended. RFC 3339 in UTC. */
  at: string;
  /** The number of those that were new. */
  created: number;
  /** The number of listings on its pages. */
  listings: number;
}

/** A saved search. */
export interface SavedSearch {
  /** False while it is paused. */
  active: boolean;
  /** `instant`, `15m`, `hourly` or `daily`. */
  cadence: string;
  /** When it was saved. RFC 3339 in UTC. */
  created_at: string;
  /** What the prices are in. */
  currency: string;
  /** Its number; price alerts and saved searches are numbered together. */
  id: number;
  /** Whether free listings match where there is a limit on the price. */
  include_free: boolean;
  /** Words to look for; empty where the rest says enough. */
  keywords: string;
  /** When its user was last notified of matches; `null` if never. RFC 3339 in UTC. */
  last_told_at: string | null;
  /** Words that must all be in the listing's location. */
  location: string | null;
  /** The highest price that matches, in units of the currency. */
  max_price: number | null;
  /** The lowest price that matches, in units of the currency. */
  min_price: number | null;
  /** What its user calls it. */
  name: string;
  /** Whether its user is notified of matches. */
  notify_new: boolean;
  price_per: PricePeriod | null;
  /** Always null: listings carry words, not positions. */
  radius: null;
  /** Only listings of these sources match; of all, when empty. */
  sources: Array<string>;
  /** When it was last edited, paused or resumed. RFC 3339 in UTC. */
  updated_at: string;
  /** What may not mean what its user thinks. */
  warnings: Array<FieldWarning>;
}

/** What a `saved_search` notification says. */
export interface SavedSearchData {
  /** The newest ten listings that were found, the newest first. */
  listings: Array<Listing>;
  /** The same in words. */
  message: string;
  /** How many listings were found. */
  results_count: number;
  /** The number of the search. */
  search_id: number;
  /** The name of the search. */
  search_name: string;
}

/** A saved search. Fields that are left out or null have their defaults. */
export interface SavedSearchFields {
  /** `instant`, `15m` (the default), `hourly` or `daily`. */
  cadence?: string | null;
  /** What the prices are in; the server's own currency is the default. */
  currency?: string | null;
  /** Whether free listings match where there is a limit on the price. */
  include_free?: boolean | null;
  /** Words to look for, such as `corvette, camaro -parts`; they may be left out where there are a limit on the price and sources. */
  keywords?: string | null;
  /** Words that must all be in the listing's location. */
  location?: string | null;
  /** The highest price that matches, in units of the currency. */
  max_price?: number | null;
  /** The lowest price that matches, in units of the currency. */
  min_price?: number | null;
  /** What to call it. */
  name: string;
  /** Whether its user is notified of matches (the default). */
  notify_new?: boolean | null;
  /** The period of prices that match, such as rents for a month. Where it is null (the default), the two prices are those of a sale. */
  price_per?: "hour" | "day" | "week" | "month" | "year" | "area" | null;
  /** Always null: listings carry words, not positions. */
  radius?: null;
  /** Only listings of these sources; of all sources, where the array is empty (the default). */
  sources?: Array<string> | null;
}

/** Changes of a saved search. Fields that are left out stay as they are; null takes one back to its default. */
export interface SavedSearchFieldsPatch {
  /** False pauses it; true resumes it, for what comes in from then on. */
  active?: boolean | null;
  /** `instant`, `15m` (the default), `hourly` or `daily`. */
  cadence?: string | null;
  /** What the prices are in; the server's own currency is the default. */
  currency?: string | null;
  /** Whether free listings match where there is a limit on the price. */
  include_free?: boolean | null;
  /** Words to look for, such as `corvette, camaro -parts`; they may be left out where there are a limit on the price and sources. */
  keywords?: string | null;
  /** Words that must all be in the listing's location. */
  location?: string | null;
  /** The highest price that matches, in units of the currency. */
  max_price?: number | null;
  /** The lowest price that matches, in units of the currency. */
  min_price?: number | null;
  /** What to call it. */
  name?: string;
  /** Whether its user is notified of matches (the default). */
  notify_new?: boolean | null;
  /** The period of prices that match, such as rents for a month. Where it is null (the default), the two prices are those of a sale. */
  price_per?: "hour" | "day" | "week" | "month" | "year" | "area" | null;
  /** Always null: listings carry words, not positions. */
  radius?: null;
  /** Only listings of these sources; of all sources, where the array is empty (the default). */
  sources?: Array<string> | null;
}

/** A saved search. Fields that are left out or null have their defaults. */
export interface SavedSearchFieldsPreview {
  /** `instant`, `15m` (the default), `hourly` or `daily`. */
  cadence?: string | null;
  /** What the prices are in; the server's own currency is the default. */
  currency?: string | null;
  /** Whether free listings match where there is a limit on the price. */
  include_free?: boolean | null;
  /** Words to look for, such as `corvette, camaro -parts`; they may be left out where there are a limit on the price and sources. */
  keywords?: string | null;
  /** Words that must all be in the listing's location. */
  location?: string | null;
  /** The highest price that matches, in units of the currency. */
  max_price?: number | null;
  /** The lowest price that matches, in units of the currency. */
  min_price?: number | null;
  /** What to call it. */
  name?: string | null;
  /** Whether its user is notified of matches (the default). */
  notify_new?: boolean | null;
  /** The period of prices that match, such as rents for a month. Where it is null (the default), the two prices are those of a sale. */
  price_per?: "hour" | "day" | "week" | "month" | "year" | "area" | null;
  /** Always null: listings carry words, not positions. */
  radius?: null;
  /** Only listings of these sources; of all sources, where the array is empty (the default). */
  sources?: Array<string> | null;
}

/** A page of a list. */
export interface SavedSearchPage {
  items: Array<SavedSearch>;
  /** The `cursor` of the next page; null on the last page, and where a list has one page only. */
  next_cursor: string | null;
}

/** Which sources run: one boolean for each source, beside `timestamp`. */
export interface ScraperStatus {
  /** The event's place in the log. Absent where the present status is repeated: when a subscription begins, and on event streams. */
  seq?: number;
  /** When it became so. RFC 3339 in UTC. */
  timestamp: string;
  [name: string]: boolean | number | string | undefined;
}

/** A notification that was stored. */
export interface Sent {
  /** Its number. */
  id: number;
  /** Its event's place in the log. */
  seq: number;
}

/** A page of a list. */
export interface SessionPage {
  items: Array<SessionView>;
  /** The `cursor` of the next page; null on the last page, and where a list has one page only. */
  next_cursor: string | null;
}

/** A browser session of the caller. */
export interface SessionView {
  /** The network address of the browser that signed in; empty where it is not known. */
  address: string;
  /** When the user signed in. RFC 3339 in UTC. */
  created_at: string;
  /** Whether the request that lists it was made with it. */
  current: boolean;
  /** When it expires. RFC 3339 in UTC. */
  expires_at: string;
  /** Its number. */
  id: number;
  /** When it was last used, to the minute. RFC 3339 in UTC. */
  last_seen_at: string;
  /** The `User-Agent` of the browser that signed in; empty where it sent none. */
  user_agent: string;
}

/** The first admin. */
export interface SetUp {
  /** The admin's password. */
  password: string;
  /** What the link that the program printed ends in. */
  token: string;
  /** The admin's name. */
  username: string;
}

/** A name and its password. */
export interface SignIn {
  /** The password that goes with it. */
  password: string;
  /** The name one signs in with. */
  username: string;
}

/** A client's event was refused. */
export interface SocketError {
  /** A stable word for programs: `rate_limited`, `bad_request`, `forbidden`, `unknown_event` or `unavailable`. */
  code: string;
  /** What is wrong, in words. */
  message: string;
  /** With `rate_limited`, when to try again, in milliseconds. */
  retry_after_ms?: number;
}

/** What is to change of a source. */
export interface SourceEdit {
  /** True says that you have read the terms of the site and answer for what is asked of it. */
  accept_terms?: boolean;
  /** The settings that change; those that are left out stay as they are, and null takes one back to its default. */
  settings?: Record<string, unknown>;
}

/** A page of a list. */
export interface SourceKindPage {
  items: Array<SourceKindView>;
  /** The `cursor` of the next page; null on the last page, and where a list has one page only. */
  next_cursor: string | null;
}

/** A kind of source: what it reads and which settings it takes. */
export interface SourceKindView {
  /** The address of its site; null where pages may be anywhere. */
  home: string | null;
  /** The name, as `POST /api/sources` takes it. */
  name: string;
  /** The settings it takes, in the order of a form. */
  settings: Array<SourceSettingView>;
  /** What it reads, in one sentence. */
  summary: string;
  /** What an admin must have read before the site is asked. */
  terms: string | null;
  /** The name that people know it by. */
  title: string;
}

/** What a `source_status` notification says: a source that alerts depend on stopped working, or works again. */
export interface SourceNoticeData {
  /** When it last worked; `null` if never. RFC 3339 in UTC. */
  last_good_at: string | null;
  /** The same in words. */
  message: string;
  /** What shows that it is in that state. */
  reason: string;
  /** Since when it is in that state. RFC 3339 in UTC. */
  since: string;
  /** The name of the source. */
  source: string;
  /** The result of its last run. */
  state: string;
}

/** A page of a list. */
export interface SourcePage {
  items: Array<SourceView>;
  /** The `cursor` of the next page; null on the last page, and where a list has one page only. */
  next_cursor: string | null;
}

/** A setting of a source. */
export interface SourceSettingView {
  /** The value where nothing is said; null where there is none. */
  default: unknown;
  /** A value as somebody would write it. */
  example: string | null;
  /** What it does, in one sentence; empty where the label says it all. */
  help: string;
  /** The name on a form. */
  label: string;
  /** The highest number, of those that are numbers. */
  maximum: number | null;
  /** The lowest number, of those that are numbers. */
  minimum: number | null;
  /** The path to it in the settings: `area`, or `fields.title` for where a part of the page is. */
  name: string;
  /**
   * Whether a source cannot be started without it; a part below `fields` is needed to save the source. `urls` takes the place of
   * every other required setting that is no part.
   */
  required: boolean;
  /** Where a form shows it: `site`, `parts`, `searches`, `schedule` or `advanced`. */
  section: string;
  /**
   * The values it takes: `word`, `integer`, `boolean`, `url`, `url_list`, `search_list`, `currency`, `css_selector` or
   * `json_path`.
   */
  type: string;
}

/** A source. */
export interface SourceView {
  /** The number of failed runs in a row. */
  failures: number;
  /** The kind of source; see `GET /api/source-kinds`. */
  kind: string;
  /** When its pages were last as they should be. RFC 3339 in UTC. */
  last_good_at: string | null;
  /** When its last run ended. RFC 3339 in UTC. */
  last_run_at: string | null;
  /** The name, which is the `source` of its listings. */
  name: string;
  /** When it runs next; null while it is stopped. RFC 3339 in UTC. */
  next_run_at: string | null;
  /** Why it is in that state, in a short sentence. */
  reason: string;
  /** The number of requests it has made today, in UTC. */
  requests_today: number;
  /** Whether it is to run. */
  running: boolean;
  /** The last runs, the oldest first. */
  runs: Array<RunView>;
  /** All settings, with their defaults. */
  settings: Record<string, unknown>;
  /** Since when it has been in that state. RFC 3339 in UTC. */
  since: string;
  /** The outcome of its last run. */
  state: string;
  /** The terms of the site that it asks, where those are known. */
  terms: string | null;
  /** When an admin acknowledged the terms. RFC 3339 in UTC. */
  terms_accepted_at: string | null;
  /** Something odd that is no failure. */
  warning: string | null;
}

/** How much is stored, and the state of this process. */
export interface Stats {
  /** The number of connections to this process. */
  connections: number;
  /** The number of events in the log. */
  events: number;
  /** The number of listings. */
  listings: number;
  /** The number of events that this process has still to deliver to its clients. */
  log_lag: number;
  /** The number of notifications. */
  notifications: number;
  /** The newest event's `seq`. */
  seq: number;
  /** The store's size on disk. */
  store_bytes: number;
  /** The age of this process. */
  uptime_seconds: number;
  /** The number of users. */
  users: number;
  /** The version of the program. */
  version: string;
  /** The workers of this process, by name. */
  workers: Array<WorkerView>;
}

/** A message to everyone, for example of planned maintenance. */
export interface SystemMessage {
  /** How serious it is. */
  level: MessageLevel;
  /** The text, 1 to 2,000 characters. */
  message: string;
  /** When it was sent. RFC 3339 in UTC. */
  timestamp: string;
}

/** A message to everyone. */
export interface SystemMessageFields {
  /** How serious it is; `info`, when left out. */
  level?: "info" | "success" | "warning" | "error" | null;
  /** 1 to 2,000 characters. */
  message: string;
}

/** A page of a list. */
export interface TokenPage {
  items: Array<TokenView>;
  /** The `cursor` of the next page; null on the last page, and where a list has one page only. */
  next_cursor: string | null;
}

/** An API token, without its secret. */
export interface TokenView {
  /** When it was created. RFC 3339 in UTC. */
  created_at: string;
  /** The beginning of the secret, by which its owner recognises it. */
  hint: string;
  /** Its number. */
  id: number;
  /** When it was last used, to the minute; null until then. RFC 3339 in UTC. */
  last_used_at: string | null;
  /** What its owner calls it. */
  name: string;
  /** `user`, `publish`, `metrics` or `admin`. */
  scope: string;
  /** The number of its owner; null where it belongs to no user. */
  user_id: number | null;
}

/** How many notifications are unread. */
export interface UnreadCount {
  /** Their number. */
  unread: number;
}

/** A change to a user. */
export interface UserChange {
  /** Whether the user may not sign in; left out, it stays as it is. */
  disabled?: boolean | null;
}

/** One notification of the signed-in user. */
export type UserNotification = {
  /** Its number. */
  id: number;
  /** When it was sent. RFC 3339 in UTC. */
  timestamp: string;
} & (
  | { type: "price_alert"; data: Partial<PriceAlertData> }
  | { type: "saved_search"; data: Partial<SavedSearchData> }
  | { type: "source_status"; data: Partial<SourceNoticeData> }
  | { type: string & {}; data: Record<string, unknown> }
);

/** A page of a list. */
export interface UserPage {
  items: Array<UserView>;
  /** The `cursor` of the next page; null on the last page, and where a list has one page only. */
  next_cursor: string | null;
}

/** A user as an admin sees them. */
export interface UserView {
  /** When the account was created. RFC 3339 in UTC. */
  created_at: string;
  /** Whether the user may not sign in. */
  disabled: boolean;
  /** The user's number. */
  id: number;
  /** Whether the user may do everything. */
  is_admin: boolean;
  /** The name that the user signs in with. */
  username: string;
}

/** What is wrong with the fields. */
export interface Verdict {
  /** The fields that are wrong, as in a refusal with 422; empty where all are right. */
  errors: Array<FieldError>;
}

/** A worker of this process. */
export interface WorkerView {
  /** When it last reported; null until then. RFC 3339 in UTC. */
  last_seen_at: string | null;
  /** Its name. */
  name: string;
  /** Whether it has reported within the time that it should. */
  ok: boolean;
}
