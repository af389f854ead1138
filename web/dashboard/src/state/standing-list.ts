/** A list of the user's own queries (alerts or searches): loaded whole, changed at once, and undone where one changes one's mind. */
import { signal } from "@preact/signals";
import { messageOf, Refusal } from "../api/call";
import { tellFailure, tellUndo } from "./toasts";

export interface Standing {
  id: number;
  last_told_at?: string | null;
}

interface Calls<Item> {
  list: () => Promise<{ items: Item[] }>;
  remove: (id: number) => Promise<void>;
}

export class StandingList<Item extends Standing> {
  /** Newest first; `undefined` until they are loaded. */
  readonly items = signal<readonly Item[] | undefined>(undefined);
  readonly problem = signal<string | undefined>(undefined);

  readonly #calls: Calls<Item>;
  /** Those that are to be deleted when the time to undo it is over. */
  readonly #leaving = new Set<number>();
  #loads = 0;

  constructor(calls: Calls<Item>) {
    this.#calls = calls;
  }

  /** Loads them, again if need be. */
  async load(): Promise<void> {
    const load = ++this.#loads;
    try {
      const { items } = await this.#calls.list();
      if (load !== this.#loads) return;
      this.items.value = items.filter(({ id }) => !this.#leaving.has(id));
      this.problem.value = undefined;
    } catch (error) {
      if (load === this.#loads) this.problem.value = messageOf(error);
    }
  }

  /** Puts one in the place of what it was. */
  put(item: Item): void {
    // What is being loaded may not know of it.
    this.#loads += 1;
    const items = this.items.peek();
    this.items.value = items?.map((other) => (other.id === item.id ? item : other));
  }

  /** One has told something. */
  told(id: unknown, at: string): void {
    const items = this.items.peek();
    if (items?.some((item) => item.id === id) !== true) return;
    this.items.value = items.map((item) => (item.id === id ? { ...item, last_told_at: at } : item));
  }

  /** Takes one away, and deletes it once the time to undo that is over. */
  remove(item: Item, words: string): void {
    const before = this.items.peek();
    const index = before?.findIndex(({ id }) => id === item.id) ?? -1;
    this.#leaving.add(item.id);
    this.items.value = before?.filter(({ id }) => id !== item.id);
    tellUndo(words, () => this.#keep(item, index), () => void this.#delete(item));
  }

  #keep(item: Item, index: number): void {
    this.#leaving.delete(item.id);
    const items = this.items.peek();
    if (items === undefined || items.some(({ id }) => id === item.id)) return;
    this.items.value = items.toSpliced(Math.max(0, index), 0, item);
  }

  async #delete(item: Item): Promise<void> {
    try {
      await this.#calls.remove(item.id);
    } catch (error) {
      // It was deleted elsewhere meanwhile, which is what was wanted.
      if (error instanceof Refusal && error.status === 404) return;
      tellFailure(`It could not be deleted. ${messageOf(error)}`);
      this.#leaving.delete(item.id);
      await this.load();
    }
  }
}
