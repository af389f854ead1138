/** Favourites over REST. */
import { type CallOptions, del, get, put, query } from "./call";
import type { FavoritePage, FavoriteView } from "./schema";

export type Favorite = FavoriteView;

export function listFavorites(
  page: { cursor?: string | undefined; limit: number }, options: CallOptions = {},
): Promise<FavoritePage> {
  return get(`/api/favorites${query(page)}`, options);
}

export function putFavorite(listingId: number, notes?: string): Promise<Favorite> {
  return put(`/api/favorites/${listingId}`, notes === undefined ? {} : { notes });
}

export function deleteFavorite(listingId: number): Promise<void> {
  return del(`/api/favorites/${listingId}`);
}
