/** Listings over REST. */
import { type CallOptions, get, invalid, query, Refusal } from "./call";
import { checkSearch } from "./check";
import type { FieldError, Listings, ListingView, MatchPage, PricePage } from "./schema";

/** What every place that shows a listing needs; live events and REST both have it. */
export type Listing = Pick<
  ListingView,
  "id" | "title" | "currency" | "link" | "source" | "created_at" | "price" | "image_url" | "location" | "previous_price" | "reposted_of"
>;

/** What may be asked of the list. */
export interface ListingFilter {
  q?: string;
  source?: string;
  min_price?: string;
  max_price?: string;
}

export async function listListings(
  filter: ListingFilter, page: { cursor?: string | undefined; limit: number }, options: CallOptions = {},
): Promise<Listings> {
  await checkFilter(filter, options);
  return get(`/api/listings${query({ ...filter, ...page })}`, options);
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
      await checkSearch({ keywords: q }, options);
      rightWords = q;
    } catch (error) {
      if (!(error instanceof Refusal) || error.errors.length === 0) throw error;
      errors.push(...error.errors.map((problem) => ({ ...problem, field: "q" })));
    }
  }
  if (errors.length > 0) throw invalid(errors);
}

export function getListing(id: string | number, options: CallOptions = {}): Promise<ListingView> {
  return get(`/api/listings/${encodeURIComponent(id)}`, options);
}

export function priceHistory(id: string | number, options: CallOptions = {}): Promise<PricePage> {
  return get(`/api/listings/${encodeURIComponent(id)}/price-history`, options);
}

/** Which of the caller's alerts and searches found a listing. */
export function listingMatches(id: string | number, options: CallOptions = {}): Promise<MatchPage> {
  return get(`/api/listings/${encodeURIComponent(id)}/matches`, options);
}
