import type { SocketLike } from "../websocket-client";

// Raw events carry whatever the application sends.
type RawListener = (...args: any[]) => void;

/**
 * A socket that queues until the real one is there, then is only another name for it.
 *
 * A page may keep the object it found in `wsClient.socket` before Socket.IO was loaded, so it goes on working afterwards.
 */
export class StandInSocket implements SocketLike {
  #real: SocketLike | undefined;
  readonly #queued: ((socket: SocketLike) => void)[] = [];
  #listeners: { event: string; listener: RawListener; once: boolean }[] = [];

  /** What `connect` and `disconnect` do while there is nothing to connect with. */
  constructor(private readonly switches: { connect: () => void; disconnect: () => void }) {}

  get connected(): boolean {
    return this.#real?.connected ?? false;
  }

  get id(): string | undefined {
    return (this.#real as { id?: string } | undefined)?.id;
  }

  on(event: string, listener: RawListener): this {
    if (this.#real) this.#real.on(event, listener);
    else this.#listeners.push({ event, listener, once: false });
    return this;
  }

  once(event: string, listener: RawListener): this {
    if (this.#real) this.#real.once(event, listener);
    else this.#listeners.push({ event, listener, once: true });
    return this;
  }

  off(event?: string, listener?: RawListener): this {
    if (this.#real) {
      this.#real.off(event, listener);
      return this;
    }
    this.#listeners = this.#listeners.filter(
      (entry) => (event !== undefined && entry.event !== event) || (listener !== undefined && entry.listener !== listener),
    );
    return this;
  }

  emit(event: string, ...args: unknown[]): this {
    if (this.#real) this.#real.emit(event, ...args);
    else this.#queued.push((socket) => socket.emit(event, ...args));
    return this;
  }

  connect(): this {
    if (this.#real) this.#real.connect();
    else this.switches.connect();
    return this;
  }

  disconnect(): this {
    if (this.#real) this.#real.disconnect();
    else this.switches.disconnect();
    return this;
  }

  /** Hands everything over to the real socket. */
  become(real: SocketLike): void {
    this.#real = real;
    for (const { event, listener, once } of this.#listeners) {
      if (once) real.once(event, listener);
      else real.on(event, listener);
    }
    this.#listeners = [];
    for (const send of this.#queued.splice(0)) send(real);
  }
}
