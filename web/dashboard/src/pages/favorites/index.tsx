import { useEffect } from "preact/hooks";
import "../../../styles/favorites.scss";
import type { Favorite } from "../../api/favorites";
import { Age } from "../../parts/age";
import { EmptyState } from "../../parts/empty-state";
import { FavoriteButton } from "../../parts/favorite-button";
import { Icon } from "../../parts/icon";
import { OutwardLink } from "../../parts/outward-link";
import { PageHead } from "../../parts/page-head";
import { Picture } from "../../parts/picture";
import { Price } from "../../parts/price";
import { ProblemNote } from "../../parts/problem";
import { Skeleton } from "../../parts/skeleton";
import { SourceBadge } from "../../parts/source-badge";
import { favoriteList, favoritesProblem, favoritesState, loadFavorites } from "../../state/favorites";
import { Notes } from "./notes";

/** What the user keeps, with notes. */
export default function Favorites() {
  useEffect(() => void loadFavorites(true), []);
  const kept = favoriteList.value;
  const state = favoritesState.value;
  return (
    <>
      <PageHead title="Favourites" />
      {state === "failed" && (
        <ProblemNote message={favoritesProblem.value} retry={() => void loadFavorites(true)} />
      )}
      {kept.length === 0 && state === "loading" && <Skeleton rows={4} class="favorite-skeleton" />}
      {kept.length === 0 && state === "ready" && (
        <EmptyState title="No favourites yet">
          <p>Keep a listing with the heart beside it, or with <kbd>f</kbd>. You can add notes to it here, and see when its price changes.</p>
          <a class="btn btn-primary" href="/">Go to the listings</a>
        </EmptyState>
      )}
      {kept.length > 0 && (
        <ul class="favorites">
          {kept.map((favorite) => <FavoriteCard key={favorite.listing.id} favorite={favorite} />)}
        </ul>
      )}
    </>
  );
}

function FavoriteCard({ favorite }: { favorite: Favorite }) {
  const { listing } = favorite;
  return (
    <li class="favorite-card card-box">
      <Picture listing={listing} />
      <div class="favorite-text">
        <h2><a href={`/listings/${listing.id}`} dir="auto">{listing.title}</a></h2>
        <p><Price listing={listing} /></p>
        <p class="favorite-facts">
          <SourceBadge source={listing.source} />
          {listing.location && <span class="favorite-place" dir="auto">{listing.location}</span>}
          <span>kept <Age at={favorite.created_at} /></span>
        </p>
        <Notes id={listing.id} notes={favorite.notes ?? ""} title={listing.title} />
      </div>
      <div class="favorite-actions">
        <FavoriteButton listing={listing} />
        <OutwardLink class="btn btn-icon" href={listing.link}>
          <Icon name="external" />
          <span class="visually-hidden">Open the ad</span>
        </OutwardLink>
      </div>
    </li>
  );
}
