/** The periods that recurring prices are for. */
import type { PricePeriod } from "../api/schema";

/** Each period with the words for it after "The price is for". */
export const PERIODS: readonly (readonly [PricePeriod, string])[] = [
  ["hour", "an hour"],
  ["day", "a day"],
  ["week", "a week"],
  ["month", "a month"],
  ["year", "a year"],
  ["area", "a unit of area"],
];

/** The period of that name; `null` for prices of sales, and for what is no period. */
export function periodOf(name: string | null | undefined): PricePeriod | null {
  return PERIODS.find(([period]) => period === name)?.[0] ?? null;
}
