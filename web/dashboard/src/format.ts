/** Amounts, times and names as people of the browser's language read them. */

/** A price in words: an amount, free, or none stated. */
export function price(amount: number | null | undefined, currency: string, locale?: string): string {
  if (amount === null || amount === undefined) return "No price given";
  if (amount === 0) return "Free";
  const digits = Number.isInteger(amount) ? { maximumFractionDigits: 0 } : {};
  try {
    const make = (): Intl.NumberFormat => new Intl.NumberFormat(locale, { style: "currency", currency, ...digits });
    return kept(`price ${locale} ${currency} ${"maximumFractionDigits" in digits}`, make).format(amount);
  } catch {
    // What is no currency code is still worth showing.
    return `${new Intl.NumberFormat(locale, digits).format(amount)} ${currency}`;
  }
}

/** A price with the period that it is for: "$500 / month". */
export function priceFor(amount: number | null | undefined, currency: string, per: string | null | undefined, locale?: string): string {
  const words = price(amount, currency, locale);
  return per == null || !amount ? words : `${words} / ${per}`;
}

const formats = new Map<string, unknown>();

/** A format that was made before: making one takes longer than all else that a row of a list needs. */
function kept<Format>(key: string, make: () => Format): Format {
  const known = formats.get(key) as Format | undefined;
  if (known !== undefined) return known;
  const made = make();
  formats.set(key, made);
  return made;
}

/** By how much a price fell, in whole percent; `undefined` when it did not, or cannot be compared. */
export function drop(before: number | null | undefined, now: number | null | undefined): number | undefined {
  if (typeof before !== "number" || typeof now !== "number" || before <= 0 || now >= before) return undefined;
  return Math.round(((before - now) / before) * 100);
}

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["year", 31_536_000_000],
  ["month", 2_592_000_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** How long ago something was: "2 minutes ago", "yesterday". */
export function age(time: Date, now: Date, locale?: string): string {
  const elapsed_ms = now.getTime() - time.getTime();
  const format = kept(`age ${locale}`, () => new Intl.RelativeTimeFormat(locale, { numeric: "auto" }));
  // Clocks differ a little: what is said to come from the near future is from just now.
  const unit = UNITS.find(([, length_ms]) => Math.abs(elapsed_ms) >= length_ms);
  if (unit === undefined) return format.format(0, "second");
  return format.format(-Math.trunc(elapsed_ms / unit[1]), unit[0]);
}

/** The exact time. */
export function exact(time: Date, locale?: string): string {
  const make = (): Intl.DateTimeFormat => new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
  return kept(`exact ${locale}`, make).format(time);
}

/** The time of day. */
export function clock(time: Date, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { timeStyle: "short" }).format(time);
}

/** A source's name as it writes itself; short ones are initials. */
export function sourceName(source: string): string {
  if (source.length <= 3) return source.toUpperCase();
  return source.charAt(0).toUpperCase() + source.slice(1).replaceAll("_", " ");
}
