/** Listings over REST. */
import { type CallOptions, get, query } from "./call";
import type { Listings, ListingView, Matches, PriceHistory } from "./schema";

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

export function listListings(
  filter: ListingFilter, page: { cursor?: string | undefined; limit: number }, options: CallOptions = {},
): Promise<Listings> {
  return get(`/api/listings${query({ ...filter, ...page })}`, options);
}

export function getListing(id: string | number, options: CallOptions = {}): Promise<ListingView> {
  return get(`/api/listings/${encodeURIComponent(id)}`, options);
}

export function priceHistory(id: string | number, options: CallOptions = {}): Promise<PriceHistory> {
  return get(`/api/listings/${encodeURIComponent(id)}/price-history`, options);
}

/** Which of the caller's alerts and searches found a listing. */
export function listingMatches(id: string | number, options: CallOptions = {}): Promise<Matches> {
  return get(`/api/listings/${encodeURIComponent(id)}/matches`, options);
}
