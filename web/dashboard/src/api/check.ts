/**
 * Fields are checked before they are sent where people are bound to be wrong: while they type. A refusal would tell the page
 * the same, but browsers write each one into their console in red.
 */
import { type CallOptions, invalid, post } from "./call";
import type { PriceAlertFields, SavedSearchFields, Verdict } from "./schema";

/** Throws what a refusal of the fields would be. */
export const checkAlert = (fields: PriceAlertFields, options?: CallOptions): Promise<void> =>
  check("/api/price-alerts/check", fields, options);

/** The same of a search, whose name may be missing. */
export const checkSearch = (fields: Partial<SavedSearchFields>, options?: CallOptions): Promise<void> =>
  check("/api/saved-searches/check", fields, options);

async function check(path: string, fields: object, options?: CallOptions): Promise<void> {
  const { errors } = await post<Verdict>(path, fields, options);
  if (errors.length > 0) throw invalid(errors);
}
