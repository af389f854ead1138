import type {
  ClientError, ClientEvents, ClientOptions, ConnectionStatus, Listener, MarkReadResult, ServerEvents, SocketLike,
  WebSocketClient,
} from "../websocket-client";
import { Connection, type Io } from "./connection";
import { Cursor, isPosition } from "./cursor";
import { Emitter } from "./emitter";
import { hintFor } from "./hints";
import { BrowserNotifications, requestPermission } from "./notifications";
import type { Page } from "./page";

/** What a client needs of the world around it. */
export interface Surroundings {
  page: Page;
  storage: Storage | undefined;
  io: () => Io | undefined;
  loadIo: (scriptUrl: string) => Io | Promise<Io>;
  random: () => number;
  now: () => number;
  /** Tells the page's developer something. */
  warn: (text: string) => void;
}

/** Events that are about the connection. All others are of the log, and the compiler refuses to leave one out of `LOGGED`. */
type ConnectionEvent = "connection_status" | "pong" | "going_away" | "subscribed" | "unsubscribed" | "error";

/** The events of the log, by their names on the wire, with their names for listeners. */
const LOGGED: Readonly<Record<Exclude<keyof ServerEvents, ConnectionEvent>, keyof ClientEvents>> = {
  new_listing: "new_listing",
  listing_updated: "listing_updated",
  notification: "notification",
  notification_read: "notification_read",
  scraper_status_update: "scraper_status",
  system_message: "system_message",
};

const MARK_READ_TIMEOUT_MS = 10_000;

/** The client: one connection, what was seen of it, and who listens. */
export class Client implements WebSocketClient {
  readonly #emitter = new Emitter<ClientEvents>();
  readonly #cursor: Cursor;
  readonly #connection: Connection;
  readonly #notifications: BrowserNotifications;
  readonly #warn: (text: string) => void;
  readonly #warned = new Set<string>();
  #wantsScraperStatus = false;
  #wantsPong = false;

  constructor(options: Required<Pick<ClientOptions, "url" | "path">> & ClientOptions, surroundings: Surroundings) {
    const { url, path, token } = options;
    const { page, storage, random, now } = surroundings;
    const withCredentials = options.withCredentials ?? false;
    this.#warn = surroundings.warn;
    this.#cursor = new Cursor(storage, `superbot:cursor:${url}`);
    this.#notifications = new BrowserNotifications(now, options.mayNotify);
    this.#notifications.listings = options.notifyListings ?? false;
    this.#connection = new Connection(
      {
        url, path, page, random, now, withCredentials,
        hintFor: (code) => hintFor(code, { url, page, token, withCredentials }),
        auth: () => ({ ...(token === undefined ? {} : { token }), ...sinceOf(this.#cursor) }),
        loadIo: () => surroundings.loadIo(`${url}/socket.io/socket.io.min.js`),
      },
      {
        connected: () => this.#onConnected(),
        disconnected: (reason) => this.#emitter.emit("disconnected", { reason }),
        status: (status) => this.#emitter.emit("status", status),
        error: (error) => this.#onConnectionError(error),
      },
    );
    this.#listen();
    this.#connection.start(surroundings.io());
  }

  get connected(): boolean {
    return this.#connection.connected;
  }

  get socket(): SocketLike {
    return this.#connection.socket;
  }

  get notifyListings(): boolean {
    return this.#notifications.listings;
  }

  set notifyListings(wanted: boolean) {
    this.#notifications.listings = wanted;
  }

  on<Name extends keyof ClientEvents>(event: Name, listener: Listener<Name>): this {
    this.#emitter.on(event, listener);
    return this;
  }

  once<Name extends keyof ClientEvents>(event: Name, listener: Listener<Name>): this {
    this.#emitter.on(event, listener, true);
    return this;
  }

  off<Name extends keyof ClientEvents>(event: Name, listener: Listener<Name>): this {
    this.#emitter.off(event, listener);
    return this;
  }

  subscribeScraperStatus(): void {
    this.#wantsScraperStatus = true;
    if (this.connected) this.socket.emit("subscribe_scraper_status");
  }

  unsubscribeScraperStatus(): void {
    this.#wantsScraperStatus = false;
    if (this.connected) this.socket.emit("unsubscribe_scraper_status");
  }

  ping(): void {
    if (this.connected) this.socket.emit("ping");
    else this.#wantsPong = true;
  }

  connect(): void {
    this.#connection.connect();
  }

  disconnect(): void {
    this.#connection.disconnect();
  }

  requestNotificationPermission(): Promise<NotificationPermission | "unsupported"> {
    return requestPermission();
  }

  markRead(ids: number | readonly number[]): Promise<MarkReadResult> {
    return new Promise((resolve) => {
      const timer = setTimeout(
        () => resolve({ ok: false, code: "timeout", message: "the server did not answer" }),
        MARK_READ_TIMEOUT_MS,
      );
      this.socket.emit("notification_read", { ids: [ids].flat() }, (answer: MarkReadResult) => {
        clearTimeout(timer);
        resolve(answer);
      });
    });
  }

  #listen(): void {
    const socket = this.socket;
    socket.on("connection_status", (status: ConnectionStatus) => this.#onConnectionStatus(status));
    socket.on("going_away", (order: { retry_after_ms: number }) => this.#connection.goingAway(order.retry_after_ms));
    socket.on("error", (error: ClientEvents["error"]) => this.#emitter.emit("error", error));
    for (const [wireName, name] of Object.entries(LOGGED)) {
      socket.on(wireName, (payload: ClientEvents[typeof name]) => this.#onLogged(name, payload));
    }
  }

  #onConnected(): void {
    this.#emitter.emit("connected", undefined);
    if (this.#wantsScraperStatus) this.socket.emit("subscribe_scraper_status");
    if (this.#wantsPong) this.socket.emit("ping");
    this.#wantsPong = false;
  }

  #onConnectionError(error: ClientError): void {
    this.#emitter.emit("error", error);
    const { hint } = error;
    // Once for each: attempts are repeated for as long as the page is open.
    if (hint === undefined || this.#warned.has(hint)) return;
    this.#warned.add(hint);
    this.#warn(`Super-Bot: no events arrive: ${error.message}. ${hint}`);
  }

  #onConnectionStatus(status: ConnectionStatus): void {
    const gap = this.#cursor.position !== undefined && !status.recovered;
    // Dropped first, so that a page which reloads in its listener does not ask for the same again.
    if (gap) this.#cursor.clear();
    this.#emitter.emit("status", { ...status, gap });
    // While a replay is under way only its events move the cursor.
    if (isPosition(status) && (!status.recovered || status.replayed === 0)) {
      this.#cursor.set({ epoch: status.epoch, seq: status.seq });
    }
  }

  #onLogged<Name extends keyof ClientEvents>(name: Name, payload: ClientEvents[Name]): void {
    const { seq } = payload as { seq?: unknown };
    if (this.#cursor.hasSeen(seq)) return;
    this.#emitter.emit(name, payload);
    this.#notifications.consider(name, payload);
    // Only now: what a listener did not get to see is asked for again.
    this.#cursor.advance(seq);
  }
}

function sinceOf(cursor: Cursor): Record<string, unknown> {
  const { position } = cursor;
  return position === undefined ? {} : { since: position.seq, epoch: position.epoch };
}
