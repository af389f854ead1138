/** The user's standing queries, alerts or searches: loaded whole, changed at once, and undone where one changes one's mind. */
import { computed, signal } from "@preact/signals";
import { messageOf, query as queryOf } from "../api/call";
import { checkFields, type StandingCalls } from "../api/standing";
import { periodOf } from "./period";
import { removals } from "./removals";
import { tell, tellFailure, tellUndo } from "./toasts";

/** What queries of every kind have. */
export interface StandingQuery {
  id: number;
  sources?: readonly string[] | null;
  last_told_at?: string | null;
  /** What may mean something else than was meant; what the text itself says has a position in it. */
  warnings?: readonly { field: string; message: string; position?: number }[];
}

/** What the forms of every kind have, as it was typed. */
export interface StandingDraft {
  keywords: string;
  currency: string;
  /** The period of prices; empty for prices of sales. */
  pricePer: string;
  includeFree: boolean;
  sources: readonly string[];
}

/** The types of one kind. */
export interface StandingTypes {
  /** What is sent. */
  fields: object;
  query: StandingQuery;
  draft: StandingDraft;
}

/** What sets one kind of query apart from the other. */
export interface StandingKind<T extends StandingTypes> {
  calls: StandingCalls<T["fields"], T["query"]>;
  /** What its pages and messages call it: "alert", "Price alert", "Price alerts". */
  words: { noun: string; title: string; plural: string };
  /** Of its list; forms are below it. */
  address: string;
  /** The field of a notification's data with the number of the query. */
  notifiedBy: string;
  isActive: (query: T["query"]) => boolean;
  nameOf: (query: T["query"]) => string;
  /** The name with what else tells it from others. */
  fullNameOf: (query: T["query"]) => string;
  draftOf: (query: T["query"]) => T["draft"];
  /** The draft of a new one, as far as the address fills it in. */
  draftOfAddress: (params: URLSearchParams) => T["draft"];
  /** The parameters from which `draftOfAddress` makes this draft. */
  addressParams: (draft: T["draft"]) => Readonly<Record<string, string | number>>;
  fieldsOf: (draft: T["draft"]) => T["fields"];
  /** What is wrong with a draft before it is sent, by the names of its fields at the server. */
  problemsOf: (draft: T["draft"]) => ReadonlyMap<string, string>;
}

export class StandingQueries<T extends StandingTypes> {
  readonly #removals = removals<number>();
  /** As they were loaded, with those that are to be deleted when the time to undo it is over. */
  readonly #all = signal<readonly T["query"][] | undefined>(undefined);
  #loads = 0;

  /** Newest first; `undefined` until they are loaded. */
  readonly items = computed(() => this.#all.value?.filter(({ id }) => !this.#removals.hidden.value.has(id)));
  readonly problem = signal<string | undefined>(undefined);

  constructor(readonly kind: StandingKind<T>) {}

  /** Loads them, or loads them again. */
  async load(): Promise<void> {
    const load = ++this.#loads;
    try {
      const { items } = await this.kind.calls.list();
      if (load !== this.#loads) return;
      this.#all.value = items;
      this.problem.value = undefined;
    } catch (error) {
      if (load === this.#loads) this.problem.value = messageOf(error);
    }
  }

  /** Saves a query as it is: its user knows what it means now. */
  async keep(id: number): Promise<void> {
    try {
      this.put(await this.kind.calls.change(id, {} as T["fields"]));
    } catch (error) {
      tellFailure(messageOf(error));
    }
  }

  /** Replaces a query by what it is now. */
  put(query: T["query"]): void {
    // An answer that is under way may not know of it.
    this.#loads += 1;
    this.#all.value = this.#all.peek()?.map((other) => (other.id === query.id ? query : other));
  }

  /** Notes that a query has notified its user. */
  noteNotified(id: unknown, at: string): void {
    const items = this.#all.peek();
    if (items?.some((query) => query.id === id) !== true) return;
    this.#all.value = items.map((query) => (query.id === id ? { ...query, last_told_at: at } : query));
  }

  /** Saves a draft as a new query, or as what a query is from now on. */
  async save(id: number | undefined, draft: T["draft"]): Promise<T["query"]> {
    const { calls, fieldsOf } = this.kind;
    const fields = fieldsOf(draft);
    await checkFields(calls, fields);
    const saved = await (id === undefined ? calls.create(fields) : calls.change(id, fields));
    this.put(saved);
    return saved;
  }

  /** Pauses a query, or resumes it; gives what it is now, unless that failed. */
  async setActive(id: number, active: boolean): Promise<T["query"] | undefined> {
    try {
      const changed = await this.kind.calls.setActive(id, active);
      this.put(changed);
      return changed;
    } catch (error) {
      tellFailure(`That ${this.kind.words.noun} could not be ${active ? "resumed" : "paused"}. ${messageOf(error)}`);
      return undefined;
    }
  }

  /** Pauses a query, and offers to undo that. */
  async pause(id: number, name: string): Promise<boolean> {
    if ((await this.setActive(id, false)) === undefined) return false;
    tellUndo(`Paused: ${name}`, () => void this.#resume(id));
    return true;
  }

  /** Takes a query away, and deletes it once the time to undo that is over. */
  remove(query: T["query"]): void {
    const words = `Deleted: ${this.kind.fullNameOf(query)}`;
    this.#removals.remove(query.id, words, () => this.kind.calls.remove(query.id), "It could not be deleted.");
  }

  /** The address of a form for a new query that is filled in with this draft. */
  addressOf(draft: T["draft"]): string {
    return `${this.kind.address}/new${queryOf(this.kind.addressParams(draft))}`;
  }

  async #resume(id: number): Promise<void> {
    if ((await this.setActive(id, true)) !== undefined) tell(`The ${this.kind.words.noun} goes on.`);
  }
}

/** The fields that the addresses of new queries of every kind have. */
export function commonDraft(params: URLSearchParams): StandingDraft {
  return {
    keywords: params.get("keywords") ?? "",
    currency: params.get("currency") ?? "",
    pricePer: periodOf(params.get("price_per")) ?? "",
    includeFree: params.get("include_free") === "true",
    sources: params.get("sources")?.split(",").filter((name) => name !== "") ?? [],
  };
}

export function commonParams({ keywords, currency, pricePer, includeFree, sources }: StandingDraft): Record<string, string> {
  return { keywords, currency, price_per: pricePer, include_free: includeFree ? "true" : "", sources: sources.join(",") };
}

export function commonFields({ keywords, currency, pricePer, includeFree, sources }: StandingDraft) {
  const code = currency.trim();
  return {
    keywords: keywords.trim(),
    ...(code === "" ? {} : { currency: code }),
    price_per: periodOf(pricePer),
    include_free: includeFree,
    sources: [...sources],
  };
}
