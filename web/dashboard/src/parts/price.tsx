import { drop, price as inWords, priceFor } from "../format";
import type { Listing } from "../api/schema";

/** A listing's price; after a drop also the old one, struck through, and by how much it fell. */
export function Price({ listing }: { listing: Pick<Listing, "price" | "price_per" | "previous_price" | "currency"> }) {
  const { price, price_per: per, previous_price: before, currency } = listing;
  const fall = drop(before, price);
  if (fall === undefined) {
    return <span class="price" {...(price == null ? { "data-unstated": true } : {})}>{priceFor(price, currency, per)}</span>;
  }
  return (
    <span class="price">
      <span class="visually-hidden">Now </span>
      {priceFor(price, currency, per)}{" "}
      <s>
        <span class="visually-hidden">before </span>
        {inWords(before, currency)}
      </s>{" "}
      <span class="fall">{fall}% less</span>
    </span>
  );
}
