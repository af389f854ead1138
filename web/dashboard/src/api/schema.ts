// Generated from docs/openapi.json by `npm run types`; a test fails when the two differ.

/** Any JSON object. */
export type JsonObject = Record<string, unknown>;

/** Acknowledgement of an accepted event. */
export interface AcceptedEvent {
  /** Always true. */
  ok: true;
}

/** Acknowledgement of `notification_read`. */
export interface AcceptedReading {
  /** Always true. */
  ok: true;
  /** Number of notifications that remain unread. */
  unread: number;
}

/** Acknowledgement of subscribing or unsubscribing. */
export interface AcceptedSubscription {
  /** The subscription: `scraper_status`. */
  channel: string;
  /** Always true. */
  ok: true;
}

/** Result of publishing an array of listings. */
export interface BatchResult {
  /** Number of new listings. */
  created: number;
  /** Results in the order of the listings. */
  items: Array<ItemResult>;
  /** Number of listings that were not stored. */
  rejected: number;
  /** Number of known listings with the same content. */
  unchanged: number;
  /** Number of known listings that have changed. */
  updated: number;
}

/** The caller: a user, or a token that belongs to no user. */
export interface CallerView {
  /** Creation time of the account. RFC 3339 in UTC. */
  created_at: string | null;
  /** Id of the user; null for a token that belongs to no user. */
  id: number | null;
  /** Whether the caller has all permissions. */
  is_admin: boolean;
  /** Name with which the user signs in. */
  username: string | null;
}

/** A subscription was created or removed. */
export interface ChannelSubscription {
  /** The subscription: `scraper_status`. */
  channel: string;
}

/** A user with at least one connection. */
export interface ConnectedUser {
  /** Start of the oldest connection. RFC 3339 in UTC. */
  connected_at: string;
  /** Number of the user's connections. */
  connections: number;
  /** Name with which the user signs in. */
  username: string;
}

/** Users connected to any process on the same store. */
export interface ConnectedUsers {
  /** Number of connections, including anonymous ones. */
  connections: number;
  /** Number of users with at least one connection. */
  count: number;
  /** Connected users, ordered by name. */
  users: Array<ConnectedUser>;
}

/** State of a connection. */
export type ConnectionState = "connected";

/** First event on a new connection. */
export interface ConnectionStatus {
  /** Whether the connection has a valid credential. */
  authenticated: boolean;
  /** Identifier of the log; a store restored from a backup has another one. */
  epoch: string;
  /** Whether all events missed since the client's cursor follow. */
  recovered: boolean;
  /** Number of replayed events. */
  replayed: number;
  /** Sequence number after which events are live. */
  seq: number;
  /** State of the connection. */
  status: ConnectionState;
  /** Time of the server. RFC 3339 in UTC. */
  timestamp: string;
  /** Name of the signed-in user; `null` for anonymous connections and for tokens that belong to no user. */
  username: string | null;
}

/** A new invitation. Only the response that creates it contains its secret. */
export interface CreatedInvite {
  /** Expiry time. RFC 3339 in UTC. */
  expires_at: string;
  /** Unique id. */
  id: number;
  /** Secret with which to register. */
  invite: string;
}

/** A password reset link. Only the response that creates it contains its secret. */
export interface CreatedPasswordReset {
  /** Expiry time. RFC 3339 in UTC. */
  expires_at: string;
  /** Secret at the end of the link: `/reset#TOKEN`. */
  token: string;
}

/** A new API token. Only the response that creates it contains its secret. */
export type CreatedToken = TokenView & {
  /** Secret of the token. */
  token: string;
};

/** What to write about a favourite. */
export interface FavoriteNotes {
  /** At most 2,000 characters; null takes the notes away, and without the field they stay as they are. */
  notes?: string | null;
}

/** A page of a list. */
export interface FavoritePage {
  items: Array<FavoriteView>;
  /** The `cursor` of the next page; null on the last page. */
  next_cursor: string | null;
}

/** A favourite listing. */
export interface FavoriteView {
  /** Time when it became a favourite. RFC 3339 in UTC. */
  created_at: string;
  /** The listing. */
  listing: ListingView;
  /** The user's notes. */
  notes: string | null;
}

/** An invalid field. */
export interface FieldError {
  /** Path of the field, such as `items[3].title`; empty for the whole body. */
  field: string;
  /** Names the given value and what would be valid. */
  message: string;
  /**
   * Position of the error in the field's text, in Unicode characters from 0, not counting leading white space; the
   * length of the text if something is missing at its end. Only for errors in keywords.
   */
  position?: number;
}

/** Result of validating fields. */
export interface FieldVerdict {
  /** Invalid fields, as in a response with status 422; empty if all are valid. */
  errors: Array<FieldError>;
  /** What may mean something else than was meant, such as `or` in small letters among the keywords. */
  warnings: Array<FieldError>;
}

/** The server is about to stop; clients reconnect automatically. */
export interface GoingAway {
  /** Delay in milliseconds before this client should reconnect. */
  retry_after_ms: number;
}

/** A page of a list. */
export interface InvitePage {
  items: Array<InviteView>;
  /** The `cursor` of the next page; null on the last page. */
  next_cursor: string | null;
}

/** An invitation, without its secret. */
export interface InviteView {
  /** Creation time. RFC 3339 in UTC. */
  created_at: string;
  /** Name of the admin who created it; null if a token without user did. */
  created_by: string | null;
  /** Expiry time. RFC 3339 in UTC. */
  expires_at: string;
  /** Unique id. */
  id: number;
  /** Time of registration; null if unused. RFC 3339 in UTC. */
  used_at: string | null;
  /** Name of the user who registered with it. */
  used_by: string | null;
}

export type ItemCondition = "new" | "like_new" | "good" | "fair" | "parts";

/** Reason for rejecting a listing. */
export interface ItemError {
  /** Stable error code. */
  code: string;
  /** Invalid fields. */
  errors?: Array<FieldError>;
  /** Description; the first error if there are several. */
  message: string;
}

/** Result of publishing one listing. */
export interface ItemResult {
  /** Reason of a rejection. */
  error?: ItemError;
  /** Id of the listing; absent if it was rejected. */
  id?: number;
  /** Number of the line, from 1, if listings were sent as lines. */
  line?: number;
  /** Price before an update that changed it; `null` if it was in another currency or for another period. */
  previous_price?: number | null;
  /** Price as parsed, in units of the currency; 0 if free, null if not stated. */
  price: number | null;
  /** Period of the price, as parsed; absent for the price of a sale. */
  price_per?: PricePeriod;
  /** What was done. */
  status: ItemStatus;
  /** Optional fields that were wrong, and how each was handled: left out, cut, or read as something else. */
  warnings?: Array<FieldError>;
}

/** What was done with a published listing. */
export type ItemStatus = "created" | "updated" | "unchanged" | "rejected";

/** A listing. Its texts are untrusted input: plain text, never markup. */
export interface Listing {
  condition?: ItemCondition | null;
  /** Time of posting; if unknown, when the listing was first seen. RFC 3339 in UTC. */
  created_at: string;
  /** ISO 4217 code of the currency of `price` and `previous_price`, such as `USD`. */
  currency: string;
  /** The publisher's own id; `null` if there is none, absent in events from before the field existed. */
  external_id?: string | null;
  /** Id of the listing; preserved if the listing is removed for its age and posted again. */
  id: number;
  /** `http:` or `https:` URL of a picture. */
  image_url: string | null;
  /** `http:` or `https:` URL of the ad. */
  link: string;
  /** Location, as worded in the ad. */
  location: string | null;
  /**
   * In `listing_updated`, the price before this update, which equals `price` if only details changed. In responses
   * of the REST API, the price before its last change. `null` if there was none, if the ad stated none, and if it
   * was in another currency or for another period. Absent in `new_listing` and in notifications.
   */
  previous_price?: number | null;
  /** Price in units of the currency (28000, 24.99); `0` if free, `null` if not stated. */
  price: number | null;
  price_per?: PricePeriod | null;
  /**
   * Id of the original ad, if this one is a repost under another link: same title, location and price within 30
   * days. Absent otherwise.
   */
  reposted_of?: number;
  /** Name of the source on which it was found. */
  source: string;
  /** Title of the ad. */
  title: string;
}

/** A listing to be published. Only title, link and source can reject it: an optional field that is wrong is left out, cut or read as what it means, and the answer has a warning. Unknown fields are ignored. */
export interface ListingFields {
  /** The item's condition; `parts` is broken or incomplete. */
  condition?: "new" | "like_new" | "good" | "fair" | "parts" | null;
  /** When the ad was put up (RFC 3339); a time without a zone is UTC. */
  created_at?: string | null;
  /** What the price is in: an ISO 4217 code; the server's own currency, when left out. A price in a currency that is not known is not stated. */
  currency?: string | null;
  /** Its text; what exceeds 20,000 characters is cut off. */
  description?: string | null;
  /** The publisher's own id; `id` is read where it is left out. */
  external_id?: string | null;
  /** An http or https address. */
  image_url?: string | null;
  /** Where it is found: an http or https address. */
  link: string;
  /** Where it is; what exceeds 200 characters is cut off. */
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
  /** The `cursor` of the next page; null on the last page. */
  next_cursor: string | null;
}

/** A page of listings, with the total number if requested. */
export type ListingSearchPage = ListingPage & {
  /** With `count=true`, the number of listings on all pages, if it is at most 10,000. */
  count?: number;
  /** With `count=true`, a lower bound of the number: 10,000, or less if counting would take too long. */
  count_at_least?: number;
};

/** A listing that always has `previous_price`, as in `listing_updated` and the REST API. */
export type ListingUpdate = Listing & Required<Pick<Listing, "previous_price">>;

/** A listing with all known details. */
export type ListingView = ListingUpdate & {
  /** Text of the ad. */
  description: string | null;
  /** Time when it was first stored. RFC 3339 in UTC. */
  first_seen_at: string;
  /** Time of its last change. RFC 3339 in UTC. */
  updated_at: string;
};

/** One listing, or an array of them. */
export type ListingsInput = ListingFields | Array<ListingFields>;

/** A page of a list. */
export interface MatchPage {
  items: Array<MatchView>;
  /** The `cursor` of the next page; null on the last page. */
  next_cursor: string | null;
}

/** A price alert or a saved search of the caller that matched a listing. */
export interface MatchView {
  /** The clause that decides about the listing in its current state. */
  because: string;
  /** Id of the alert or search. */
  id: number;
  /** Whether the caller has excluded the listing from its notifications. */
  ignored: boolean;
  /** Keywords of the alert or search. */
  keywords: string;
  /** `price_alert` or `saved_search`. */
  kind: string;
  /** Name of the search; null for price alerts. */
  name: string | null;
  /** Price of the listing at the last match, in units of the listing's currency; 0 if free, null if not stated. */
  price: number | null;
  price_per: PricePeriod | null;
  /** Whether the listing still matches in its current state. */
  still_matches: boolean;
  /** Time of the notification; null while it is pending, and if the alert or search does not notify. RFC 3339 in UTC. */
  told_at: string | null;
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
  /** The invitation, if registration is by invitation. */
  invite?: string | null;
  /** The password. */
  password: string;
  /** The user name. */
  username: string;
}

/** A new password, set through a reset link. */
export interface NewPassword {
  /** The new password. */
  password: string;
  /** Whether the user's API tokens are revoked too; they are unless this is `false`. */
  revoke_tokens?: boolean;
  /** The token at the end of the link. */
  token: string;
}

/** Input for a password reset link. */
export interface NewPasswordReset {
  /** The password of the signed-in admin; needed for a link of an admin, unless an `admin` token asks. */
  current_password?: string | null;
}

/** A new source. */
export interface NewSource {
  /** The kind of source, one of those of `GET /api/source-kinds`. */
  kind: string;
  /** Its name, which will be the `source` of its listings: 1 to 50 of a-z, 0-9, _ . - */
  name: string;
  /** The settings with other values than their defaults; see `GET /api/source-kinds`. */
  settings?: Record<string, unknown>;
}

/** A new token. */
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

/** A new user. */
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
  /** The `cursor` of the next page; null on the last page. */
  next_cursor: string | null;
}

/** A notification in a user's list. */
export type NotificationView = UserNotification & {
  /** Time when it was read; `null` while unread. RFC 3339 in UTC. */
  read_at: string | null;
  /** Sequence number of its event. */
  seq: number;
};

/** Notifications were marked as read, on this or another connection. */
export interface NotificationsRead {
  /** Ids of those that were unread before; an event contains at most the newest 1,000. */
  ids: Array<number>;
  /** Number of notifications that remain unread. */
  unread: number;
}

/** A listing read from a page, in the format for publishing, without source. */
export interface PageListing {
  condition: ItemCondition | null;
  /** Time of posting. RFC 3339 in UTC. */
  created_at: string | null;
  /** Currency of the price, if there is one. */
  currency: string | null;
  /** Text of the ad. */
  description: string | null;
  /** The site's own id. */
  external_id: string | null;
  /** URL of its first picture. */
  image_url: string | null;
  /** URL of the ad. */
  link: string;
  /** Location, as worded on the page. */
  location: string | null;
  /** Whether the ad accepts offers. */
  negotiable: boolean;
  /** Asking price in units of the currency; 0 if free, null if not stated. */
  price: number | null;
  price_per: PricePeriod | null;
  /** Title on one line. */
  title: string;
}

/** Result of reading a posted page. */
export interface PageView {
  /** With `publish=true`, the result for each of them; otherwise null. */
  items: Array<ItemResult> | null;
  /** Listings on the page. */
  listings: Array<PageListing>;
  /** Evidence for the outcome, in a short sentence. */
  reason: string;
  /** Outcome: `ok`, `empty`, `blocked`, `login_wall`, `rate_limited` or `shape_changed`. */
  state: string;
}

/** A change of the password. */
export interface PasswordChange {
  /** The current password. */
  current_password: string;
  /** The new password. */
  new_password: string;
  /** Whether the user's API tokens are revoked too. */
  revoke_tokens?: boolean;
}

/** Response to `ping`. */
export interface PongReply {
  /** Time of the server. RFC 3339 in UTC. */
  timestamp: string;
}

/** What would have matched among listings first seen in the last 30 days, in their current state. */
export interface PreviewView {
  /** Number of matches; absent if not all are counted: beyond 10,000, or with very many listings. */
  count?: number;
  /** Lower bound of the number, if not all are counted. */
  count_at_least?: number;
  /** Up to five listings among the newest 50,000 that only one clause rejects. */
  near_misses: Array<NearMissView>;
  /** Matches per week, extrapolated from the time since `since`. */
  per_week: number;
  /** The ten newest matches, newest first. */
  sample: Array<ListingView>;
  /** Start of the time span from which `per_week` is computed, at least a day ago. RFC 3339 in UTC. */
  since: string;
  /** What may mean something else than was meant, such as `or` in small letters among the keywords. */
  warnings: Array<FieldError>;
}

/** A price alert. */
export interface PriceAlert {
  /** False while the alert is paused. */
  active: boolean;
  /** `under` or `over`. */
  alert_type: string;
  /** Minutes after a notification during which matches are collected for the next one. */
  cooldown_minutes: number;
  /** Creation time. RFC 3339 in UTC. */
  created_at: string;
  /** Currency of the threshold. */
  currency: string;
  /** Id, from a sequence shared with saved searches. */
  id: number;
  /** Whether free listings match. */
  include_free: boolean;
  /** Keywords; empty if other criteria suffice. */
  keywords: string;
  /** Time of the last notification; `null` if there was none. RFC 3339 in UTC. */
  last_told_at: string | null;
  price_per: PricePeriod | null;
  /** Sources to which the alert is restricted; empty for all. */
  sources: Array<string>;
  /** Price threshold in units of the currency. */
  threshold_price: number;
  /** Time when it was last edited, paused or resumed. RFC 3339 in UTC. */
  updated_at: string;
  /** What may mean something else than was meant, such as `or` in small letters among the keywords. */
  warnings: Array<FieldError>;
}

/** Data of a `price_alert` notification. */
export interface PriceAlertData {
  /** Id of the alert. */
  alert_id: number;
  /** `under` or `over`. */
  alert_type: string;
  /** ISO 4217 code of the threshold's currency. */
  currency: string;
  /** Keywords of the alert. */
  keywords: string;
  /** The newest matching listing. */
  listing: Listing;
  /** If there are several matches, the newest ten, newest first. */
  listings?: Array<Listing>;
  /** Summary as text, for clients without texts of their own. */
  message: string;
  price_per?: PricePeriod | null;
  /** If there are several matches, their number. */
  results_count?: number;
  /** Price threshold of the alert in units of its currency. */
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
  /** The `cursor` of the next page; null on the last page. */
  next_cursor: string | null;
}

/** A page of a list. */
export interface PricePage {
  items: Array<PriceView>;
  /** The `cursor` of the next page; null on the last page. */
  next_cursor: string | null;
}

export type PricePeriod = "hour" | "day" | "week" | "month" | "year" | "area";

/** A price and the time from which it applied. */
export interface PriceView {
  /** Time from which the price applied. RFC 3339 in UTC. */
  at: string;
  /** ISO 4217 code of the currency. */
  currency: string;
  /** Price in units of the currency; `0` if free, `null` if not stated. */
  price: number | null;
  price_per: PricePeriod | null;
}

/** An error: a status, a stable code, and explanations for people. */
export interface Problem {
  /** A stable identifier for programs. */
  code: string;
  /** What is wrong with this request. */
  detail: string;
  /** The invalid fields, each with what would be right. */
  errors?: Array<FieldError>;
  /** The HTTP status, repeated in the body as RFC 9457 asks. */
  status: number;
  /** The kind of problem. */
  title: string;
}

/** Result of publishing. */
export type PublishResult = ItemResult | BatchResult;

/** Acknowledgement of a rejected event. */
export type RefusedEvent = SocketError & {
  /** Always false. */
  ok: false;
};

/** Numbers of one run. */
export interface RunView {
  /** End of the run. RFC 3339 in UTC. */
  at: string;
  /** Number of those that were new. */
  created: number;
  /** Number of listings on its pages. */
  listings: number;
}

/** A saved search. */
export interface SavedSearch {
  /** False while the search is paused. */
  active: boolean;
  /** Interval of notifications: `instant`, `15m`, `hourly` or `daily`. */
  cadence: string;
  /** Creation time. RFC 3339 in UTC. */
  created_at: string;
  /** Currency of the prices. */
  currency: string;
  /** Id, from a sequence shared with price alerts. */
  id: number;
  /** Whether free listings match if there is a price limit. */
  include_free: boolean;
  /** Keywords; empty if other criteria suffice. */
  keywords: string;
  /** Time of the last notification; `null` if there was none. RFC 3339 in UTC. */
  last_told_at: string | null;
  /** Words that the listing's location must contain. */
  location: string | null;
  /** Maximum price in units of the currency. */
  max_price: number | null;
  /** Minimum price in units of the currency. */
  min_price: number | null;
  /** Name given by the user. */
  name: string;
  /** Whether the user is notified of matches. */
  notify_new: boolean;
  price_per: PricePeriod | null;
  /** Always null: listings carry words, not positions. */
  radius: null;
  /** Sources to which the search is restricted; empty for all. */
  sources: Array<string>;
  /** Time when it was last edited, paused or resumed. RFC 3339 in UTC. */
  updated_at: string;
  /** What may mean something else than was meant, such as `or` in small letters among the keywords. */
  warnings: Array<FieldError>;
}

/** Data of a `saved_search` notification. */
export interface SavedSearchData {
  /** The newest ten matches, newest first. */
  listings: Array<Listing>;
  /** Summary as text, for clients without texts of their own. */
  message: string;
  /** Number of matches. */
  results_count: number;
  /** Id of the search. */
  search_id: number;
  /** Name of the search. */
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
  /** The `cursor` of the next page; null on the last page. */
  next_cursor: string | null;
}

/** Whether each source is running: one boolean per source, beside `timestamp`. */
export interface ScraperStatus {
  /** Sequence number of the event. Absent if the current status is repeated: at the start of a subscription, and on event streams. */
  seq?: number;
  /** Time of the last change. RFC 3339 in UTC. */
  timestamp: string;
  [name: string]: boolean | number | string | undefined;
}

/** A stored system message. */
export interface SentMessage {
  /** Sequence number of its event. */
  seq: number;
}

/** A stored notification. */
export interface SentNotification {
  /** Unique id. */
  id: number;
  /** Sequence number of its event. */
  seq: number;
}

/** A page of a list. */
export interface SessionPage {
  items: Array<SessionView>;
  /** The `cursor` of the next page; null on the last page. */
  next_cursor: string | null;
}

/** A browser session of the caller. */
export interface SessionView {
  /** Network address of the browser at sign-in; empty if unknown. */
  address: string;
  /** Time of sign-in. RFC 3339 in UTC. */
  created_at: string;
  /** Whether it is the session of the request itself. */
  current: boolean;
  /** Expiry time. RFC 3339 in UTC. */
  expires_at: string;
  /** Unique id. */
  id: number;
  /** Time of last use, with a resolution of one minute. RFC 3339 in UTC. */
  last_seen_at: string;
  /** `User-Agent` of the browser at sign-in; empty if it sent none. */
  user_agent: string;
}

/** The first admin. */
export interface SetUp {
  /** The admin's password. */
  password: string;
  /** The token at the end of the link that the program printed. */
  token: string;
  /** The admin's name. */
  username: string;
}

/** User name and password. */
export interface SignIn {
  /** The user's password. */
  password: string;
  /** The user name. */
  username: string;
}

/** Options of the sign-in page. */
export interface SignInOptions {
  /** Who may register: `closed`, `invite` or `open`. */
  registration: string;
  /** Whether there is no admin yet, so that the setup link is required. */
  setup_needed: boolean;
}

/** A client's event was rejected. */
export interface SocketError {
  /** Stable error code: `rate_limited`, `bad_request`, `forbidden`, `unknown_event` or `unavailable`. */
  code: string;
  /** Description of the error. */
  message: string;
  /** With `rate_limited`, delay in milliseconds before a retry. */
  retry_after_ms?: number;
}

/** A change of a source. */
export interface SourceEdit {
  /** True confirms that you have read the site's terms and are responsible for complying with them. */
  accept_terms?: boolean;
  /** The settings to change; absent ones remain unchanged, and null resets one to its default. */
  settings?: Record<string, unknown>;
}

/** A page of a list. */
export interface SourceKindPage {
  items: Array<SourceKindView>;
  /** The `cursor` of the next page; null on the last page. */
  next_cursor: string | null;
}

/** A kind of source. */
export interface SourceKindView {
  /** URL of its site; null if it can read pages of any site. */
  home: string | null;
  /** Name, as used by `POST /api/sources`. */
  name: string;
  /** Its settings, in the order of a form. */
  settings: Array<SourceSettingView>;
  /** What it reads, in one sentence. */
  summary: string;
  /** Terms that an admin must acknowledge before the site is accessed. */
  terms: string | null;
  /** Display name. */
  title: string;
}

/** Data of a `source_status` notification: a source that the user's alerts depend on has failed or recovered. */
export interface SourceNoticeData {
  /** End of the last successful run; `null` if there was none. RFC 3339 in UTC. */
  last_good_at: string | null;
  /** Summary as text, for clients without texts of their own. */
  message: string;
  /** Evidence for the state. */
  reason: string;
  /** Time since which the source has been in this state. RFC 3339 in UTC. */
  since: string;
  /** Name of the source. */
  source: string;
  /** Outcome of the last run. */
  state: string;
}

/** A page of a list. */
export interface SourcePage {
  items: Array<SourceView>;
  /** The `cursor` of the next page; null on the last page. */
  next_cursor: string | null;
}

/** A setting of a source. */
export interface SourceSettingView {
  /** Default value; null if there is none. */
  default: unknown;
  /** Example of a value. */
  example: string | null;
  /** What it does, in one sentence; empty if the label suffices. */
  help: string;
  /** Label in a form. */
  label: string;
  /** Maximum of an integer. */
  maximum: number | null;
  /** Minimum of an integer. */
  minimum: number | null;
  /** Path in the settings, such as `area`, or `fields.title` for the location of a part of the page. */
  name: string;
  /**
   * Whether a source cannot be started without it; settings below `fields` are required for saving. `urls` replaces
   * all other required settings except those below `fields`.
   */
  required: boolean;
  /** Section of a form: `site`, `parts`, `searches`, `schedule` or `advanced`. */
  section: string;
  /**
   * Type of the value: `word`, `integer`, `boolean`, `url`, `url_list`, `search_list`, `currency`, `css_selector` or
   * `json_path`.
   */
  type: string;
}

/** A source. */
export interface SourceView {
  /** Number of consecutive failed runs. */
  failures: number;
  /** Kind of source; see `GET /api/source-kinds`. */
  kind: string;
  /** End of its last successful run. RFC 3339 in UTC. */
  last_good_at: string | null;
  /** End of its last run. RFC 3339 in UTC. */
  last_run_at: string | null;
  /** Name, which is the `source` of its listings. */
  name: string;
  /** Time of the next run; null while disabled. RFC 3339 in UTC. */
  next_run_at: string | null;
  /** Evidence for the state, in a short sentence. */
  reason: string;
  /** Number of requests made today, in UTC. */
  requests_today: number;
  /** Whether it is enabled. */
  running: boolean;
  /** The last runs, oldest first. */
  runs: Array<RunView>;
  /** All settings, including defaults. */
  settings: Record<string, unknown>;
  /** Time since which it has been in this state. RFC 3339 in UTC. */
  since: string;
  /** Outcome of its last run. */
  state: string;
  /** Terms of the site, if known. */
  terms: string | null;
  /** Time when an admin acknowledged the terms. RFC 3339 in UTC. */
  terms_accepted_at: string | null;
  /** A suspicious observation that is not a failure. */
  warning: string | null;
}

/** Statistics of the store, and the state of this process. */
export interface StatsView {
  /** Number of connections to this process. */
  connections: number;
  /** Number of events in the log. */
  events: number;
  /** Number of listings. */
  listings: number;
  /** Number of events that this process has not yet delivered to its clients. */
  log_lag: number;
  /** Number of notifications. */
  notifications: number;
  /** Sequence number of the newest event. */
  seq: number;
  /** Size of the store in bytes. */
  store_bytes: number;
  /** Time since the start of this process, in seconds. */
  uptime_seconds: number;
  /** Number of users. */
  users: number;
  /** Version of the program. */
  version: string;
  /** Workers of this process, ordered by name. */
  workers: Array<WorkerView>;
}

/** A message to everyone, such as an announcement of maintenance. */
export interface SystemMessage {
  /** Severity. */
  level: MessageLevel;
  /** Text of 1 to 2,000 characters. */
  message: string;
  /** Time of sending. RFC 3339 in UTC. */
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
  /** The `cursor` of the next page; null on the last page. */
  next_cursor: string | null;
}

/** An API token, without its secret. */
export interface TokenView {
  /** Creation time. RFC 3339 in UTC. */
  created_at: string;
  /** First characters of the secret, by which the owner recognizes it. */
  hint: string;
  /** Unique id. */
  id: number;
  /** Time of last use, with a resolution of one minute; null if unused. RFC 3339 in UTC. */
  last_used_at: string | null;
  /** Name given by the owner. */
  name: string;
  /** Permitted use: `user`, `publish`, `metrics` or `admin`. */
  scope: string;
  /** Id of the owner; null for a token that belongs to no user. */
  user_id: number | null;
}

/** Number of unread notifications. */
export interface UnreadCount {
  /** Number of unread notifications. */
  unread: number;
}

/** A change to a user. */
export interface UserChange {
  /** Whether the account is disabled; unchanged if absent. */
  disabled?: boolean | null;
}

/** A notification of the signed-in user. */
export type UserNotification = {
  /** Unique id. */
  id: number;
  /** Time of sending. RFC 3339 in UTC. */
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
  /** The `cursor` of the next page; null on the last page. */
  next_cursor: string | null;
}

/** A user as shown to admins. */
export interface UserView {
  /** Creation time of the account. RFC 3339 in UTC. */
  created_at: string;
  /** Whether the account is disabled. */
  disabled: boolean;
  /** Unique id. */
  id: number;
  /** Whether the user has all permissions. */
  is_admin: boolean;
  /** Name with which the user signs in. */
  username: string;
}

/** A worker of this process. */
export interface WorkerView {
  /** Time of its last heartbeat; null if there was none. RFC 3339 in UTC. */
  last_seen_at: string | null;
  /** Name of the worker. */
  name: string;
  /** Whether its last heartbeat is recent. */
  ok: boolean;
}
