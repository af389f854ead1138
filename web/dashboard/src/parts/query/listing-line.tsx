import "../../../styles/listing-line.css";
import type { ComponentChildren } from "preact";
import type { Listing } from "../../api/schema";
import { Age } from "../age";
import { Icon } from "../icon";
import { OutwardLink } from "../outward-link";
import { Picture } from "../picture";
import { Price } from "../price";
import { SourceBadge } from "../source-badge";

/** A listing in two short lines. One that has no number of ours leads to its ad. */
export function ListingLine({ listing, children }: { listing: Listing; children?: ComponentChildren }) {
  const isKnown = listing.id > 0;
  return (
    <li class="listing-line">
      <Picture listing={listing} />
      <div class="listing-line-text">
        <p class="listing-line-title" dir="auto">
          {isKnown ? <a href={`/listings/${listing.id}`}>{listing.title}</a> : <OutwardLink href={listing.link}>{listing.title}</OutwardLink>}
        </p>
        <p class="listing-line-facts">
          <Price listing={listing} />
          <SourceBadge source={listing.source} />
          {listing.location && <span class="listing-line-place" dir="auto">{listing.location}</span>}
          <Age at={listing.created_at} />
        </p>
        {children}
      </div>
      {isKnown && (
        <OutwardLink class="btn btn-icon" href={listing.link}>
          <Icon name="external" />
          <span class="visually-hidden">Open the ad</span>
        </OutwardLink>
      )}
    </li>
  );
}
