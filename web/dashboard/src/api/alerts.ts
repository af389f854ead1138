/** Price alerts over REST. */
import { type CallOptions, del, get, patch, post, put } from "./call";
import { checkAlert } from "./check";
import type { PreviewView, PriceAlertFields, PriceAlerts, PriceAlertView } from "./schema";

export const listAlerts = (options?: CallOptions): Promise<PriceAlerts> => get("/api/price-alerts", options);
export const getAlert = (id: string | number): Promise<PriceAlertView> => get(`/api/price-alerts/${encodeURIComponent(id)}`);
export const createAlert = (fields: PriceAlertFields): Promise<PriceAlertView> => post("/api/price-alerts", fields);
export const changeAlert = (id: string | number, fields: Partial<PriceAlertFields>): Promise<PriceAlertView> =>
  patch(`/api/price-alerts/${encodeURIComponent(id)}`, fields);
export const toggleAlert = (id: string | number): Promise<PriceAlertView> =>
  post(`/api/price-alerts/${encodeURIComponent(id)}/toggle`);
export const deleteAlert = (id: string | number): Promise<void> => del(`/api/price-alerts/${encodeURIComponent(id)}`);
export const previewAlert = async (fields: PriceAlertFields, options?: CallOptions): Promise<PreviewView> => {
  await checkAlert(fields, options);
  return post("/api/price-alerts/preview", fields, options);
};

/** "Not this one": the alert never tells of that listing again. */
export const ignoreForAlert = (id: number, listingId: number): Promise<void> =>
  put(`/api/price-alerts/${id}/ignored-listings/${listingId}`);
export const unignoreForAlert = (id: number, listingId: number): Promise<void> =>
  del(`/api/price-alerts/${id}/ignored-listings/${listingId}`);
