/**
 * Types of Super-Bot's browser client.
 *
 * They describe both forms it is built in: the classic script `websocket-client.js`, which defines `window.wsClient`, and the
 * ES module `websocket-client.mjs`, which exports `createClient`.
 */

// --- Generated from docs/openapi.json by `npm run types`; a test fails when the two differ. ---

/** A subscription was created or removed. */
export interface ChannelSubscription {
  /** The subscription: `scraper_status`. */
  channel: string;
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

/** The server is about to stop; clients reconnect automatically. */
export interface GoingAway {
  /** Delay in milliseconds before this client should reconnect. */
  retry_after_ms: number;
}

export type ItemCondition = "new" | "like_new" | "good" | "fair" | "parts";

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

/** A listing that always has `previous_price`, as in `listing_updated` and the REST API. */
export type ListingUpdate = Listing & Required<Pick<Listing, "previous_price">>;

export type MessageLevel = "info" | "success" | "warning" | "error";

/** Notifications were marked as read, on this or another connection. */
export interface NotificationsRead {
  /** Ids of those that were unread before; an event contains at most the newest 1,000. */
  ids: Array<number>;
  /** Number of notifications that remain unread. */
  unread: number;
}

/** Response to `ping`. */
export interface PongReply {
  /** Time of the server. RFC 3339 in UTC. */
  timestamp: string;
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

export type PricePeriod = "hour" | "day" | "week" | "month" | "year" | "area";

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

/** Whether each source is running: one boolean per source, beside `timestamp`. */
export interface ScraperStatus {
  /** Sequence number of the event. Absent if the current status is repeated: at the start of a subscription, and on event streams. */
  seq?: number;
  /** Time of the last change. RFC 3339 in UTC. */
  timestamp: string;
  [name: string]: boolean | number | string | undefined;
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

/** A message to everyone, such as an announcement of maintenance. */
export interface SystemMessage {
  /** Severity. */
  level: MessageLevel;
  /** Text of 1 to 2,000 characters. */
  message: string;
  /** Time of sending. RFC 3339 in UTC. */
  timestamp: string;
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

/** The payloads of events as the server sends them. */
export interface ServerEvents {
  connection_status: ConnectionStatus;
  error: SocketError;
  going_away: GoingAway;
  listing_updated: ListingUpdate & {
    /** The event's sequence number in the log. */
    seq: number;
  };
  new_listing: Listing & {
    /** The event's sequence number in the log. */
    seq: number;
  };
  notification: UserNotification & {
    /** The event's sequence number in the log. */
    seq: number;
  };
  notification_read: NotificationsRead & {
    /** The event's sequence number in the log. */
    seq: number;
  };
  pong: PongReply;
  scraper_status_update: ScraperStatus;
  subscribed: ChannelSubscription;
  system_message: SystemMessage & {
    /** The event's sequence number in the log. */
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
