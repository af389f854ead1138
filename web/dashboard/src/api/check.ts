/**
 * Fields are checked before they are sent where people are bound to be wrong: while they type. A refusal would tell the page
 * the same, but browsers write each one into their console in red.
 */
import { api, type CallOptions, invalid } from "./call";
import type { PriceAlertFields, SavedSearchFields, Verdict } from "./schema";

/** Throws what a refusal of the fields would be. */
export const checkAlert = async (fields: PriceAlertFields, options?: CallOptions): Promise<void> =>
  judge(await api.post("/api/price-alerts/check", { body: fields, ...options }));

export const checkSearch = async (fields: SavedSearchFields, options?: CallOptions): Promise<void> =>
  judge(await api.post("/api/saved-searches/check", { body: fields, ...options }));

function judge({ errors }: Verdict): void {
  if (errors.length > 0) throw invalid(errors);
}
