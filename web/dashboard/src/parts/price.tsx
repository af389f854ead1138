import { drop, price as inWords } from "../format";
import type { Listing } from "../api/schema";

/** A listing's price; after a drop also the old one, struck through, and by how much it fell. */
export function Price({ listing }: { listing: Pick<Listing, "price" | "previous_price" | "currency"> }) {
  const { price, previous_price: before, currency } = listing;
  const fall = drop(before, price);
  if (fall === undefined) {
    return <span class="price" {...(price == null ? { "data-unstated": true } : {})}>{inWords(price, currency)}</span>;
  }
  return (
    <span class="price">
      <span class="visually-hidden">Now </span>
      {inWords(price, currency)}{" "}
      <s>
        <span class="visually-hidden">before </span>
        {inWords(before, currency)}
      </s>{" "}
      <span class="fall">{fall}% less</span>
    </span>
  );
}
