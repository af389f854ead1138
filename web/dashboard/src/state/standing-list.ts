/** A list of the user's own queries (alerts or searches): loaded whole, changed at once, and undone where one changes one's mind. */
import { computed, signal } from "@preact/signals";
import { messageOf } from "../api/call";
import { removals } from "./removals";

export interface Standing {
  id: number;
  last_told_at?: string | null;
}

interface Calls<Item> {
  list: () => Promise<{ items: Item[] }>;
  remove: (id: number) => Promise<void>;
}

export class StandingList<Item extends Standing> {
  readonly #calls: Calls<Item>;
  readonly #removals = removals<number>();
  /** As they were loaded, with those that are to be deleted when the time to undo it is over. */
  readonly #all = signal<readonly Item[] | undefined>(undefined);
  #loads = 0;

  /** Newest first; `undefined` until they are loaded. */
  readonly items = computed(() => this.#all.value?.filter(({ id }) => !this.#removals.hidden.value.has(id)));
  readonly problem = signal<string | undefined>(undefined);

  constructor(calls: Calls<Item>) {
    this.#calls = calls;
  }

  /** Loads them, again if need be. */
  async load(): Promise<void> {
    const load = ++this.#loads;
    try {
      const { items } = await this.#calls.list();
      if (load !== this.#loads) return;
      this.#all.value = items;
      this.problem.value = undefined;
    } catch (error) {
      if (load === this.#loads) this.problem.value = messageOf(error);
    }
  }

  /** Puts one in the place of what it was. */
  put(item: Item): void {
    // What is being loaded may not know of it.
    this.#loads += 1;
    this.#all.value = this.#all.peek()?.map((other) => (other.id === item.id ? item : other));
  }

  /** One has told something. */
  told(id: unknown, at: string): void {
    const items = this.#all.peek();
    if (items?.some((item) => item.id === id) !== true) return;
    this.#all.value = items.map((item) => (item.id === id ? { ...item, last_told_at: at } : item));
  }

  /** Takes one away, and deletes it once the time to undo that is over. */
  remove(item: Item, words: string): void {
    this.#removals.remove(item.id, words, () => this.#calls.remove(item.id), "It could not be deleted.");
  }
}
