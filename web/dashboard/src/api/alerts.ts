/** Price alerts over REST. */
import { api, type CallOptions } from "./call";
import { checkAlert } from "./check";
import type { PreviewView, PriceAlertFields, PriceAlertFieldsPatch, PriceAlerts, PriceAlertView } from "./schema";

type Id = string | number;

export const listAlerts = (options?: CallOptions): Promise<PriceAlerts> => api.get("/api/price-alerts", options);
export const getAlert = (id: Id): Promise<PriceAlertView> => api.get("/api/price-alerts/{id}", { path: { id } });
export const createAlert = (fields: PriceAlertFields): Promise<PriceAlertView> => api.post("/api/price-alerts", { body: fields });
export const changeAlert = (id: Id, fields: PriceAlertFieldsPatch): Promise<PriceAlertView> =>
  api.patch("/api/price-alerts/{id}", { path: { id }, body: fields });
export const toggleAlert = (id: Id): Promise<PriceAlertView> => api.post("/api/price-alerts/{id}/toggle", { path: { id } });
export const deleteAlert = (id: Id): Promise<void> => api.delete("/api/price-alerts/{id}", { path: { id } });
export const previewAlert = async (fields: PriceAlertFields, options?: CallOptions): Promise<PreviewView> => {
  await checkAlert(fields, options);
  return api.post("/api/price-alerts/preview", { body: fields, ...options });
};

/** "Not this one": the alert never tells of that listing again. */
export const ignoreForAlert = (id: number, listingId: number): Promise<void> =>
  api.put("/api/price-alerts/{id}/ignored-listings/{listing_id}", { path: { id, listing_id: listingId } });
export const unignoreForAlert = (id: number, listingId: number): Promise<void> =>
  api.delete("/api/price-alerts/{id}/ignored-listings/{listing_id}", { path: { id, listing_id: listingId } });
