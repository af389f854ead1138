/** What the tab is called: the page, and how many notifications wait. */
import { effect, signal } from "@preact/signals";
import { unread } from "./notifications";

export const pageTitle = signal("Listings");

/** As many letters of a listing's title fit a tab, and more. */
const LONGEST = 80;

/** Keeps the tab's title true. */
export function startTitle(): void {
  effect(() => {
    const count = unread.value > 0 ? `(${unread.value}) ` : "";
    document.title = `${count}${pageTitle.value.slice(0, LONGEST)} · Super-Bot`;
  });
}
