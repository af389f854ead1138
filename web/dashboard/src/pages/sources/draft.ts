/** A source's settings while they are being edited: as texts, for a field holds what was typed, right or wrong. */
import type { JsonObject } from "../../api/schema";
import { SETTINGS, type TextSetting } from "./kinds";

export interface SearchDraft {
  query: string;
  min_price: string;
  max_price: string;
}

export type Draft = Record<TextSetting, string> & {
  follow_searches: boolean;
  respect_robots: boolean;
  searches: readonly SearchDraft[];
  urls: readonly string[];
  /** Where on the page each part is. */
  fields: Readonly<Record<string, string>>;
};

/** What holds where nothing is said. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  base_url: null, urls: [], area: null, category: null, zip: null, miles: null, searches: [], follow_searches: false,
  interval_seconds: 300, pages_per_run: 10, requests_per_day: 2_000, respect_robots: true, currency: null, fields: null,
};

export const BLANK_SEARCH: SearchDraft = { query: "", min_price: "", max_price: "" };

/** The draft of settings as the server has them; what is left out has its default. */
export function draftOf(settings: Readonly<JsonObject>): Draft {
  const all = { ...DEFAULTS, ...settings };
  const texts = Object.fromEntries(Object.keys(SETTINGS).map((name) => [name, textOf(all[name])]));
  return {
    ...(texts as Record<TextSetting, string>),
    follow_searches: all["follow_searches"] === true,
    respect_robots: all["respect_robots"] !== false,
    searches: listOf(all["searches"]).map((search) => {
      const { query, min_price, max_price } = objectOf(search);
      return { query: textOf(query), min_price: textOf(min_price), max_price: textOf(max_price) };
    }),
    urls: listOf(all["urls"]).map(textOf),
    fields: Object.fromEntries(Object.entries(objectOf(all["fields"])).map(([name, value]) => [name, textOf(value)])),
  };
}

/** The draft without the rows that nobody filled in. */
export function withoutBlanks(draft: Draft): Draft {
  return {
    ...draft,
    searches: draft.searches.filter((search) => Object.values(search).some((text) => text.trim() !== "")),
    urls: draft.urls.filter((url) => url.trim() !== ""),
  };
}

export interface Written {
  settings: JsonObject;
  /** What is wrong already, by the name of the field as the server would name it. */
  problems: ReadonlyMap<string, string>;
}

/** The settings that a draft means, with null for what it leaves to the default. */
export function settingsOf(draft: Draft): Written {
  const problems = new Map<string, string>();
  const number = (field: string, text: string): number | null => {
    if (text.trim() === "") return null;
    if (/^\d{1,9}$/.test(text.trim())) return Number(text.trim());
    problems.set(`settings.${field}`, `is “${text.trim()}”; give a whole number`);
    return null;
  };
  const settings: JsonObject = {
    urls: draft.urls.map((url) => url.trim()),
    searches: draft.searches.map((search, place) => searchOf(search, (name) => number(`searches[${place}].${name}`, search[name]))),
    follow_searches: draft.follow_searches,
    respect_robots: draft.respect_robots,
    fields: partsOf(draft.fields),
  };
  for (const [name, { isNumber }] of Object.entries(SETTINGS) as [TextSetting, { isNumber?: true }][]) {
    const text = draft[name].trim();
    settings[name] = isNumber === true ? number(name, text) : text === "" ? null : text;
  }
  return { settings, problems };
}

/** Those of the settings that differ from what holds now. */
export function changesOf(now: Readonly<JsonObject>, wanted: Readonly<JsonObject>): JsonObject {
  const held = { ...DEFAULTS, ...now };
  const isSame = (name: string, value: unknown): boolean =>
    canonical(value ?? DEFAULTS[name]) === canonical(held[name]);
  return Object.fromEntries(Object.entries(wanted).filter(([name, value]) => !isSame(name, value)));
}

/** The settings as one would write them oneself: without what has its default. */
export function jsonOf(settings: Readonly<JsonObject>): string {
  return JSON.stringify(changesOf({}, settings), null, 2);
}

/** Reads settings that were written as JSON; what they do not name goes back to its default. */
export function readJson(text: string): Written {
  const wrong = (words: string): Written => ({ settings: {}, problems: new Map([["settings", words]]) });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return wrong(`are no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return wrong("must be an object, such as {\"area\": \"provo\"}");
  const cleared = Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, null]));
  return { settings: { ...cleared, ...(value as JsonObject) }, problems: new Map() };
}

function searchOf({ query }: SearchDraft, price: (name: "min_price" | "max_price") => number | null): JsonObject {
  const prices = (["min_price", "max_price"] as const).map((name) => [name, price(name)] as const);
  return { query: query.trim(), ...Object.fromEntries(prices.filter(([, amount]) => amount !== null)) };
}

/** An empty text says "the whole row"; a part that is not wanted is not there. */
function partsOf(fields: Readonly<Record<string, string>>): JsonObject | null {
  const given = Object.entries(fields).map(([name, text]) => [name, text.trim()]);
  return given.length === 0 ? null : Object.fromEntries(given);
}

/** The same text for the same value, in whatever order its names stand. */
function canonical(value: unknown): string {
  return JSON.stringify(value ?? null, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner);
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function objectOf(value: unknown): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
