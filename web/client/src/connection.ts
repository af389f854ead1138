import type { ClientError, SocketLike, Status } from "../websocket-client";
import { BackOff } from "./back-off";
import type { Page } from "./page";
import { StandInSocket } from "./stand-in";

/** The `io` function of socket.io-client, any 4.x. */
export type Io = (url: string, options: Record<string, unknown>) => SocketLike;

/** Where to connect, with what, and through which edges of the outside world. */
export interface ConnectionOptions {
  url: string;
  path: string;
  withCredentials: boolean;
  /** What goes into each CONNECT packet. */
  auth: () => Record<string, unknown>;
  /** What to change after a refusal with this code, where it is not waiting. */
  hintFor: (code: string) => string | undefined;
  /** Finds or loads Socket.IO; rejects when it cannot be had now. */
  loadIo: () => Io | Promise<Io>;
  page: Page;
  random: () => number;
  /** A clock that never goes back, in milliseconds. */
  now: () => number;
}

/** What the connection tells its owner. */
export interface ConnectionEvents {
  connected: () => void;
  disconnected: (reason: string) => void;
  status: (status: Status) => void;
  error: (error: ClientError) => void;
}

/** How long to wait where nobody is signed in: someone may sign in elsewhere, but not every second. */
const UNAUTHENTICATED_RETRY_MS = 60_000;

/** Waking up never leads to attempts closer together than this. */
const WAKE_SPACING_MS = 1_000;

/**
 * One Socket.IO connection that is kept up.
 *
 * Reconnecting is done here rather than by Socket.IO: it would not obey the server's word on when to return, does not say how long
 * it waits, and gives up after a refusal or a disconnection by the server.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #events: ConnectionEvents;
  readonly #backOff: BackOff;
  readonly #standIn: StandInSocket;
  #real: SocketLike | undefined;
  #loading = false;
  #pageRead = false;
  #wanted = true;
  #putAway = false;
  #connectedAt: number | undefined;
  #hasConnected = false;
  #attemptedAt = -Infinity;
  #retry: { timer: ReturnType<typeof setTimeout>; mayWake: boolean } | undefined;

  constructor(options: ConnectionOptions, events: ConnectionEvents) {
    this.#options = options;
    this.#events = events;
    this.#backOff = new BackOff(options.random);
    this.#standIn = new StandInSocket({ connect: () => this.connect(), disconnect: () => this.disconnect() });
  }

  /** The real socket as soon as there is one. */
  get socket(): SocketLike {
    return this.#real ?? this.#standIn;
  }

  get connected(): boolean {
    return this.#connectedAt !== undefined;
  }

  /** Takes `io` where it is loaded, and connects once the page has been read. */
  start(io: Io | undefined): void {
    if (io !== undefined) this.#adopt(io);
    const { page } = this.#options;
    page.whenRead(() => {
      this.#pageRead = true;
      this.#attempt();
    });
    page.onWake(() => this.#wake());
    page.onPutAway(() => {
      this.#putAway = true;
      this.#close("page put away");
    });
    page.onShownAgain(() => {
      this.#putAway = false;
      this.#attempt();
    });
  }

  connect(): void {
    this.#wanted = true;
    this.#attempt();
  }

  disconnect(): void {
    this.#wanted = false;
    this.#close("io client disconnect");
  }

  /** Takes the server's announcement that it is about to stop. */
  goingAway(retry_after_ms: number): void {
    this.#backOff.order(retry_after_ms);
    this.#events.status({ status: "going_away", retry_after_ms });
  }

  #attempt(): void {
    if (!this.#pageRead || !this.#wanted || this.#putAway || this.connected) return;
    this.#cancelRetry();
    this.#attemptedAt = this.#options.now();
    this.#events.status({ status: "connecting" });
    if (this.#real !== undefined) this.#real.connect();
    else void this.#load();
  }

  async #load(): Promise<void> {
    if (this.#loading) return;
    this.#loading = true;
    try {
      const io = await this.#options.loadIo();
      this.#adopt(io);
    } catch (error) {
      this.#events.error({ code: "client_not_loaded", message: messageOf(error) });
      this.#scheduleRetry(messageOf(error));
      return;
    } finally {
      this.#loading = false;
    }
    // Meanwhile the page may have changed its mind.
    if (this.#wanted && !this.#putAway) this.#real?.connect();
  }

  #adopt(io: Io): void {
    const { url, path, withCredentials, auth } = this.#options;
    const socket = io(url, {
      path,
      withCredentials,
      autoConnect: false,
      reconnection: false,
      // A page may open connections of its own, which must not share this one's fate.
      forceNew: true,
      // A function, so that each connection says how far this one has seen.
      auth: (send: (payload: Record<string, unknown>) => void) => send(auth()),
    });
    socket.on("connect", () => this.#onConnect());
    socket.on("disconnect", (reason: string) => this.#onDisconnect(reason));
    socket.on("connect_error", (error: unknown) => this.#onConnectError(error));
    this.#real = socket;
    this.#standIn.become(socket);
  }

  #onConnect(): void {
    this.#cancelRetry();
    this.#connectedAt = this.#options.now();
    this.#hasConnected = true;
    this.#events.connected();
  }

  #onDisconnect(reason: string): void {
    // The page closed the socket itself, past `disconnect` of this class: that is meant to last too.
    if (reason === "io client disconnect" && !this.#putAway) this.#wanted = false;
    this.#noteEnd(reason);
    if (this.#wanted && !this.#putAway) this.#scheduleRetry(reason);
  }

  #onConnectError(error: unknown): void {
    const data = dataOf(error);
    const code = typeof data["code"] === "string" ? data["code"] : "connect_failed";
    this.#backOff.order(data["retry_after_ms"]);
    const hint = this.#hintFor(code);
    this.#events.error({ code, message: messageOf(error), ...(hint === undefined ? {} : { hint }) });
    if (!this.#wanted || this.#putAway) return;
    if (code === "unauthenticated") {
      const retry_in_ms = Math.round(UNAUTHENTICATED_RETRY_MS * (1 + this.#options.random()));
      this.#retryIn(retry_in_ms, true);
      this.#events.status({ status: "unauthenticated", retry_in_ms });
    } else {
      this.#scheduleRetry(messageOf(error));
    }
  }

  /** A connection that has worked needs no other settings to work again. */
  #hintFor(code: string): string | undefined {
    return code === "connect_failed" && this.#hasConnected ? undefined : this.#options.hintFor(code);
  }

  #scheduleRetry(reason: string): void {
    const mayWake = !this.#backOff.isOrdered;
    const retry_in_ms = this.#backOff.next();
    this.#retryIn(retry_in_ms, mayWake);
    this.#events.status({ status: "reconnecting", retry_in_ms, attempt: this.#backOff.attempt, reason });
  }

  #retryIn(delay_ms: number, mayWake: boolean): void {
    this.#cancelRetry();
    this.#retry = { timer: setTimeout(() => this.#attempt(), delay_ms), mayWake };
  }

  #cancelRetry(): void {
    clearTimeout(this.#retry?.timer);
    this.#retry = undefined;
  }

  #wake(): void {
    if (this.#retry?.mayWake !== true) return;
    const sinceLast_ms = this.#options.now() - this.#attemptedAt;
    if (sinceLast_ms >= WAKE_SPACING_MS) this.#attempt();
    else this.#retryIn(WAKE_SPACING_MS - sinceLast_ms, true);
  }

  #close(reason: string): void {
    this.#cancelRetry();
    const wasConnected = this.connected;
    this.#real?.disconnect();
    // A socket that was not connected yet says nothing of being closed.
    if (!wasConnected) this.#events.status({ status: "disconnected", reason });
  }

  #noteEnd(reason: string): void {
    if (this.#connectedAt === undefined) return;
    this.#backOff.connectionLasted(this.#options.now() - this.#connectedAt);
    this.#connectedAt = undefined;
    this.#events.disconnected(reason);
    this.#events.status({ status: "disconnected", reason });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What the server sent along with its refusal; nothing when there was no answer at all. */
function dataOf(error: unknown): Record<string, unknown> {
  const data: unknown = typeof error === "object" && error !== null && "data" in error ? error.data : undefined;
  return typeof data === "object" && data !== null ? (data as Record<string, unknown>) : {};
}
