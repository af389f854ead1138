/** The kinds of source there are, and what each wants to be told. */

export type Kind = "craigslist" | "ksl" | "facebook" | "feed" | "json" | "html";

/** Settings that are one line of text or a number. */
export type TextSetting =
  | "area" | "category" | "zip" | "miles" | "base_url" | "currency"
  | "interval_seconds" | "pages_per_run" | "requests_per_day";

export interface KindWords {
  name: string;
  /** In one line, what it reads. */
  reads: string;
  /** What of the site is to be read. */
  place: readonly TextSetting[];
  /** Whether it reads pages that have to be named; the others find theirs. */
  needsUrls: boolean;
  /** The parts of a page that have to be pointed out; those before `price` must be. */
  parts: readonly string[];
}

export const KINDS: Readonly<Record<Kind, KindWords>> = {
  craigslist: {
    name: "Craigslist", reads: "The newest ads of one of Craigslist's areas.",
    place: ["area", "category"], needsUrls: false, parts: [],
  },
  ksl: {
    name: "KSL Classifieds", reads: "Searches of KSL, around a ZIP code if you like.",
    place: ["zip", "miles"], needsUrls: false, parts: [],
  },
  facebook: {
    name: "Facebook Marketplace", reads: "Searches of Marketplace around one place.",
    place: ["area", "miles"], needsUrls: false, parts: [],
  },
  feed: {
    name: "Feed", reads: "RSS, Atom or JSON Feed: a shop's or a site's own news.",
    place: [], needsUrls: true, parts: [],
  },
  json: {
    name: "JSON", reads: "Any JSON; you say where in it the listings are.",
    place: [], needsUrls: true,
    parts: ["items", "title", "link", "price", "currency", "location", "image", "description", "id", "date", "empty"],
  },
  html: {
    name: "Web page", reads: "Any page; you say where on it the listings are.",
    place: [], needsUrls: true,
    parts: ["row", "title", "link", "price", "location", "image", "description", "id", "date", "empty"],
  },
};

export const KIND_NAMES = Object.keys(KINDS) as Kind[];

/** The words for a kind; one that this page does not know has no fields of its own. */
export function kindOf(kind: string): KindWords {
  return KINDS[kind as Kind] ?? { name: kind, reads: "", place: [], needsUrls: false, parts: [] };
}

export function isKind(text: string): text is Kind {
  return Object.hasOwn(KINDS, text);
}

interface SettingWords {
  label: string;
  hint?: string;
  placeholder?: string;
  isNumber?: true;
}

export const SETTINGS: Readonly<Record<TextSetting, SettingWords>> = {
  area: { label: "Area", hint: "As in the site's addresses.", placeholder: "saltlakecity" },
  category: { label: "Category", hint: "“sss” is everything for sale.", placeholder: "sss" },
  zip: { label: "ZIP code", hint: "The middle of the circle; everywhere without one.", placeholder: "84101" },
  miles: { label: "Miles around", isNumber: true },
  base_url: { label: "Other origin", hint: "In the place of the site's own, for a copy or a proxy of it.", placeholder: "https://…" },
  currency: { label: "Currency", hint: "Of prices that do not say theirs.", placeholder: "USD" },
  interval_seconds: { label: "Seconds between runs", isNumber: true },
  pages_per_run: { label: "Pages in one run", hint: "The next run goes on with the others.", isNumber: true },
  requests_per_day: { label: "Requests a day", hint: "Counted in UTC, across restarts.", isNumber: true },
};

/** What the parts of a page are called, and an example for HTML and for JSON. */
export const PARTS: Readonly<Record<string, readonly [label: string, html: string, json: string]>> = {
  row: ["Each listing", "li.ad", ""],
  items: ["List of listings", "", "$.results"],
  title: ["Title", "h2 a", "$.name"],
  link: ["Link", "h2 a", "$.url"],
  price: ["Price", ".price", "$.price.value"],
  currency: ["Currency", "", "$.price.currency"],
  location: ["Place", ".place", "$.city"],
  image: ["Picture", "img@data-src", "$.photo"],
  description: ["Description", ".text", "$.text"],
  id: ["The site's number", "@data-id", "$.id"],
  date: ["Date", "time@datetime", "$.posted"],
  empty: ["“Nothing here”", ".no-results", "$.total"],
};
