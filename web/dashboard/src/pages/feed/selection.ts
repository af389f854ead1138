/** Going through the feed by keyboard. */
import { signal } from "@preact/signals";
import { webAddress } from "../../../../client/src/notifications";
import type { Listing } from "../../api/schema";
import { toggleFavorite } from "../../state/favorites";
import { feed } from "../../state/feed";
import type { Key } from "../../state/keys";
import { focusSearch } from "./filters";

/** The listing that keys apply to. */
export const selectedId = signal<number | undefined>(undefined);

/** The feed's keys; `rowHeight` says how far a row is. */
export function feedKeys(rowHeight: () => number): Key[] {
  const step = (by: number) => () => move(by, rowHeight());
  return [
    { key: "j", words: "The next listing", run: step(1) },
    { key: "k", words: "The one before", run: step(-1) },
    { key: "f", words: "Keep it as a favourite, or no longer", run: () => withSelected((listing) => void toggleFavorite(listing)) },
    { key: "o", words: "Open the ad in a new tab", run: () => withSelected(openAd) },
    { key: ".", words: "Show what is new", run: showNew },
    { key: "/", words: "Search the listings", run: focusSearch },
    { key: "Escape", run: leave },
  ];
}

/** Shows what was held back, from the top. */
export function showNew(): void {
  selectedId.value = undefined;
  scrollTo(0, 0);
  feed.setReading(false);
}

function leave(): void {
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  selectedId.value = undefined;
}

function move(by: number, rowHeight: number): void {
  const rows = feed.rows.peek();
  const index = rows.findIndex(({ id }) => id === selectedId.peek());
  const next = index === -1 ? 0 : Math.min(Math.max(index + by, 0), rows.length - 1);
  const row = rows[next];
  if (row === undefined) return;
  selectedId.value = row.id;
  scrollToRow(next, rowHeight);
  // At once where the row is there, so that the next key finds it. Otherwise scrolling first tells the list to make it.
  if (!focusSelected()) requestAnimationFrame(() => requestAnimationFrame(focusSelected));
}

/** Gives the keyboard to the listing that is chosen by now; false while its row is not there. */
function focusSelected(): boolean {
  const title = document.querySelector<HTMLElement>(`.feed-row[data-id="${selectedId.peek()}"] .feed-title a`);
  title?.focus({ preventScroll: true });
  return title !== null;
}

/** Brings a row into the window with a little around it, by as little as is needed. */
function scrollToRow(index: number, rowHeight: number): void {
  const list = document.querySelector(".virtual-list");
  if (list === null) return;
  const top = list.getBoundingClientRect().top + index * rowHeight;
  const margin = rowHeight;
  if (top < margin) scrollBy(0, top - margin);
  else if (top + rowHeight > innerHeight - margin) scrollBy(0, top + rowHeight - innerHeight + margin);
}

function withSelected(action: (listing: Listing) => void): void {
  const listing = feed.rows.peek().find(({ id }) => id === selectedId.peek());
  if (listing !== undefined) action(listing);
}

function openAd(listing: Listing): void {
  const address = webAddress(listing.link);
  if (address !== undefined) open(address, "_blank", "noopener,noreferrer");
}
