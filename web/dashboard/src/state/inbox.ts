/** The inbox: what was loaded of it, page by page, what arrives, and what was read. */
import { batch, computed, signal } from "@preact/signals";
import { messageOf } from "../api/call";
import type { NotificationPage, NotificationView } from "../api/schema";
import { type Kind, kindOf } from "./notices";

export interface InboxFilter {
  unread: boolean;
  kind: Kind | "";
}

/** How the inbox reaches the server. */
export type FetchPage = (page: { unread?: boolean | undefined; cursor?: string | undefined; limit: number }) => Promise<NotificationPage>;

export const PAGE_ROWS = 50;
/** The server does not know of kinds: so many pages are looked through for one, then one has to ask for more. */
const MOST_PAGES = 5;
/** A screen is full with so many. */
const ENOUGH_ROWS = 15;
/** No more are kept than these; what arrives beyond them pushes the oldest out. */
export const MOST_ROWS = 1_000;

export class Inbox {
  /** Newest first. */
  readonly rows = signal<readonly NotificationView[]>([]);
  /** What arrived while somebody was reading further down. */
  readonly held = signal<readonly NotificationView[]>([]);
  readonly state = signal<"loading" | "ready" | "failed">("loading");
  readonly problem = signal<string | undefined>(undefined);
  readonly isLoadingMore = signal(false);
  readonly atEnd = computed(() => this.#cursor.value === undefined);
  readonly hasUnread = computed(() => [...this.rows.value, ...this.held.value].some(isUnread));

  readonly #fetchPage: FetchPage;
  readonly #cursor = signal<string | undefined>(undefined);
  #filter: InboxFilter = { unread: false, kind: "" };
  #loads = 0;
  #arrived: NotificationView[] = [];
  #isReading = false;

  constructor(fetchPage: FetchPage) {
    this.#fetchPage = fetchPage;
  }

  /** Shows what a filter lets through, from the top. */
  async load(filter: InboxFilter = this.#filter): Promise<void> {
    const load = ++this.#loads;
    const isOther = filter.kind !== this.#filter.kind || filter.unread !== this.#filter.unread;
    this.#filter = filter;
    this.#arrived = [];
    batch(() => {
      this.state.value = "loading";
      this.problem.value = undefined;
      this.isLoadingMore.value = false;
      if (isOther) this.rows.value = [];
    });
    await this.#read(load, undefined);
  }

  /** Adds what is older. */
  async loadMore(): Promise<void> {
    const cursor = this.#cursor.peek();
    if (cursor === undefined || this.isLoadingMore.peek() || this.state.peek() !== "ready") return;
    this.isLoadingMore.value = true;
    this.problem.value = undefined;
    await this.#read(this.#loads, cursor);
    this.isLoadingMore.value = false;
  }

  /** Takes in one that arrived, once. */
  receive(notification: NotificationView): void {
    if (this.#filter.kind !== "" && kindOf(notification.type) !== this.#filter.kind) return;
    if (this.state.peek() === "loading") this.#arrived.unshift(notification);
    const known = [...this.rows.peek(), ...this.held.peek()];
    if (known.some(({ id }) => id === notification.id)) return;
    if (this.#isReading) this.held.value = [notification, ...this.held.peek()].slice(0, MOST_ROWS);
    else this.#prepend([notification]);
  }

  /** Some were read, here or elsewhere. They stay where they are until the list is loaded again. */
  wereRead(ids: readonly number[], at: string): void {
    const gone = new Set(ids);
    const mark = (row: NotificationView): NotificationView => (gone.has(row.id) && isUnread(row) ? { ...row, read_at: at } : row);
    this.#arrived = this.#arrived.map(mark);
    batch(() => {
      this.rows.value = this.rows.peek().map(mark);
      this.held.value = this.held.peek().map(mark);
    });
  }

  /** Whether somebody reads further down, so that nothing may move. */
  setReading(isReading: boolean): void {
    this.#isReading = isReading;
    if (!isReading && this.held.peek().length > 0) {
      batch(() => {
        this.#prepend(this.held.peek());
        this.held.value = [];
      });
    }
  }

  #prepend(newer: readonly NotificationView[]): void {
    const rows = merged(newer, this.rows.peek());
    if (rows.length > MOST_ROWS) this.#cursor.value = undefined;
    this.rows.value = rows.slice(0, MOST_ROWS);
  }

  async #read(load: number, from: string | undefined): Promise<void> {
    const { unread, kind } = this.#filter;
    let cursor = from;
    let found: readonly NotificationView[] = [];
    try {
      for (let page = 1; page <= MOST_PAGES; page += 1) {
        const answer = await this.#fetchPage({ unread: unread || undefined, cursor, limit: kind === "" ? PAGE_ROWS : PAGE_ROWS * 4 });
        if (load !== this.#loads) return;
        found = [...found, ...answer.items.filter(({ type }) => kind === "" || kindOf(type) === kind)];
        cursor = answer.next_cursor ?? undefined;
        if (cursor === undefined || found.length >= ENOUGH_ROWS) break;
      }
    } catch (error) {
      if (load !== this.#loads) return;
      this.problem.value = messageOf(error);
      if (from === undefined) this.state.value = "failed";
      return;
    }
    batch(() => {
      const before = from === undefined ? this.#arrived : this.rows.peek();
      const rows = merged(before, found);
      this.#arrived = [];
      this.rows.value = rows.slice(0, MOST_ROWS);
      if (from === undefined) this.held.value = [];
      this.#cursor.value = rows.length >= MOST_ROWS ? undefined : cursor;
      this.state.value = "ready";
    });
  }
}

export function isUnread({ read_at }: NotificationView): boolean {
  return read_at == null;
}

/** Newest first, each once; of two of the same number the one that was read counts. */
function merged(some: readonly NotificationView[], others: readonly NotificationView[]): NotificationView[] {
  const byId = new Map<number, NotificationView>();
  for (const row of [...others, ...some]) {
    const known = byId.get(row.id);
    if (known === undefined || isUnread(known)) byId.set(row.id, row);
  }
  return [...byId.values()].sort((a, b) => b.id - a.id);
}
