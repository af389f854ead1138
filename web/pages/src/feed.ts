import type { ListedListing } from "./api";
import { byId, element } from "./dom";
import { listingCard } from "./listing-card";

/** As many listings are shown at once; the oldest make way. */
const MOST = 200;

/** Scrolled down further than this, someone is reading older listings. */
const READING_FROM_PX = 300;

/** The list of listings, newest first. */
export class Feed {
  readonly #list = byId<HTMLOListElement>("feed");
  readonly #newer = byId<HTMLButtonElement>("newer");
  readonly #cards = new Map<number, HTMLLIElement>();
  #unseen = 0;

  constructor() {
    byId("origin").textContent = location.origin;
    this.#newer.addEventListener("click", () => {
      scrollTo({ top: 0 });
      this.#list.focus({ preventScroll: true });
    });
    addEventListener("scroll", () => this.#noteScroll(), { passive: true });
  }

  /** Adds what is already known to the server, behind what has come live. */
  fill(listings: readonly ListedListing[]): void {
    for (const listing of listings) {
      if (this.#cards.has(listing.id) || this.#cards.size >= MOST) continue;
      const card = listingCard(listing);
      this.#cards.set(listing.id, card);
      this.#list.append(card);
    }
    this.#settle();
  }

  /** Begins anew, where events were missed that will not come again. */
  clear(): void {
    this.#cards.clear();
    this.#list.replaceChildren();
  }

  /** Shows a new listing on top. */
  add(listing: ListedListing): void {
    if (this.#cards.has(listing.id)) return;
    this.#putOnTop(listing);
  }

  /** Shows a changed listing: on top when it became cheaper or was not shown, else where it is. */
  update(listing: ListedListing): void {
    const shown = this.#cards.get(listing.id);
    const { price, previous_price: before } = listing;
    const isCheaper = typeof price === "number" && typeof before === "number" && price < before;
    if (shown === undefined || isCheaper) {
      shown?.remove();
      this.#cards.delete(listing.id);
      this.#putOnTop(listing);
      return;
    }
    const card = fresh(listingCard(listing));
    this.#cards.set(listing.id, card);
    shown.replaceWith(card);
  }

  #putOnTop(listing: ListedListing): void {
    const card = fresh(listingCard(listing));
    this.#cards.set(listing.id, card);
    this.#list.prepend(card);
    while (this.#cards.size > MOST) this.#dropLast();
    if (scrollY > READING_FROM_PX) this.#unseen += 1;
    this.#settle();
  }

  #dropLast(): void {
    const last = this.#list.lastElementChild;
    last?.remove();
    this.#cards.delete(Number(last?.getAttribute("data-id")));
  }

  #noteScroll(): void {
    if (scrollY > READING_FROM_PX || this.#unseen === 0) return;
    this.#unseen = 0;
    this.#settle();
  }

  #settle(): void {
    byId("feed-empty").hidden = this.#cards.size > 0;
    byId("feed-end").hidden = this.#cards.size < MOST;
    this.#newer.hidden = this.#unseen === 0;
    this.#newer.replaceChildren(
      element("span", { "aria-hidden": "true" }, "↑ "),
      this.#unseen === 1 ? "1 new listing" : `${this.#unseen} new listings`,
    );
  }
}

/** Marks a card as having just come, which the style sheet lets fade. */
function fresh(card: HTMLLIElement): HTMLLIElement {
  card.classList.add("fresh");
  return card;
}
