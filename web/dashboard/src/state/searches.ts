/** The user's saved searches, and how one is written and read in a form. */
import type { SavedSearchFields, SavedSearch } from "../api/schema";
import { searchCalls } from "../api/standing";
import { price, priceFor } from "../format";
import { amountProblems, amountText, parsedAmount } from "./amount";
import { commonDraft, commonFields, commonParams, type StandingDraft, StandingQueries } from "./standing";

/** How often a search notifies of what it found, in words. */
export const CADENCES: readonly (readonly [string, string])[] = [
  ["instant", "At once"],
  ["15m", "Every 15 minutes"],
  ["hourly", "Once an hour"],
  ["daily", "Once a day"],
];

/** What stands in the form, as it was typed. */
export interface SearchDraft extends StandingDraft {
  name: string;
  minPrice: string;
  maxPrice: string;
  location: string;
  notifyNew: boolean;
  cadence: string;
}

export interface SearchTypes {
  fields: SavedSearchFields;
  query: SavedSearch;
  draft: SearchDraft;
}

export const searches = new StandingQueries<SearchTypes>({
  calls: searchCalls,
  words: { noun: "search", title: "Saved search", plural: "Saved searches" },
  address: "/searches",
  notifiedBy: "search_id",
  isActive: ({ active, notify_new: notifies }) => active && (notifies ?? true),
  nameOf: ({ name }) => name,
  fullNameOf: ({ name }) => name,
  draftOf: (search) => ({
    name: search.name,
    keywords: search.keywords,
    minPrice: amountText(search.min_price),
    maxPrice: amountText(search.max_price),
    currency: search.currency ?? "",
    pricePer: search.price_per ?? "",
    includeFree: search.include_free ?? false,
    sources: search.sources ?? [],
    location: search.location ?? "",
    // The form has one switch for both.
    notifyNew: search.active && (search.notify_new ?? true),
    cadence: search.cadence ?? "15m",
  }),
  draftOfAddress,
  addressParams: (draft) => ({
    ...commonParams(draft),
    name: draft.name,
    min_price: draft.minPrice,
    max_price: draft.maxPrice,
    location: draft.location,
    notify_new: draft.notifyNew ? "" : "false",
    cadence: draft.cadence,
  }),
  fieldsOf: (draft) => ({
    ...commonFields(draft),
    // A search without a name is called by its words.
    name: draft.name.trim() || draft.keywords.trim().slice(0, 100),
    min_price: parsedAmount(draft.minPrice),
    max_price: parsedAmount(draft.maxPrice),
    location: draft.location.trim() || null,
    notify_new: draft.notifyNew,
    cadence: draft.cadence,
  }),
  problemsOf: ({ minPrice, maxPrice }) => amountProblems({ min_price: minPrice, max_price: maxPrice }),
});

function draftOfAddress(params: URLSearchParams): SearchDraft {
  const text = (name: string): string => params.get(name) ?? "";
  const cadence = text("cadence");
  return {
    ...commonDraft(params),
    name: text("name"),
    minPrice: text("min_price"),
    maxPrice: text("max_price"),
    location: text("location"),
    notifyNew: text("notify_new") !== "false",
    cadence: CADENCES.some(([known]) => known === cadence) ? cadence : "15m",
  };
}

/** "$100 to $400", "up to $900 / month"; nothing where any price will do. */
export function priceWords({ min_price: min, max_price: max, currency, price_per: per }: SavedSearchFields): string {
  const amount = (value: number): string => (value === 0 ? "0" : price(value, currency ?? ""));
  const last = (value: number): string => (value === 0 ? "0" : priceFor(value, currency ?? "", per));
  if (min != null && max != null) return `${amount(min)} to ${last(max)}`;
  if (max != null) return `up to ${last(max)}`;
  if (min != null) return `from ${last(min)}`;
  return per == null ? "" : `prices per ${per}`;
}
