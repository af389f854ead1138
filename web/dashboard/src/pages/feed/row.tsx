import type { Listing } from "../../api/schema";
import { Age } from "../../parts/age";
import { ConditionBadge } from "../../parts/condition-badge";
import { FavoriteButton } from "../../parts/favorite-button";
import { Icon } from "../../parts/icon";
import { OutwardLink } from "../../parts/outward-link";
import { Picture } from "../../parts/picture";
import { Price } from "../../parts/price";
import { SourceBadge } from "../../parts/source-badge";

interface RowProps {
  listing: Listing;
  position: number;
  isSelected: boolean;
}

/** One listing of the feed. All rows are of one height, whatever a title says. */
export function FeedRow({ listing, position, isSelected }: RowProps) {
  return (
    <li class="feed-row" data-id={listing.id} data-selected={isSelected} aria-posinset={position} aria-setsize={-1}>
      <Picture listing={listing} />
      <div class="feed-text">
        {/* What a stranger wrote may run right to left; it must not turn its surroundings. */}
        <h2 class="feed-title">
          <a href={`/listings/${listing.id}`} dir="auto">{listing.title}</a>
        </h2>
        <p class="feed-facts">
          <SourceBadge source={listing.source} />
          {listing.reposted_of != null && <span class="badge" title="It was here before, under another link">Reposted</span>}
          {listing.condition != null && <ConditionBadge condition={listing.condition} />}
          {listing.location && <span class="feed-place" dir="auto">{listing.location}</span>}
          <Age at={listing.created_at} />
        </p>
      </div>
      <div class="feed-price"><Price listing={listing} /></div>
      <div class="feed-actions">
        <FavoriteButton listing={listing} />
        <OutwardLink class="btn btn-icon feed-outward" href={listing.link}>
          <Icon name="external" />
          <span class="visually-hidden">Open the ad</span>
        </OutwardLink>
      </div>
    </li>
  );
}
