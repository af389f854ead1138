/** Listings over REST. */
import { api, type CallOptions, invalid, Refusal } from "./call";
import type { FieldError } from "./schema";
import { checkFields, searchCalls } from "./standing";

/** What may be asked of the list. */
export interface ListingFilter {
  q?: string;
  source?: string;
  min_price?: string;
  max_price?: string;
}

export async function listListings(
  filter: ListingFilter, page: { cursor?: string | undefined; limit: number }, options: CallOptions = {},
) {
  await checkFilter(filter, options);
  const { q, source, min_price, max_price } = filter;
  const limits = { min_price: numberOf(min_price), max_price: numberOf(max_price) };
  return api.get("/api/listings", { query: { q, source: source === undefined ? undefined : [source], ...limits, ...page }, ...options });
}

function numberOf(typed: string | undefined): number | undefined {
  return typed === undefined || typed === "" ? undefined : Number(typed);
}

/** The words that were last found to be right: they are asked for again and again. */
let rightWords: string | undefined;

/** Throws what is wrong with a filter, by the names of its own fields. */
async function checkFilter({ q, min_price, max_price }: ListingFilter, options: CallOptions): Promise<void> {
  const errors: FieldError[] = [];
  for (const [field, amount] of Object.entries({ min_price, max_price })) {
    if (amount !== undefined && !(Number(amount) >= 0)) errors.push({ field, message: "must be a number from 0" });
  }
  if (q !== undefined && q !== rightWords) {
    try {
      await checkFields(searchCalls, { name: "filter", keywords: q }, options);
      rightWords = q;
    } catch (error) {
      if (!(error instanceof Refusal) || error.errors.length === 0) throw error;
      errors.push(...error.errors.map((problem) => ({ ...problem, field: "q" })));
    }
  }
  if (errors.length > 0) throw invalid(errors);
}

export function getListing(id: string | number, options: CallOptions = {}) {
  return api.get("/api/listings/{id}", { path: { id }, ...options });
}

export function priceHistory(id: string | number, options: CallOptions = {}) {
  return api.get("/api/listings/{id}/price-history", { path: { id }, ...options });
}

/** Which of the caller's alerts and searches found a listing. */
export function listingMatches(id: string | number, options: CallOptions = {}) {
  return api.get("/api/listings/{id}/matches", { path: { id }, ...options });
}
