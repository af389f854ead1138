/** Amounts as people type them. */

/** `30000`, `30,000`, `$30k`, `1.250,50`: an amount; `undefined` for nothing, `NaN` for what is no amount. */
export function parseAmount(typed: string): number | undefined {
  const text = typed.replace(/[\s$€£¥'’]/g, "").toLowerCase();
  if (text === "") return undefined;
  const found = /^([\d.,]*\d[\d.,]*)(k)?$/.exec(text);
  if (found === null) return Number.NaN;
  return Number(plain(found[1] ?? "")) * (found[2] === undefined ? 1 : 1_000);
}

/** The amount that was typed; `null` for nothing and for what is no amount. */
export function parsedAmount(typed: string): number | null {
  const amount = parseAmount(typed);
  return amount === undefined || Number.isNaN(amount) ? null : amount;
}

/** An amount as it stands in a field. */
export function amountText(amount: number | null | undefined): string {
  return amount == null ? "" : String(amount);
}

/** Which of these fields hold something that is no amount, with the words for it. */
export function amountProblems(fields: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const wrong = Object.entries(fields).filter(([, typed]) => Number.isNaN(parseAmount(typed)));
  return new Map(wrong.map(([field]) => [field, "is no amount; give one such as 1200 or 1,200.50"]));
}

/** With a point before the decimals and nothing between thousands. */
function plain(digits: string): string {
  const last = Math.max(digits.lastIndexOf(","), digits.lastIndexOf("."));
  if (last === -1) return digits;
  const sign = digits.charAt(last);
  const isGrouped = digits.indexOf(sign) !== last || digits.length - last - 1 === 3;
  const hasBoth = digits.includes(",") && digits.includes(".");
  // Three digits behind the only sign are thousands: nobody asks for tenths of cents.
  if (isGrouped && !hasBoth) return digits.replace(/[.,]/g, "");
  return `${digits.slice(0, last).replace(/[.,]/g, "")}.${digits.slice(last + 1)}`;
}

/** What somebody asks for in one line: `road bike under 300`. */
export interface Wish {
  keywords: string;
  threshold: number | undefined;
  alertType: "under" | "over";
}

const PRICE_AT_END = /^(.*?)[\s,]*(under|below|up to|at most|max|over|above|at least|min|for|<=?|>=?)?\s*([$€£]?\s?\d[\d.,]*k?)\s*[$€£]?$/i;
const UPWARDS = new Set(["over", "above", "at least", "min", ">", ">="]);

/** Takes a line apart into words and the price at its end; a bare number is a price only with a word or a sign that says so. */
export function parseWish(line: string): Wish {
  const text = line.trim();
  const asTyped: Wish = { keywords: text, threshold: undefined, alertType: "under" };
  const [, words = "", side, amount = ""] = PRICE_AT_END.exec(text) ?? [];
  const threshold = parseAmount(amount);
  if (words === "" || threshold === undefined || Number.isNaN(threshold)) return asTyped;
  if (side === undefined && !/^[$€£]/.test(amount) && !/[$€£]$/.test(text)) return asTyped;
  return { keywords: words, threshold, alertType: UPWARDS.has(side?.toLowerCase() ?? "") ? "over" : "under" };
}
