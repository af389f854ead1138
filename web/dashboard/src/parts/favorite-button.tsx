import type { Listing } from "../api/schema";
import { isFavorite, toggleFavorite } from "../state/favorites";
import { Icon } from "./icon";

/** The heart that keeps a listing. */
export function FavoriteButton({ listing }: { listing: Listing }) {
  const kept = isFavorite(listing.id);
  return (
    <button
      type="button"
      class="btn btn-icon favorite"
      aria-pressed={kept}
      aria-label="Favourite"
      title={kept ? "No longer a favourite" : "Keep as a favourite"}
      onClick={() => void toggleFavorite(listing)}
    >
      <Icon name="heart" filled={kept} />
    </button>
  );
}
