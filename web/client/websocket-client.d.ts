/**
 * Types of Super-Bot's browser client.
 *
 * They describe both forms it is built in: the classic script `websocket-client.js`, which defines `window.wsClient`, and the
 * ES module `websocket-client.mjs`, which exports `createClient`.
 */

// --- Generated from docs/openapi.json by `npm run types`; a test fails when the two differ. ---

/** A subscription began or ended. */
export interface ChannelSubscription {
  /** What was subscribed to: `scraper_status`. */
  channel: string;
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

/** The server is about to stop; clients come back by themselves. */
export interface GoingAway {
  /** How long this client should wait before it connects again, in milliseconds. */
  retry_after_ms: number;
}

export type ItemCondition = "new" | "like_new" | "good" | "fair" | "parts";

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

/** A listing that always has `previous_price`: as `listing_updated` and the REST API give it. */
export type ListingUpdate = Listing & Required<Pick<Listing, "previous_price">>;

export type MessageLevel = "info" | "success" | "warning" | "error";

/** Notifications were read, on this connection or elsewhere. */
export interface NotificationsRead {
  /** Those that were unread before; an event names at most the newest 1,000. */
  ids: Array<number>;
  /** How many are still unread. */
  unread: number;
}

/** The answer to `ping`. */
export interface PongReply {
  /** The server's time. RFC 3339 in UTC. */
  timestamp: string;
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

export type PricePeriod = "hour" | "day" | "week" | "month" | "year" | "area";

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

/** Which sources run: one boolean for each source, beside `timestamp`. */
export interface ScraperStatus {
  /** The event's place in the log. Absent where the present status is repeated: when a subscription begins, and on event streams. */
  seq?: number;
  /** When it became so. RFC 3339 in UTC. */
  timestamp: string;
  [name: string]: boolean | number | string | undefined;
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

/** A message to everyone, for example of planned maintenance. */
export interface SystemMessage {
  /** How serious it is. */
  level: MessageLevel;
  /** The text, 1 to 2,000 characters. */
  message: string;
  /** When it was sent. RFC 3339 in UTC. */
  timestamp: string;
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

/** The payloads of events as the server sends them. */
export interface ServerEvents {
  connection_status: ConnectionStatus;
  error: SocketError;
  going_away: GoingAway;
  listing_updated: ListingUpdate & {
    /** The event's place in the log. */
    seq: number;
  };
  new_listing: Listing & {
    /** The event's place in the log. */
    seq: number;
  };
  notification: UserNotification & {
    /** The event's place in the log. */
    seq: number;
  };
  notification_read: NotificationsRead & {
    /** The event's place in the log. */
    seq: number;
  };
  pong: PongReply;
  scraper_status_update: ScraperStatus;
  subscribed: ChannelSubscription;
  system_message: SystemMessage & {
    /** The event's place in the log. */
    seq: number;
  };
  unsubscribed: ChannelSubscription;
}

// --- End of the generated part. ---

/** What this client adds to the server's event. */
export interface ConnectionStatus {
  /** Whether events were missed that will not come again, so that what is shown must be loaded over REST again. */
  gap: boolean;
}

/** What the connection is doing. */
export type Status =
  | ConnectionStatus
  | { status: "connecting" }
  | { status: "disconnected"; reason: string }
  | { status: "reconnecting"; retry_in_ms: number; attempt: number; reason: string }
  /** Nobody is signed in here; tried again now and then, and when the page is looked at again. */
  | { status: "unauthenticated"; retry_in_ms: number }
  | { status: "going_away"; retry_after_ms: number };

/** Something that went wrong; `code` is stable, `message` is for people. */
export interface ClientError {
  code: string;
  message: string;
  /** What to change in the page or on the server, where that would help; also written to the console, once. */
  hint?: string;
  retry_after_ms?: number;
}

/** The events a page can listen to, each with the payload that its listeners are given. */
export interface ClientEvents
  extends Pick<ServerEvents, "new_listing" | "listing_updated" | "notification" | "notification_read" | "system_message"> {
  connected: void;
  disconnected: { reason: string };
  scraper_status: ServerEvents["scraper_status_update"];
  status: Status;
  error: ClientError;
}

/** A function that is handed one kind of event. */
export type Listener<Name extends keyof ClientEvents> = (payload: ClientEvents[Name]) => unknown;

/** The part of a Socket.IO socket that is there even before Socket.IO has been loaded. */
export interface SocketLike {
  readonly connected: boolean;
  // The payloads of raw events are the application's own.
  on(event: string, listener: (...args: any[]) => void): this;
  once(event: string, listener: (...args: any[]) => void): this;
  off(event?: string, listener?: (...args: any[]) => void): this;
  emit(event: string, ...args: unknown[]): this;
  connect(): this;
  disconnect(): this;
}

/** What became of `markRead`. */
export type MarkReadResult =
  | { ok: true; unread: number }
  | { ok: false; code: string; message: string };

/** The client, in scripts known as `wsClient`. */
export interface WebSocketClient {
  readonly connected: boolean;
  /** The Socket.IO socket, for events this client does not know. */
  readonly socket: SocketLike;
  /** Whether new listings are shown as browser notifications too. */
  notifyListings: boolean;
  on<Name extends keyof ClientEvents>(event: Name, listener: Listener<Name>): this;
  once<Name extends keyof ClientEvents>(event: Name, listener: Listener<Name>): this;
  off<Name extends keyof ClientEvents>(event: Name, listener: Listener<Name>): this;
  /** Asks for scraper status, now and after every reconnection. */
  subscribeScraperStatus(): void;
  unsubscribeScraperStatus(): void;
  /** Asks the server for a `pong`, which arrives on `socket`. */
  ping(): void;
  connect(): void;
  /** Disconnects and stays so until `connect()`. */
  disconnect(): void;
  /** Asks for permission to show browser notifications; does nothing outside a user's click. */
  requestNotificationPermission(): Promise<NotificationPermission | "unsupported">;
  /** Marks notifications as read; never rejects. */
  markRead(ids: number | readonly number[]): Promise<MarkReadResult>;
}

/** Settings of a client; every one has a default. */
export interface ClientOptions {
  /** The server's address; by default where the script came from. */
  url?: string;
  /** Where Socket.IO answers on that server, `/socket.io/` by default. */
  path?: string;
  /** An API token, for pages of another origin, which have no session cookie. */
  token?: string;
  /** Sends the session cookie to another origin too, which must then be listed in `realtime.allowed_origins`. */
  withCredentials?: boolean;
  /** Shows new listings as browser notifications too. */
  notifyListings?: boolean;
  /** Asked before each browser notification; `false` holds it back. For quiet hours, say, or while the page is looked at. */
  mayNotify?: () => boolean;
  /** The `io` function of socket.io-client 3 or 4; by default `window.io`. An older one is not used: the server's is loaded. */
  io?: (url: string, options: any) => SocketLike;
}

/** Makes a client, which connects as soon as the page has been read. */
export function createClient(options?: ClientOptions): WebSocketClient;

/**
 * Installs the page's default Trusted Types policy, which cleans HTML with DOMPurify and refuses scripts.
 * In a browser without Trusted Types the page's own HTML sinks are guarded in the same way.
 */
export function guardMarkup(): void;

declare global {
  /** Defined by the classic script. */
  var wsClient: WebSocketClient;
}
