/** Standing queries over REST: price alerts and saved searches, which are called alike. */
import { api, type CallOptions, invalid } from "./call";
import type { PreviewView, PriceAlertFields, PriceAlert, SavedSearchFields, SavedSearch, FieldVerdict } from "./schema";

type Id = string | number;

/** The calls of one kind. */
export interface StandingCalls<Fields, Query> {
  list: (options?: CallOptions) => Promise<{ items: Query[] }>;
  read: (id: Id) => Promise<Query>;
  create: (fields: Fields) => Promise<Query>;
  change: (id: Id, fields: Fields) => Promise<Query>;
  remove: (id: Id) => Promise<void>;
  setActive: (id: number, active: boolean) => Promise<Query>;
  check: (fields: Fields, options?: CallOptions) => Promise<FieldVerdict>;
  preview: (fields: Fields, options?: CallOptions) => Promise<PreviewView>;
  /** Whether the query is never to notify of a listing again. */
  setIgnored: (id: number, listingId: number, ignored: boolean) => Promise<void>;
}

export const alertCalls: StandingCalls<PriceAlertFields, PriceAlert> = {
  list: (options) => api.get("/api/price-alerts", options),
  read: (id) => api.get("/api/price-alerts/{id}", { path: { id } }),
  create: (body) => api.post("/api/price-alerts", { body }),
  change: (id, body) => api.patch("/api/price-alerts/{id}", { path: { id }, body }),
  remove: (id) => api.delete("/api/price-alerts/{id}", { path: { id } }),
  setActive: (id, active) => api.patch("/api/price-alerts/{id}", { path: { id }, body: { active } }),
  check: (body, options) => api.post("/api/price-alerts/check", { body, ...options }),
  preview: (body, options) => api.post("/api/price-alerts/preview", { body, ...options }),
  setIgnored(id, listing_id, ignored) {
    const path = { id, listing_id };
    if (ignored) return api.put("/api/price-alerts/{id}/ignored-listings/{listing_id}", { path });
    return api.delete("/api/price-alerts/{id}/ignored-listings/{listing_id}", { path });
  },
};

export const searchCalls: StandingCalls<SavedSearchFields, SavedSearch> = {
  list: (options) => api.get("/api/saved-searches", options),
  read: (id) => api.get("/api/saved-searches/{id}", { path: { id } }),
  create: (body) => api.post("/api/saved-searches", { body }),
  change: (id, fields) => api.patch("/api/saved-searches/{id}", { path: { id }, body: resumed(fields) }),
  remove: (id) => api.delete("/api/saved-searches/{id}", { path: { id } }),
  setActive: (id, active) => api.patch("/api/saved-searches/{id}", { path: { id }, body: resumed({ notify_new: active }) }),
  check: (body, options) => api.post("/api/saved-searches/check", { body, ...options }),
  preview: (body, options) => api.post("/api/saved-searches/preview", { body, ...options }),
  setIgnored(id, listing_id, ignored) {
    const path = { id, listing_id };
    if (ignored) return api.put("/api/saved-searches/{id}/ignored-listings/{listing_id}", { path });
    return api.delete("/api/saved-searches/{id}/ignored-listings/{listing_id}", { path });
  },
};

/** A change that lets a search notify also resumes it, in case it was paused over the API. */
function resumed<Fields extends { notify_new?: boolean | null }>(fields: Fields): Fields & { active?: true } {
  return fields.notify_new === true ? { ...fields, active: true } : fields;
}

/** Runs a saved search now. */
export const runSearch = (id: number): Promise<PreviewView> => api.post("/api/saved-searches/{id}/run", { path: { id } });

/**
 * Throws what a refusal of the fields would be.
 *
 * Fields that are being typed are often wrong, and browsers write every refusal into their console in red. So they are
 * checked before they are sent.
 */
export async function checkFields<Fields>(
  { check }: StandingCalls<Fields, unknown>, fields: Fields, options?: CallOptions,
): Promise<void> {
  const { errors } = await check(fields, options);
  if (errors.length > 0) throw invalid(errors);
}

/** What checked fields would have found. */
export async function previewFields<Fields>(calls: StandingCalls<Fields, unknown>, fields: Fields): Promise<PreviewView> {
  await checkFields(calls, fields);
  return calls.preview(fields);
}
