/** Favourites over REST. */
import { api, type CallOptions } from "./call";
import type { FavoriteView } from "./schema";

export type Favorite = FavoriteView;

export function listFavorites(
  page: { cursor?: string | undefined; limit: number }, options: CallOptions = {},
) {
  return api.get("/api/favorites", { query: page, ...options });
}

export function putFavorite(listingId: number, notes?: string) {
  return api.put("/api/favorites/{listing_id}", { path: { listing_id: listingId }, body: notes === undefined ? {} : { notes } });
}

export function deleteFavorite(listingId: number) {
  return api.delete("/api/favorites/{listing_id}", { path: { listing_id: listingId } });
}
