import { Refusal, sentence } from "../../api/call";
import type { FieldError, PreviewView } from "../../api/schema";
import { sourceName } from "../../format";

/** What the server says is wrong, by the name of the field; empty where it is about no field. */
export function problemsOf(error: unknown): ReadonlyMap<string, string> {
  return error instanceof Refusal ? error.fields : new Map();
}

/** What the server says is wrong with the keywords. */
export function keywordsErrorOf(error: unknown): FieldError | undefined {
  return error instanceof Refusal ? error.errors.find(({ field }) => field === "keywords") : undefined;
}

/** The server's words are the end of a sentence that begins with the field: "is missing; give a name". */
export function fieldProblem(problems: ReadonlyMap<string, string>, field: string, label: string): string | undefined {
  const words = problems.get(field);
  if (words === undefined) return undefined;
  return sentence(/^(is|are|cannot|names|needs) /.test(words) ? `${label} ${words}` : words);
}

/** "Craigslist, KSL", or all of them. */
export function sourcesWords(sources: readonly string[] | null | undefined): string {
  return sources == null || sources.length === 0 ? "all sources" : sources.map(sourceName).join(", ");
}

/** "14 times in the last 30 days, about 3 a week". */
export function timesWords({ count, count_at_least: least, per_week: weekly }: PreviewView): string {
  if (count === 0) return "never in the last 30 days";
  const times = count == null ? `at least ${(least ?? 0).toLocaleString()} times` : count === 1 ? "once" : `${count.toLocaleString()} times`;
  return `${times} in the last 30 days${rateWords(count ?? least ?? 0, weekly)}`;
}

/** "14 listings of the last 30 days". */
export function listingsWords({ count, count_at_least: least, per_week: weekly }: PreviewView): string {
  if (count === 0) return "no listing of the last 30 days";
  const many = count == null ? `at least ${(least ?? 0).toLocaleString()} listings` : count === 1 ? "1 listing" : `${count.toLocaleString()} listings`;
  return `${many} of the last 30 days${rateWords(count ?? least ?? 0, weekly)}`;
}

function rateWords(count: number, weekly: number): string {
  if (count < 2) return "";
  if (weekly < 0.75) return ", less than one a week";
  if (weekly >= 14) return `, about ${Math.round(weekly / 7).toLocaleString()} a day`;
  return `, about ${Math.round(weekly)} a week`;
}
