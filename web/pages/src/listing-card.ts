import { webAddress } from "../../client/src/notifications";
import type { ListedListing } from "./api";
import { element } from "./dom";
import { drop, price, sourceName } from "./format";
import { timeElement } from "./times";

/** Makes the card of a listing. Whatever its title, place or source say is shown as text. */
export function listingCard(listing: ListedListing): HTMLLIElement {
  return element(
    "li",
    { class: "listing", "data-id": String(listing.id) },
    picture(listing),
    element(
      "div",
      { class: "listing-text" },
      element("h2", {}, outwardLink(listing.title, listing.link)),
      priceLine(listing),
      element(
        "p",
        { class: "facts" },
        element("span", { class: "chip" }, sourceName(listing.source)),
        listing.location ? element("span", { class: "place" }, listing.location) : undefined,
        timeElement(listing.created_at),
      ),
    ),
  );
}

/** A link to another site, which is told nothing of this one; plain text where it leads to no web address. */
export function outwardLink(text: string, link: unknown): HTMLElement {
  const href = webAddress(link);
  if (href === undefined) return element("span", {}, text);
  return element("a", { href, target: "_blank", rel: "noopener noreferrer" }, text);
}

function priceLine({ price: now, previous_price: before, currency }: ListedListing): HTMLElement {
  const fall = drop(before, now);
  if (fall === undefined || before === null || before === undefined) {
    return element("p", { class: now === null ? "price unstated" : "price" }, price(now, currency));
  }
  return element(
    "p",
    { class: "price" },
    element("span", { class: "hidden-text" }, "Now "),
    price(now, currency),
    " ",
    element("s", {}, element("span", { class: "hidden-text" }, "before "), price(before, currency)),
    " ",
    element("span", { class: "fall" }, `${fall}% less`),
  );
}

/** The listing's picture, or its source's initial where there is none or it does not load. */
function picture(listing: ListedListing): HTMLElement {
  const tile = element("div", { class: "picture", "aria-hidden": "true" }, sourceName(listing.source).charAt(0));
  const src = webAddress(listing.image_url);
  if (src === undefined) return tile;
  const image = element("img", { class: "picture", alt: "", loading: "lazy", decoding: "async", referrerpolicy: "no-referrer" });
  image.addEventListener("error", () => image.replaceWith(tile), { once: true });
  image.src = src;
  return image;
}
