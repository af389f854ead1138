/** The one feed of this tab, which is kept while other pages are shown. */
import { listListings } from "../api/listings";
import { route, search } from "../router";
import { onEvent } from "./connection";
import { loadFavorites } from "./favorites";
import { filterOf, ListingStore } from "./listings";

export const feed = new ListingStore({
  fetchPage: (filter, page, signal) => listListings(filter, page, { signal }),
  later: (action, delay_ms) => setTimeout(action, delay_ms),
  now: () => performance.now(),
});

/** Asks for the first listings, where they are to be seen; done when they are painted. */
export function loadFeed(): Promise<void> {
  if (route.peek()?.page !== "feed") return Promise.resolve();
  firstLoad = feed.load(filterOf(search.peek()));
  const painted = firstLoad.then(nextPaint);
  void painted.then(() => loadFavorites());
  return painted;
}

function nextPaint(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}

let firstLoad: Promise<void> = Promise.resolve();

/** Begins to listen. */
export function startFeed(): void {
  onEvent("new_listing", (listing) => feed.add(listing));
  onEvent("listing_updated", (listing) => feed.update(listing));
  onEvent("status", (status) => {
    if (status.status !== "connected" || !feed.wasAsked) return;
    if (status.gap) void feed.load();
    // What came after the first answer was made and before this moment is in neither, unless it is replayed.
    else if (!status.recovered) void firstLoad.then(() => feed.refresh());
  });
}
