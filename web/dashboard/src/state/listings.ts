/**
 * The live feed: what was loaded, what arrived, and what waits until the reader wants to see it.
 *
 * Events are taken in several at a time, so that a flood of them costs a few renderings a second and no more.
 */
import { batch, computed, signal } from "@preact/signals";
import type { ListingFilter } from "../api/listings";
import type { Listing, ListingSearchPage } from "../api/schema";
import { isAborted, messageOf, Refusal } from "../api/call";
import { cursorAfter, merge, replace, type Rows, without } from "./listing-rows";

/** So many are loaded first, which fills a screen, and so many from then on. */
export const FIRST_PAGE = 50;
export const NEXT_PAGE = 200;

/** While the reader is at the top, rows beyond these are let go; scrolling down loads them again. */
export const LIVE_ROWS = 3_000;

/** No more are held back than these; beyond them the list is loaded anew when the reader wants to see them. */
export const HELD_ROWS = 3_000;

/** No more than these are kept, however far the reader goes down. */
export const MOST_ROWS = 20_000;

/** How the store reaches the server, and how it waits; tests have their own. */
export interface ListingWorld {
  fetchPage: (filter: ListingFilter, page: { cursor?: string | undefined; limit: number }, signal: AbortSignal) => Promise<ListingSearchPage>;
  later: (action: () => void, delay_ms: number) => unknown;
  now: () => number;
}

/** Between two renderings of what arrived there is at least this time. */
const FLUSH_EVERY_MS = 250;

/** Only the server knows what words match, so it is asked again at most this often. */
const ASK_AGAIN_EVERY_MS = 1_000;

export class ListingStore {
  readonly rows = signal<Rows>([]);
  /** What arrived while the reader was reading, newest first. */
  readonly held = signal<Rows>([]);
  /** Whether more arrived than can be held. */
  readonly overflowed = signal(false);
  readonly state = signal<"loading" | "ready" | "failed">("loading");
  readonly loadingMore = signal(false);
  readonly atEnd = signal(false);
  readonly problem = signal<string | undefined>(undefined);
  /** What is wrong with the filter, by the name of the field. */
  readonly fieldProblems = signal<ReadonlyMap<string, string>>(new Map());
  /** How many wait to be seen. */
  readonly newCount = computed(() => this.held.value.length);

  readonly #world: ListingWorld;
  #filter: ListingFilter = {};
  #asked = false;
  #reading = false;
  #request: AbortController | undefined;
  #arrived: Listing[] = [];
  #changed = new Map<number, Listing>();
  /** What events said while a request was under way, which the answer may not know yet. */
  readonly #newerThanAnswer = new Map<number, Listing>();
  #flushedAt = -Infinity;
  #flushPlanned = false;
  #askPlanned = false;

  constructor(world: ListingWorld) {
    this.#world = world;
  }

  /** Whether anything was asked for yet. */
  get wasAsked(): boolean {
    return this.#asked;
  }

  get filter(): ListingFilter {
    return this.#filter;
  }

  /** Shows what a filter asks for, from the top. */
  async load(filter: ListingFilter = this.#filter): Promise<void> {
    const same = JSON.stringify(filter) === JSON.stringify(this.#filter);
    this.#filter = filter;
    this.#asked = true;
    this.#arrived = [];
    this.#changed.clear();
    batch(() => {
      this.state.value = "loading";
      this.loadingMore.value = false;
      this.fieldProblems.value = new Map();
      if (!same) this.rows.value = [];
    });
    const page = await this.#ask({ limit: FIRST_PAGE });
    if (page === undefined) return;
    batch(() => {
      this.rows.value = merge(this.#current(page.items), this.#arrivedAfter(page.items));
      this.held.value = [];
      this.overflowed.value = false;
      this.atEnd.value = page.next_cursor == null;
      this.state.value = "ready";
    });
  }

  /** Loads what follows the last row. */
  async loadMore(): Promise<void> {
    const cursor = cursorAfter(this.rows.peek());
    if (cursor === undefined || this.loadingMore.peek() || this.atEnd.peek() || this.state.peek() !== "ready") return;
    if (this.rows.peek().length >= MOST_ROWS) return;
    this.loadingMore.value = true;
    const page = await this.#ask({ cursor, limit: NEXT_PAGE });
    if (page === undefined) return;
    batch(() => {
      this.#take(page.items);
      this.atEnd.value = page.next_cursor == null;
      this.loadingMore.value = false;
    });
  }

  /** Fetches the newest again and adds what is not there yet; for when events may have been missed at the start. */
  async refresh(): Promise<void> {
    if (this.state.peek() !== "ready") return this.load();
    // This request takes the place of one that is under way.
    const interrupted = this.loadingMore.peek();
    this.loadingMore.value = false;
    const page = await this.#ask({ limit: NEXT_PAGE });
    if (page === undefined) return;
    const newest = this.#newest();
    const oldest = page.items.at(-1)?.id ?? 0;
    // Where the two do not meet, rows between them are missing.
    if (page.next_cursor != null && newest !== undefined && oldest > newest) return this.load();
    const fresh = page.items.filter(({ id }) => newest === undefined || id > newest);
    batch(() => {
      this.#take(page.items.filter(({ id }) => newest !== undefined && id <= newest));
      this.#show(fresh);
      if (this.atEnd.peek() && this.rows.peek().length === 0) this.atEnd.value = page.next_cursor == null;
    });
    if (interrupted) void this.loadMore();
  }

  /** Says whether the reader is reading, so that nothing may move under their eyes. */
  setReading(reading: boolean): void {
    this.#reading = reading;
    if (!reading) this.showHeld();
  }

  /** Shows what was held back. */
  showHeld(): void {
    if (this.overflowed.peek()) return void this.load();
    const held = this.held.peek();
    if (held.length === 0) return;
    batch(() => {
      this.held.value = [];
      this.rows.value = merge(this.rows.peek(), held);
    });
  }

  /** A listing was seen for the first time. */
  add(listing: Listing): void {
    this.#note(listing);
    if (this.#filter.q !== undefined) return this.#askAgainSoon();
    if (!admits(this.#filter, listing)) return;
    this.#arrived.push(listing);
    this.#flushSoon();
  }

  /** A known listing changed. */
  update(listing: Listing): void {
    this.#note(listing);
    this.#changed.set(listing.id, listing);
    if (this.#filter.q !== undefined) this.#askAgainSoon();
    this.#flushSoon();
  }

  #note(listing: Listing): void {
    if (this.#request !== undefined) this.#newerThanAnswer.set(listing.id, listing);
  }

  #flushSoon(): void {
    if (this.#flushPlanned) return;
    this.#flushPlanned = true;
    const wait_ms = Math.max(0, this.#flushedAt + FLUSH_EVERY_MS - this.#world.now());
    this.#world.later(() => this.#flush(), wait_ms);
  }

  #flush(): void {
    this.#flushPlanned = false;
    this.#flushedAt = this.#world.now();
    const arrived = this.#arrived.map((listing) => this.#changed.get(listing.id) ?? listing);
    this.#arrived = [];
    const changed = this.#changed;
    this.#changed = new Map();
    const known = new Set([...this.rows.peek(), ...this.held.peek()].map(({ id }) => id));
    const isNew = ({ id }: Listing): boolean => !known.has(id);
    batch(() => {
      this.#applyChanges(changed);
      this.#show([...arrived, ...this.#brought(changed)].filter(isNew));
    });
  }

  /** What a change of price has brought into the filter's limits, as far down as the list has been loaded. */
  #brought(changed: ReadonlyMap<number, Listing>): Rows {
    const { q, min_price, max_price } = this.#filter;
    if (q !== undefined || (min_price === undefined && max_price === undefined)) return [];
    const last = this.atEnd.peek() ? 0 : (this.rows.peek().at(-1)?.id ?? Infinity);
    return [...changed.values()].filter((listing) => listing.id > last && admits(this.#filter, listing));
  }

  /** A change may also take a listing out of what the filter asks for. */
  #applyChanges(changed: ReadonlyMap<number, Listing>): void {
    const gone = new Set([...changed.values()].filter((listing) => !admits(this.#filter, listing)).map(({ id }) => id));
    this.rows.value = without(replace(this.rows.peek(), changed), gone);
    this.held.value = without(replace(this.held.peek(), changed), gone);
  }

  /** Shows new rows at the top, or holds them back from a reader. */
  #show(fresh: Rows): void {
    if (fresh.length === 0) return;
    if (this.#reading) {
      const held = merge(this.held.peek(), fresh);
      if (held.length > HELD_ROWS) this.overflowed.value = true;
      this.held.value = held.slice(0, HELD_ROWS);
      return;
    }
    const rows = merge(this.rows.peek(), fresh);
    if (rows.length > LIVE_ROWS) this.atEnd.value = false;
    this.rows.value = rows.slice(0, LIVE_ROWS);
  }

  /** Takes rows of an answer. */
  #take(items: Rows): void {
    this.rows.value = merge(this.rows.peek(), this.#current(items));
  }

  /** The rows of an answer as events have made them meanwhile. */
  #current(items: Rows): Rows {
    return items.flatMap((row) => {
      const newer = this.#newerThanAnswer.get(row.id);
      if (newer === undefined) return [row];
      return admits(this.#filter, newer) ? [newer] : [];
    });
  }

  /** What came while an answer was under way that is too old to have it; where there are words, the server is asked again. */
  #arrivedAfter(items: Rows): Rows {
    if (this.#filter.q !== undefined) return [];
    const newest = items[0]?.id ?? 0;
    return [...this.#newerThanAnswer.values()].filter((listing) => listing.id > newest && admits(this.#filter, listing));
  }

  #newest(): number | undefined {
    return this.held.peek()[0]?.id ?? this.rows.peek()[0]?.id;
  }

  #askAgainSoon(): void {
    if (this.#askPlanned) return;
    this.#askPlanned = true;
    this.#world.later(() => {
      this.#askPlanned = false;
      // A request that is under way must not be ended for this one.
      if (this.#request !== undefined) this.#askAgainSoon();
      else if (this.#filter.q !== undefined) void this.refresh();
    }, ASK_AGAIN_EVERY_MS);
  }

  /** Asks for a page; `undefined` when it failed, or another request has taken this one's place. */
  async #ask(page: { cursor?: string; limit: number }): Promise<ListingSearchPage | undefined> {
    this.#request?.abort();
    const request = new AbortController();
    this.#request = request;
    this.problem.value = undefined;
    this.#newerThanAnswer.clear();
    try {
      const answer = await this.#world.fetchPage(this.#filter, page, request.signal);
      return this.#request === request ? answer : undefined;
    } catch (error) {
      if (this.#request === request && !isAborted(error)) this.#fail(error);
      return undefined;
    } finally {
      if (this.#request === request) this.#request = undefined;
    }
  }

  #fail(error: unknown): void {
    batch(() => {
      this.loadingMore.value = false;
      if (this.state.peek() === "loading") this.state.value = "failed";
      if (error instanceof Refusal && error.fields.size > 0) this.fieldProblems.value = error.fields;
      else this.problem.value = messageOf(error);
    });
  }
}

/** Whether a filter lets a listing through, as far as can be told without the server: all but its words. */
export function admits({ source, min_price, max_price }: ListingFilter, listing: Listing): boolean {
  if (source !== undefined && listing.source !== source) return false;
  // The limits are those of a sale, as at the server.
  const price = listing.price_per == null ? listing.price : null;
  if (min_price !== undefined && (price == null || price < Number(min_price))) return false;
  return max_price === undefined || (price != null && price <= Number(max_price));
}

/** The filter that the address holds. */
export function filterOf(params: URLSearchParams): ListingFilter {
  const filter: ListingFilter = {};
  for (const name of ["q", "source", "min_price", "max_price"] as const) {
    const value = params.get(name)?.trim();
    if (value) filter[name] = value;
  }
  return filter;
}
