/** Saved searches over REST. */
import { api, type CallOptions } from "./call";
import { checkSearch } from "./check";
import type { PreviewView, SavedSearchFields, SavedSearchFieldsPatch, SavedSearches, SavedSearchView } from "./schema";

type Id = string | number;

export const listSearches = (options?: CallOptions): Promise<SavedSearches> => api.get("/api/saved-searches", options);
export const getSearch = (id: Id): Promise<SavedSearchView> => api.get("/api/saved-searches/{id}", { path: { id } });
export const createSearch = (fields: SavedSearchFields): Promise<SavedSearchView> => api.post("/api/saved-searches", { body: fields });
export const changeSearch = (id: Id, fields: SavedSearchFieldsPatch): Promise<SavedSearchView> =>
  api.patch("/api/saved-searches/{id}", { path: { id }, body: fields });
export const deleteSearch = (id: Id): Promise<void> => api.delete("/api/saved-searches/{id}", { path: { id } });
export const runSearch = (id: Id): Promise<PreviewView> => api.post("/api/saved-searches/{id}/run", { path: { id } });
export const previewSearch = async (fields: SavedSearchFields, options?: CallOptions): Promise<PreviewView> => {
  await checkSearch(fields, options);
  return api.post("/api/saved-searches/preview", { body: fields, ...options });
};

/** "Not this one": the search never tells of that listing again. */
export const ignoreForSearch = (id: number, listingId: number): Promise<void> =>
  api.put("/api/saved-searches/{id}/ignored-listings/{listing_id}", { path: { id, listing_id: listingId } });
export const unignoreForSearch = (id: number, listingId: number): Promise<void> =>
  api.delete("/api/saved-searches/{id}/ignored-listings/{listing_id}", { path: { id, listing_id: listingId } });
