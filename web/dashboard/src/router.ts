/**
 * The address is the state: which page is shown, of what, and with which filters.
 *
 * Plain `<a href>` elements lead through here, so that they work as links everywhere a browser lets one use a link.
 */
import { computed, type ReadonlySignal, signal } from "@preact/signals";
// The server reads this file too, so that it serves the dashboard at these addresses and at no others.
import ADDRESSES from "./routes.json";

/** What a page is given: the parts of its address that vary. */
export interface PageProps {
  /** The last part of the address: an id or a name; empty where there is none. */
  id: string;
}

export type PageName = keyof typeof ADDRESSES;

export interface Route {
  page: PageName;
  id: string;
}

const ROUTES = Object.entries(ADDRESSES) as [PageName, string][];

/** The part of an address that varies. */
const PARAMETER = "{id}";

const SCROLL_PAUSE_MS = 250;

const address = signal({ pathname: "/", search: "" });

/** The page of the current address; `undefined` where there is none. */
export const route: ReadonlySignal<Route | undefined> = computed(() => routeOf(address.value.pathname));

/** What stands behind the `?` of the current address. */
export const search: ReadonlySignal<URLSearchParams> = computed(() => new URLSearchParams(address.value.search));

/** Finds the page of an address. */
export function routeOf(pathname: string): Route | undefined {
  for (const [page, pattern] of ROUTES) {
    if (pattern === pathname) return { page, id: "" };
    if (!pattern.endsWith(PARAMETER)) continue;
    const start = pattern.slice(0, -PARAMETER.length);
    const id = pathname.slice(start.length);
    if (pathname.startsWith(start) && id !== "" && !id.includes("/")) return { page, id: decoded(id) };
  }
  return undefined;
}

/** Goes to an address of this app. `replace` leaves no step to go back to. */
export function navigate(to: string, { replace = false } = {}): void {
  const url = new URL(to, location.href);
  if (url.href === location.href) return;
  rememberScroll();
  if (replace) history.replaceState(history.state, "", url);
  else history.pushState({ cameFromHere: true }, "", url);
  const samePage = url.pathname === address.peek().pathname;
  read();
  if (!samePage) scrollTo(0, 0);
}

/** Changes what stands behind the `?`; an empty value takes a name away. Typing in a filter leaves no steps to go back through. */
export function setSearch(changes: Readonly<Record<string, string>>): void {
  const params = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === "") params.delete(name);
    else params.set(name, value);
  }
  const query = params.toString();
  navigate(location.pathname + (query === "" ? "" : `?${query}`), { replace: true });
}

/** Goes back, or to `fallback` where that would lead out of this app. */
export function goBack(fallback: string): void {
  if (step().cameFromHere === true) history.back();
  else navigate(fallback);
}

/** Where the reader was on this step of the history; a page that has its rows again goes there. */
export function rememberedScroll(): number {
  return step().scroll ?? 0;
}

/** Begins to follow the address and the clicks on links. */
export function startRouter(): void {
  history.scrollRestoration = "manual";
  read();
  addEventListener("popstate", onPopState);
  addEventListener("scroll", onScroll, { passive: true });
  addEventListener("pagehide", rememberScroll);
  document.addEventListener("click", onClick);
}

/** What is noted at a step of the history. */
interface Step {
  scroll?: number;
  /** Whether the step before it is one of this app. */
  cameFromHere?: boolean;
}

function step(): Step {
  return (history.state as Step | null) ?? {};
}

function read(): void {
  clearTimeout(scrollTimer);
  const { pathname, search } = location;
  const now = address.peek();
  if (now.pathname !== pathname || now.search !== search) address.value = { pathname, search };
}

function onPopState(): void {
  read();
  // Only when the page has been rendered is there something to scroll.
  requestAnimationFrame(() => scrollTo(0, rememberedScroll()));
}

let scrollTimer: ReturnType<typeof setTimeout> | undefined;

/** Going back does not say beforehand that it will, so the place is noted whenever scrolling pauses. */
function onScroll(): void {
  clearTimeout(scrollTimer);
  scrollTimer = setTimeout(rememberScroll, SCROLL_PAUSE_MS);
}

function rememberScroll(): void {
  const now: Step = { ...step(), scroll: Math.round(scrollY) };
  history.replaceState(now, "");
}

function onClick(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (link === null || link.target !== "" || link.origin !== location.origin || routeOf(link.pathname) === undefined) return;
  // A place on the same page is the browser's to find.
  if (link.hash !== "" && link.pathname === location.pathname) return;
  event.preventDefault();
  navigate(link.href);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
