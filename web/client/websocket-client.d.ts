/**
 * Types of Super-Bot's browser client.
 *
 * They describe both forms it is built in: the classic script `websocket-client.js`, which defines `window.wsClient`, and the
 * ES module `websocket-client.mjs`, which exports `createClient`.
 */

// --- Generated from docs/openapi.json by `npm run types`; a test fails when the two differ. ---

/** A listing as it is sent to browsers. Everything in it was written by strangers: text, never markup. */
export interface Listing {
  id: number;
  title: string;
  /** In currency units (28000, 24.99); `null` when the ad states none, `0` when it is free. */
  price: number | null;
  /** ISO 4217, for example `USD`. */
  currency: string;
  /** An `http:` or `https:` address. */
  link: string;
  source: string;
  image_url: string | null;
  location: string | null;
  /** RFC 3339 in UTC. */
  created_at: string;
  /** The first of the ads that this one repeats under a link of its own: same title, place and price within 30 days. */
  reposted_of?: number;
  seq?: number;
}

/** A known listing whose price or text changed. */
export interface ListingUpdate extends Listing {
  previous_price: number | null;
}

/** What a `price_alert` notification says. */
export interface PriceAlertData {
  message: string;
  keywords: string;
  threshold_price: number;
  alert_type: string;
  alert_id: number;
  listing: Listing;
}

/** What a `saved_search` notification says; `listings` holds the newest ten. */
export interface SavedSearchData {
  message: string;
  search_id: number;
  search_name: string;
  results_count: number;
  listings: Listing[];
}

/** One notification of the signed-in user. `data` has a publisher's own shape for every `type` but the first two. */
export type UserNotification = { id: number; timestamp: string; seq?: number } & (
  | { type: "price_alert"; data: PriceAlertData }
  | { type: "saved_search"; data: SavedSearchData }
  | { type: string & {}; data: Record<string, unknown> }
);

/** Which sources run: one boolean per source, beside `timestamp` and, on live updates, `seq`. */
export interface ScraperStatus {
  [source: string]: boolean | string | number | undefined;
  timestamp: string;
}

/** A message for everyone, for example of planned maintenance. */
export interface SystemMessage {
  message: string;
  level: "info" | "success" | "warning" | "error";
  timestamp: string;
  seq?: number;
}

/** Notifications were read, here or in another tab; `unread` are left. */
export interface NotificationsRead {
  ids: number[];
  unread: number;
  seq?: number;
}

/** The server's word on a new connection. */
export interface ConnectionStatus {
  status: "connected";
  authenticated: boolean;
  username: string | null;
  timestamp: string;
  /** The number in the log after which events are live. */
  seq: number;
  epoch: string;
  /** Whether everything missed since the last connection is being sent again. */
  recovered: boolean;
  replayed: number;
}

/** The payloads of events as the server sends them. */
export interface ServerEvents {
  connection_status: ConnectionStatus;
  listing_updated: ListingUpdate;
  new_listing: Listing;
  notification: UserNotification;
  notification_read: NotificationsRead;
  scraper_status_update: ScraperStatus;
  system_message: SystemMessage;
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
