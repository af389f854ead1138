import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type Socket } from "socket.io";
import { io as newestIo } from "socket.io-client";
import { io as oldestIo } from "socket.io-client-4.5.4";
import { Client } from "../client/src/client";
import type { Io } from "../client/src/connection";
import type { Page } from "../client/src/page";
import type { ClientEvents, ClientOptions } from "../client/websocket-client";

/** The client libraries that users' pages load: the one in the guide, and the newest. */
export const CLIENTS: readonly (readonly [string, Io])[] = [
  ["4.5.4", oldestIo as unknown as Io],
  ["newest 4.x", newestIo as unknown as Io],
];

/** A real Socket.IO server that can be stopped and started again where it was. */
export class TestServer {
  /** What every CONNECT packet carried, in order. */
  readonly auths: Record<string, unknown>[] = [];
  readonly sockets: Socket[] = [];
  /** What a new socket is greeted with; replaced by tests. */
  greet: (socket: Socket) => void = (socket) => socket.emit("connection_status", status());
  /** Refuses a connection with its error's `message` and `data`. */
  refuse: ((auth: Record<string, unknown>) => (Error & { data?: unknown }) | undefined) | undefined;
  #port = 0;
  #http: HttpServer | undefined;
  #io: Server | undefined;

  async start(): Promise<this> {
    const http = createServer();
    const io = new Server(http, { cors: { origin: true } });
    io.use((socket, next) => {
      this.auths.push({ ...socket.handshake.auth });
      next(this.refuse?.(socket.handshake.auth));
    });
    io.on("connection", (socket) => {
      this.sockets.push(socket);
      this.greet(socket);
    });
    await new Promise<void>((resolve) => http.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (http.address() as AddressInfo).port;
    this.#http = http;
    this.#io = io;
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get latest(): Socket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error("nobody has connected");
    return socket;
  }

  /** Cuts all transports without a word, as a crash does. */
  async stop(): Promise<void> {
    const io = this.#io;
    const http = this.#http;
    if (io === undefined || http === undefined) return;
    this.#io = this.#http = undefined;
    for (const socket of io.sockets.sockets.values()) socket.conn.close();
    http.closeAllConnections();
    await io.close();
  }
}

/** A page whose life a test lives. */
export class TestPage implements Page {
  origin = "http://127.0.0.1:8000";
  #read: (() => void)[] = [];
  wake = (): void => {};
  putAway = (): void => {};
  showAgain = (): void => {};

  whenRead(callback: () => void): void {
    this.#read.push(callback);
  }

  onWake(callback: () => void): void {
    this.wake = callback;
  }

  onPutAway(callback: () => void): void {
    this.putAway = callback;
  }

  onShownAgain(callback: () => void): void {
    this.showAgain = callback;
  }

  finishReading(): void {
    for (const callback of this.#read.splice(0)) callback();
  }
}

/** The storage of one tab. */
export class TestStorage implements Storage {
  readonly #items = new Map<string, string>();

  get length(): number {
    return this.#items.size;
  }

  clear(): void {
    this.#items.clear();
  }

  getItem(key: string): string | null {
    return this.#items.get(key) ?? null;
  }

  key(index: number): string | null {
    return [...this.#items.keys()][index] ?? null;
  }

  removeItem(key: string): void {
    this.#items.delete(key);
  }

  setItem(key: string, value: string): void {
    this.#items.set(key, value);
  }
}

/** What one client was told, in order. */
export type Told = { [Name in keyof ClientEvents]: [Name, ClientEvents[Name]] }[keyof ClientEvents];

const NAMES: readonly (keyof ClientEvents)[] = [
  "connected", "disconnected", "new_listing", "listing_updated", "notification",
  "scraper_status", "system_message", "status", "notification_read", "error",
];

/** A client in a page of its own, with everything it is told written down. */
export class TestTab {
  readonly told: Told[] = [];
  readonly warnings: string[] = [];
  readonly client: Client;

  constructor(
    server: TestServer,
    io: Io | undefined,
    readonly page = new TestPage(),
    readonly storage: Storage = new TestStorage(),
    options: ClientOptions & { loadIo?: () => Io | Promise<Io> } = {},
  ) {
    const { loadIo = () => Promise.reject(new Error("nothing to load")), ...rest } = options;
    this.client = new Client(
      { path: "/socket.io/", ...rest, url: server.url },
      {
        page, storage, loadIo,
        io: () => io,
        random: () => 0,
        now: () => performance.now(),
        warn: (text) => this.warnings.push(text),
      },
    );
    for (const name of NAMES) this.client.on(name, (payload: unknown) => this.told.push([name, payload] as Told));
  }

  /** The payloads of one event, so far. */
  heard<Name extends keyof ClientEvents>(name: Name): ClientEvents[Name][] {
    return this.told.filter(([told]) => told === name).map(([, payload]) => payload as ClientEvents[Name]);
  }

  /** The words of `status`, so far. */
  get states(): string[] {
    return this.heard("status").map(({ status }) => status);
  }
}

/** A `connection_status` as a server with nothing to replay sends it. */
export function status(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    status: "connected", authenticated: true, username: "ann", timestamp: "2026-01-01T00:00:00Z",
    seq: 10, epoch: "e1", recovered: false, replayed: 0, ...fields,
  };
}

/** A `new_listing` of the given number. */
export function listing(seq: number): Record<string, unknown> {
  return { id: seq, title: `listing ${seq}`, price: 1, link: "https://example.org/", source: "ksl", seq };
}
