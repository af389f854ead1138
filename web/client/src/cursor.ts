/** A place in the server's event log: everything up to `seq` has been seen. */
export interface Position {
  epoch: string;
  seq: number;
}

/**
 * The last position this tab has seen, kept over reloads.
 *
 * `sessionStorage` is per tab, so that two tabs each catch up on their own. Where it is forbidden the position lives in memory
 * only, and a reload starts anew.
 */
export class Cursor {
  readonly #storage: Storage | undefined;
  readonly #key: string;
  #position: Position | undefined;

  constructor(storage: Storage | undefined, key: string) {
    this.#storage = storage;
    this.#key = key;
    this.#position = this.#read();
  }

  get position(): Position | undefined {
    return this.#position;
  }

  /** Whether an event of this number has been handed on already. Events without a number are never repeats. */
  hasSeen(seq: unknown): boolean {
    return typeof seq === "number" && this.#position !== undefined && seq <= this.#position.seq;
  }

  advance(seq: unknown): void {
    if (typeof seq !== "number" || this.#position === undefined || this.hasSeen(seq)) return;
    this.set({ epoch: this.#position.epoch, seq });
  }

  set(position: Position): void {
    this.#position = position;
    this.#write((storage) => storage.setItem(this.#key, JSON.stringify(position)));
  }

  clear(): void {
    this.#position = undefined;
    this.#write((storage) => storage.removeItem(this.#key));
  }

  #read(): Position | undefined {
    try {
      const stored: unknown = JSON.parse(this.#storage?.getItem(this.#key) ?? "null");
      return isPosition(stored) ? { epoch: stored.epoch, seq: stored.seq } : undefined;
    } catch {
      return undefined;
    }
  }

  #write(change: (storage: Storage) => void): void {
    try {
      if (this.#storage !== undefined) change(this.#storage);
    } catch {
      // Full or forbidden storage costs the position over a reload, nothing else.
    }
  }
}

/** Whether a value from outside is a position. */
export function isPosition(value: unknown): value is Position {
  return (
    typeof value === "object" && value !== null &&
    "epoch" in value && typeof value.epoch === "string" &&
    "seq" in value && Number.isSafeInteger(value.seq)
  );
}
