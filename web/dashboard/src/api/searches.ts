/** Saved searches over REST. */
import { type CallOptions, del, get, patch, post, put } from "./call";
import { checkSearch } from "./check";
import type { PreviewView, SavedSearchFields, SavedSearches, SavedSearchView } from "./schema";

export const listSearches = (options?: CallOptions): Promise<SavedSearches> => get("/api/saved-searches", options);
export const getSearch = (id: string | number): Promise<SavedSearchView> =>
  get(`/api/saved-searches/${encodeURIComponent(id)}`);
export const createSearch = (fields: SavedSearchFields): Promise<SavedSearchView> => post("/api/saved-searches", fields);
export const changeSearch = (id: string | number, fields: Partial<SavedSearchFields>): Promise<SavedSearchView> =>
  patch(`/api/saved-searches/${encodeURIComponent(id)}`, fields);
export const deleteSearch = (id: string | number): Promise<void> => del(`/api/saved-searches/${encodeURIComponent(id)}`);
export const runSearch = (id: string | number): Promise<PreviewView> =>
  post(`/api/saved-searches/${encodeURIComponent(id)}/run`);
export const previewSearch = async (fields: SavedSearchFields, options?: CallOptions): Promise<PreviewView> => {
  await checkSearch(fields, options);
  return post("/api/saved-searches/preview", fields, options);
};

/** "Not this one": the search never tells of that listing again. */
export const ignoreForSearch = (id: number, listingId: number): Promise<void> =>
  put(`/api/saved-searches/${id}/ignored-listings/${listingId}`);
export const unignoreForSearch = (id: number, listingId: number): Promise<void> =>
  del(`/api/saved-searches/${id}/ignored-listings/${listingId}`);
