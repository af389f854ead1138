/** The user's saved searches, and how one is written and read in a form. */
import { checkSearch } from "../api/check";
import { changeSearch, createSearch, deleteSearch, listSearches } from "../api/searches";
import { messageOf } from "../api/call";
import type { SavedSearchFields, SavedSearchView } from "../api/schema";
import { price } from "../format";
import { parseAmount } from "./amount";
import { StandingList } from "./standing-list";
import { tell, tellFailure, tellUndo } from "./toasts";

export const searches = new StandingList<SavedSearchView>({ list: listSearches, remove: deleteSearch });

/** How often a search tells what it found, in words. */
export const CADENCES: readonly (readonly [string, string])[] = [
  ["instant", "At once"],
  ["15m", "Every 15 minutes"],
  ["hourly", "Once an hour"],
  ["daily", "Once a day"],
];

/** What stands in the form, as it was typed. */
export interface SearchDraft {
  name: string;
  keywords: string;
  minPrice: string;
  maxPrice: string;
  currency: string;
  includeFree: boolean;
  sources: readonly string[];
  location: string;
  notifyNew: boolean;
  cadence: string;
}

/** The form of a search that exists. */
export function draftOfSearch(search: SavedSearchView): SearchDraft {
  return {
    name: search.name,
    keywords: search.keywords,
    minPrice: amountText(search.min_price),
    maxPrice: amountText(search.max_price),
    currency: search.currency ?? "",
    includeFree: search.include_free ?? false,
    sources: search.sources ?? [],
    location: search.location ?? "",
    notifyNew: search.notify_new ?? true,
    cadence: search.cadence ?? "15m",
  };
}

/** The form of a new search, as far as the address fills it in. */
export function draftOfQuery(params: URLSearchParams): SearchDraft {
  const text = (name: string): string => params.get(name) ?? "";
  const cadence = text("cadence");
  return {
    name: text("name"),
    keywords: text("keywords"),
    minPrice: text("min_price"),
    maxPrice: text("max_price"),
    currency: text("currency"),
    includeFree: text("include_free") === "true",
    sources: text("sources").split(",").filter((name) => name !== ""),
    location: text("location"),
    notifyNew: text("notify_new") !== "false",
    cadence: CADENCES.some(([known]) => known === cadence) ? cadence : "15m",
  };
}

/** The address that fills the form of a new search with all of this. */
export function addressOfDraft(draft: SearchDraft): string {
  const all = {
    name: draft.name, keywords: draft.keywords, min_price: draft.minPrice, max_price: draft.maxPrice, currency: draft.currency,
    include_free: draft.includeFree ? "true" : "", sources: draft.sources.join(","), location: draft.location,
    notify_new: draft.notifyNew ? "" : "false", cadence: draft.cadence,
  };
  return `/searches/new?${new URLSearchParams(Object.entries(all).filter(([, value]) => value !== ""))}`;
}

/** What is sent of a form; a search without a name is called by its words. */
export function fieldsOfSearch(draft: SearchDraft): SavedSearchFields {
  const currency = draft.currency.trim();
  return {
    name: draft.name.trim() || draft.keywords.trim().slice(0, 100),
    keywords: draft.keywords.trim(),
    min_price: amountOf(draft.minPrice),
    max_price: amountOf(draft.maxPrice),
    ...(currency === "" ? {} : { currency }),
    include_free: draft.includeFree,
    sources: [...draft.sources],
    location: draft.location.trim() || null,
    notify_new: draft.notifyNew,
    cadence: draft.cadence,
  };
}

/** What is wrong with the prices of a form before it is sent, by the names that the server has for the fields. */
export function amountProblems(draft: SearchDraft): ReadonlyMap<string, string> {
  const typed: readonly (readonly [string, string])[] = [["min_price", draft.minPrice], ["max_price", draft.maxPrice]];
  const wrong = typed.filter(([, text]) => Number.isNaN(parseAmount(text)));
  return new Map(wrong.map(([field]) => [field, "is no amount; give one such as 1200 or 1,200.50"]));
}

/** Saves a form as a new search, or as what a search is from now on. */
export async function saveSearch(id: number | undefined, draft: SearchDraft): Promise<SavedSearchView> {
  const fields = fieldsOfSearch(draft);
  await checkSearch(fields);
  return id === undefined ? createSearch(fields) : changeSearch(id, fields);
}

/** "$100 to $400"; nothing where any price will do. */
export function priceWords({ min_price: min, max_price: max, currency }: SavedSearchFields): string {
  const amount = (value: number): string => (value === 0 ? "0" : price(value, currency ?? ""));
  if (min != null && max != null) return `${amount(min)} to ${amount(max)}`;
  if (max != null) return `up to ${amount(max)}`;
  return min == null ? "" : `from ${amount(min)}`;
}

/** Says whether a search tells what it finds. */
export async function setTelling(id: number, telling: boolean): Promise<boolean> {
  try {
    searches.put(await changeSearch(id, { notify_new: telling }));
    return true;
  } catch (error) {
    tellFailure(`That search could not be ${telling ? "resumed" : "paused"}. ${messageOf(error)}`);
    return false;
  }
}

/** Pauses a search from wherever it is spoken of. */
export async function pauseSearch(id: number, name: string): Promise<boolean> {
  const done = await setTelling(id, false);
  if (done) tellUndo(`Paused: ${name}`, () => void setTelling(id, true).then((resumed) => resumed && tell("The search goes on.")));
  return done;
}

function amountText(amount: number | null | undefined): string {
  return amount == null ? "" : String(amount);
}

function amountOf(typed: string): number | null {
  const amount = parseAmount(typed);
  return amount === undefined || Number.isNaN(amount) ? null : amount;
}
