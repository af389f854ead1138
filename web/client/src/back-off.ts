const FLOOR_MS = 500;
const CEILING_MS = 5_000;

/** A server that is wrong about its return must not silence a page for long. */
const LONGEST_ORDERED_MS = 60_000;

/** A connection that broke sooner than this was no success, so that one which breaks at once is not retried ever faster. */
const STABLE_AFTER_MS = 10_000;

/** How long to wait before each attempt: at least half a second, at most five, spread so that clients do not return together. */
export class BackOff {
  readonly #random: () => number;
  #attempt = 0;
  #ordered_ms: number | undefined;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** The number of attempts since the last stable connection. */
  get attempt(): number {
    return this.#attempt;
  }

  /** Takes the server's word for the next delay. */
  order(retry_after_ms: unknown): void {
    if (typeof retry_after_ms !== "number" || !(retry_after_ms >= 0)) return;
    this.#ordered_ms = Math.min(retry_after_ms, LONGEST_ORDERED_MS);
  }

  /** Whether the next delay is the server's word. */
  get isOrdered(): boolean {
    return this.#ordered_ms !== undefined;
  }

  next(): number {
    const ordered_ms = this.#ordered_ms;
    this.#ordered_ms = undefined;
    const limit_ms = Math.min(CEILING_MS, 2 * FLOOR_MS * 2 ** Math.min(this.#attempt, 10));
    this.#attempt += 1;
    // Never before the time the server named, and spread over half as much again behind it.
    if (ordered_ms !== undefined) return Math.round(ordered_ms + this.#random() * Math.max(FLOOR_MS, ordered_ms / 2));
    return Math.round(FLOOR_MS + this.#random() * (limit_ms - FLOOR_MS));
  }

  /** Notes how long the connection that has just ended was up. */
  connectionLasted(duration_ms: number): void {
    if (duration_ms >= STABLE_AFTER_MS) this.#attempt = 0;
  }
}
