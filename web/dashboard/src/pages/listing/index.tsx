import { batch, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import "../../../styles/listing.scss";
import { isAborted, messageOf, Refusal } from "../../api/call";
import { getListing, priceHistory } from "../../api/listings";
import type { ListingView, PriceView } from "../../api/schema";
import { Age } from "../../parts/age";
import { conditionWords } from "../../parts/condition-badge";
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
import { goBack, type PageProps } from "../../router";
import { onEvent, reloads } from "../../state/connection";
import { favorites, loadFavorites } from "../../state/favorites";
import { addKeys } from "../../state/keys";
import { Notes } from "../favorites/notes";
import { Matches } from "./matches";
import { PriceHistory } from "./price-history";

/** All that is known of one listing. */
export default function ListingPage({ id }: PageProps) {
  const { listing, prices, problem, load } = useListing(id);
  useEffect(() => addKeys([{ key: "Escape", words: "Back to the list", run: () => goBack("/") }]), []);
  useEffect(() => void loadFavorites(), []);
  if (problem === "missing") {
    return (
      <EmptyState title="There is no such listing">
        <p>It may have been removed after a while. <a href="/">Go to the listings</a></p>
      </EmptyState>
    );
  }
  if (problem !== undefined) return <ProblemNote message={problem} retry={load} />;
  if (listing === undefined) return <Skeleton rows={8} />;
  return (
    <article class="listing">
      <button type="button" class="btn btn-quiet listing-back" onClick={() => goBack("/")}>
        <Icon name="back" /> Back
      </button>
      <PageHead title={listing.title}>
        <FavoriteButton listing={listing} />
        <OutwardLink class="btn btn-primary" href={listing.link}>
          Open the ad <Icon name="external" />
        </OutwardLink>
      </PageHead>
      <div class="listing-columns">
        <Facts listing={listing} />
        <div class="listing-side">
          <PriceHistory prices={prices} />
          <Matches listingId={listing.id} />
        </div>
      </div>
    </article>
  );
}

/** Loads a listing, and again when it changes or events were missed. */
function useListing(id: string) {
  const listing = useSignal<ListingView | undefined>(undefined);
  const prices = useSignal<readonly PriceView[]>([]);
  const problem = useSignal<string | undefined>(undefined);
  const tries = useSignal(0);
  useSignalEffect(() => {
    void [tries.value, reloads.value];
    const request = new AbortController();
    const { signal } = request;
    Promise.all([getListing(id, { signal }), priceHistory(id, { signal })]).then(
      ([found, history]) => batch(() => {
        listing.value = found;
        prices.value = history.items;
        problem.value = undefined;
      }),
      (error: unknown) => {
        if (isAborted(error)) return;
        // An address that holds no number names no listing either.
        const missing = error instanceof Refusal && [400, 404, 422].includes(error.status);
        problem.value = missing ? "missing" : messageOf(error);
      },
    );
    return () => request.abort();
  });
  const load = (): void => void (tries.value += 1);
  useEffect(() => onEvent("listing_updated", (changed) => String(changed.id) === id && load()), [id]);
  return { listing: listing.value, prices: prices.value, problem: problem.value, load };
}

function Facts({ listing }: { listing: ListingView }) {
  const favorite = favorites.value.get(listing.id);
  return (
    <div class="listing-facts">
      <Picture listing={listing} />
      <p class="listing-price"><Price listing={listing} /></p>
      <dl>
        <dt>Source</dt><dd><SourceBadge source={listing.source} /></dd>
        {listing.condition != null && <><dt>Condition</dt><dd>{conditionWords(listing.condition)}</dd></>}
        {listing.location && <><dt>Place</dt><dd dir="auto">{listing.location}</dd></>}
        <dt>Posted</dt><dd><Age at={listing.created_at} /></dd>
        <dt>First seen</dt><dd><Age at={listing.first_seen_at} /></dd>
        <dt>Last change</dt><dd><Age at={listing.updated_at} /></dd>
        {listing.reposted_of != null && (
          <><dt>Put up again</dt><dd><a href={`/listings/${listing.reposted_of}`}>The first ad</a></dd></>
        )}
      </dl>
      {listing.description && <p class="listing-description" dir="auto">{listing.description}</p>}
      {favorite !== undefined && <Notes id={listing.id} notes={favorite.notes ?? ""} title={listing.title} />}
    </div>
  );
}
