/** A source's settings while they are being edited: as texts, for a field holds what was typed, right or wrong. */
import type { JsonObject } from "../../api/schema";
import { defaultsOf, type SourceKind } from "./kinds";

export interface SearchDraft {
  query: string;
  min_price: string;
  max_price: string;
}

export interface Draft {
  /** Settings of one line, by name. */
  texts: Readonly<Record<string, string>>;
  /** Settings that are on or off, by name. */
  switches: Readonly<Record<string, boolean>>;
  searches: readonly SearchDraft[];
  urls: readonly string[];
  /** Where on the page each part is. */
  fields: Readonly<Record<string, string>>;
  /** Settings that have no field in the form; they stay as they are. */
  others: Readonly<JsonObject>;
}

export const BLANK_SEARCH: SearchDraft = { query: "", min_price: "", max_price: "" };

const LISTS: ReadonlySet<string> = new Set(["url_list", "search_list"]);

/** The draft of settings as the server has them; what is left out, or null, has its default. */
export function draftOf(kind: SourceKind, settings: Readonly<JsonObject>): Draft {
  const defaults = defaultsOf(kind);
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value != null));
  const all: JsonObject = { ...defaults, ...given };
  const own = kind.settings.filter(({ name, type }) => name in defaults && !LISTS.has(type));
  const [switches, texts] = [own.filter(({ type }) => type === "boolean"), own.filter(({ type }) => type !== "boolean")];
  return {
    texts: Object.fromEntries(texts.map(({ name }) => [name, textOf(all[name])])),
    switches: Object.fromEntries(switches.map(({ name }) => [name, all[name] === true])),
    searches: listOf(all["searches"]).map((search) => {
      const { query, min_price, max_price } = objectOf(search);
      return { query: textOf(query), min_price: textOf(min_price), max_price: textOf(max_price) };
    }),
    urls: listOf(all["urls"]).map(textOf),
    fields: Object.fromEntries(Object.entries(objectOf(all["fields"])).map(([name, value]) => [name, partText(value)])),
    // A null takes away what the source has.
    others: Object.fromEntries(Object.entries(settings).filter(([name]) => !(name in defaults))),
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
export function settingsOf(kind: SourceKind, draft: Draft): Written {
  const problems = new Map<string, string>();
  const number = (field: string, text: string): number | null => {
    if (text.trim() === "") return null;
    if (/^\d{1,9}$/.test(text.trim())) return Number(text.trim());
    problems.set(`settings.${field}`, `is “${text.trim()}”; give a whole number`);
    return null;
  };
  const all: JsonObject = {
    urls: draft.urls.map((url) => url.trim()),
    searches: draft.searches.map((search, place) => searchOf(search, (name) => number(`searches[${place}].${name}`, search[name]))),
    fields: partsOf(draft.fields),
    ...draft.switches,
  };
  const types = new Map(kind.settings.map(({ name, type }) => [name, type]));
  for (const [name, text] of Object.entries(draft.texts)) {
    all[name] = types.get(name) === "integer" ? number(name, text) : text.trim() === "" ? null : text.trim();
  }
  const defaults = defaultsOf(kind);
  const own = Object.fromEntries(Object.entries(all).filter(([name]) => name in defaults));
  return { settings: { ...draft.others, ...own }, problems };
}

/** Those of the settings that differ from what holds now. */
export function changesOf(kind: SourceKind, now: Readonly<JsonObject>, wanted: Readonly<JsonObject>): JsonObject {
  const defaults = defaultsOf(kind);
  const held: JsonObject = { ...defaults, ...now };
  const isSame = (name: string, value: unknown): boolean =>
    canonical(value ?? defaults[name]) === canonical(held[name]);
  return Object.fromEntries(Object.entries(wanted).filter(([name, value]) => !isSame(name, value)));
}

/** The settings as one would write them oneself: without what has its default. */
export function jsonOf(kind: SourceKind, settings: Readonly<JsonObject>): string {
  return JSON.stringify(changesOf(kind, {}, settings), null, 2);
}

/** Reads settings that were written as JSON; of those that the source has now, what they do not name gets its default. */
export function readJson(kind: SourceKind, now: Readonly<JsonObject>, text: string): Written {
  const wrong = (words: string): Written => ({ settings: {}, problems: new Map([["settings", words]]) });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return wrong(`are no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return wrong("must be an object, such as {\"area\": \"provo\"}");
  const cleared = Object.fromEntries(Object.keys({ ...defaultsOf(kind), ...now }).map((name) => [name, null]));
  return { settings: { ...cleared, ...(value as JsonObject) }, problems: new Map() };
}

function searchOf({ query }: SearchDraft, price: (name: "min_price" | "max_price") => number | null): JsonObject {
  const prices = (["min_price", "max_price"] as const).map((name) => [name, price(name)] as const);
  return { query: query.trim(), ...Object.fromEntries(prices.filter(([, amount]) => amount !== null)) };
}

/** An empty text says "the whole row"; a part that is not wanted is not there. */
function partsOf(fields: Readonly<Record<string, string>>): JsonObject | null {
  const given = Object.entries(fields).map(([name, text]) => [name, partOf(text.trim())]);
  return given.length === 0 ? null : Object.fromEntries(given);
}

/** A part as text; a list of places, which has no field of its own, as JSON. */
function partText(value: unknown): string {
  return Array.isArray(value) ? JSON.stringify(value) : textOf(value);
}

/** A part of that text. Neither a CSS selector nor a JSONPath begins like a list of texts. */
function partOf(text: string): string | string[] {
  if (!text.startsWith("[\"")) return text;
  try {
    return (JSON.parse(text) as unknown[]).map(textOf);
  } catch {
    return text;
  }
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
