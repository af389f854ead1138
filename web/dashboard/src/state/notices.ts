/**
 * What a notification says to people.
 *
 * What is in one was written by whoever published it, and part of that by strangers: nothing of it is taken for granted, and
 * all of it is text.
 */
import type { UserNotification } from "../../../client/websocket-client";
import type { Listing } from "../api/schema";
import { clock, exact, price, sourceName } from "../format";
import { wordsOf as stateWords } from "./source-states";

/** The price alert or the saved search that a notification comes from. */
export interface Query {
  kind: "alert" | "search";
  id: number;
  name: string;
}

export interface Notice {
  kind: Kind;
  /** What it is, in a word or two. */
  heading: string;
  /** What the user had asked for. */
  about: string;
  text: string;
  /** Those of ours have a number above 0. */
  listings: readonly Listing[];
  /** So many more than those. */
  more: number;
  query: Query | undefined;
  /** The page of this app that says more. */
  href: string | undefined;
  tone: "plain" | "good" | "bad";
}

export const KINDS = ["price_alert", "saved_search", "source_status", "other"] as const;
export type Kind = (typeof KINDS)[number];

/** More of a text helps nobody. */
const LONGEST = 500;
const MOST_LISTINGS = 10;
const MOST_PAIRS = 6;

type Data = Readonly<Record<string, unknown>>;
type Told = Pick<UserNotification, "type"> & { data: unknown };

/** Of which of the kinds that are filtered by. */
export function kindOf(type: string): Kind {
  return (KINDS as readonly string[]).includes(type) && type !== "other" ? (type as Kind) : "other";
}

/** Reads a notification. */
export function noticeOf({ type, data: given }: Told): Notice {
  const data = isObject(given) ? given : {};
  switch (kindOf(type)) {
    case "price_alert":
      return ofPriceAlert(data);
    case "saved_search":
      return ofSavedSearch(data);
    case "source_status":
      return ofSource(data);
    default:
      return { ...plain(data), heading: headingOf(type) };
  }
}

/** The listing that "not this one" can mean: the only one of ours. */
export function onlyListing({ listings, more }: Notice): Listing | undefined {
  const [listing, ...others] = listings;
  return listing !== undefined && listing.id > 0 && others.length === 0 && more === 0 ? listing : undefined;
}

function ofPriceAlert(data: Data): Notice {
  const keywords = text(data["keywords"]);
  const threshold = data["threshold_price"];
  const side = data["alert_type"] === "over" ? "over" : "under";
  const listings = listingsOf([...(isArray(data["listings"]) ? data["listings"] : []), data["listing"]]);
  const currency = text(data["currency"]) || listings[0]?.currency || "";
  const limit = typeof threshold === "number" ? `${side} ${price(threshold, currency)}` : "";
  const about = [keywords, limit].filter((part) => part !== "").join(" ");
  return {
    ...plain(data),
    kind: "price_alert",
    heading: "Price alert",
    about,
    listings,
    more: moreThan(listings, data["results_count"]),
    query: queryOf("alert", data["alert_id"], keywords || "Price alert"),
    href: hrefOf(listings[0]),
  };
}

function ofSavedSearch(data: Data): Notice {
  const name = text(data["search_name"]);
  const listings = listingsOf(isArray(data["listings"]) ? data["listings"] : []);
  const query = queryOf("search", data["search_id"], name || "Saved search");
  return {
    ...plain(data),
    kind: "saved_search",
    heading: "Saved search",
    about: name,
    listings,
    more: moreThan(listings, data["results_count"]),
    query,
    href: listings.length === 1 ? hrefOf(listings[0]) : query && `/searches/${query.id}`,
  };
}

const FINE = new Set(["ok", "empty"]);
/** The texts that the server's own notices of sources always carry, beside `last_good_at`, which may be null. */
const FACTS = ["source", "state", "reason", "since"] as const;

function ofSource(data: Data): Notice {
  const source = text(data["source"]);
  return {
    ...plain(data),
    kind: "source_status",
    heading: "Source",
    about: source === "" ? "" : sourceName(source),
    text: sourceWords(data),
    href: source === "" ? "/sources" : `/sources/${encodeURIComponent(source)}`,
    tone: FINE.has(text(data["state"])) ? "good" : "bad",
  };
}

/** Words for notices with all the facts that the server's own carry; those with fewer keep the words that were published. */
function sourceWords(data: Data): string {
  const isFromServer = FACTS.every((name) => text(data[name]) !== "") && "last_good_at" in data;
  if (!isFromServer) return capitalized(wordsOf(data));
  const source = text(data["source"]);
  const state = text(data["state"]);
  if (FINE.has(state)) return `${sourceName(source)} is back: alerts come again`;
  const lastGood = new Date(text(data["last_good_at"]));
  const since = Number.isNaN(lastGood.getTime()) ? "" : ` since ${onThatDay(lastGood)}`;
  return `No alerts from ${sourceName(source)}${since}: ${stateWords(state).words.toLowerCase()}`;
}

/** The time of day if it was today, otherwise the exact time. */
function onThatDay(time: Date): string {
  return time.toDateString() === new Date().toDateString() ? clock(time) : exact(time);
}

function capitalized(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A notification of any shape, as well as it can be shown. */
function plain(data: Data): Notice {
  return {
    kind: "other", heading: "", about: "", text: wordsOf(data), listings: [], more: 0, query: undefined, href: undefined,
    tone: "plain",
  };
}

function wordsOf(data: Data): string {
  for (const name of ["message", "text", "title", "subject"]) {
    const words = text(data[name]);
    if (words !== "") return words;
  }
  const pairs = Object.entries(data).filter(([, value]) => ["string", "number", "boolean"].includes(typeof value));
  return pairs.slice(0, MOST_PAIRS).map(([name, value]) => `${name}: ${String(value)}`).join(" · ").slice(0, LONGEST);
}

/** "price_drop" is "Price drop". */
function headingOf(type: string): string {
  if (type === "custom") return "Message";
  const words = type.replaceAll(/[_-]+/g, " ").trim().slice(0, 40);
  return words === "" ? "Message" : words.charAt(0).toUpperCase() + words.slice(1);
}

function listingsOf(values: readonly unknown[]): Listing[] {
  const listings: Listing[] = [];
  for (const value of values.slice(0, MOST_LISTINGS + 1)) {
    const listing = listingOf(value);
    if (listing !== undefined && !(listing.id > 0 && listings.some(({ id }) => id === listing.id))) listings.push(listing);
  }
  return listings.slice(0, MOST_LISTINGS);
}

function listingOf(value: unknown): Listing | undefined {
  if (!isObject(value) || text(value["title"]) === "") return undefined;
  const id = value["id"];
  return {
    id: typeof id === "number" && Number.isSafeInteger(id) && id > 0 ? id : 0,
    title: text(value["title"]),
    price: amount(value["price"]),
    previous_price: amount(value["previous_price"]),
    currency: text(value["currency"]) || "USD",
    link: text(value["link"]),
    source: text(value["source"]) || "?",
    image_url: text(value["image_url"]) || null,
    location: text(value["location"]) || null,
    created_at: text(value["created_at"]),
  };
}

function queryOf(kind: Query["kind"], id: unknown, name: string): Query | undefined {
  return typeof id === "number" && Number.isSafeInteger(id) && id > 0 ? { kind, id, name } : undefined;
}

function hrefOf(listing: Listing | undefined): string | undefined {
  return listing !== undefined && listing.id > 0 ? `/listings/${listing.id}` : undefined;
}

function moreThan(listings: readonly Listing[], count: unknown): number {
  return typeof count === "number" && Number.isSafeInteger(count) ? Math.max(0, count - listings.length) : 0;
}

function amount(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function text(value: unknown): string {
  return typeof value === "string" ? value.trim().slice(0, LONGEST) : "";
}

function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isObject(value: unknown): value is Data {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
