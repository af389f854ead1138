/** Sizes and spans of time in words. */

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** A size on disk: "352 kB". */
export function size(bytes: number, locale?: string): string {
  const power = Math.min(UNITS.length - 1, bytes < 1_000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const amount = bytes / 1_000 ** power;
  const maximumFractionDigits = amount < 10 && power > 0 ? 1 : 0;
  return new Intl.NumberFormat(locale, { style: "unit", unit: UNITS[power] ?? "byte", unitDisplay: "short", maximumFractionDigits }).format(amount);
}

/** A span of time by its two largest units: "3 d 4 h". */
export function span(seconds: number): string {
  const parts = [[Math.floor(seconds / 86_400), "d"], [Math.floor(seconds / 3_600) % 24, "h"], [Math.floor(seconds / 60) % 60, "min"], [Math.floor(seconds) % 60, "s"]] as const;
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first === -1) return "0 s";
  return parts.slice(first, first + 2).filter(([amount]) => amount > 0).map(([amount, unit]) => `${amount} ${unit}`).join(" ");
}
