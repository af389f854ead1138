import { useSignal, useSignalEffect } from "@preact/signals";
import { isAborted } from "../../api/call";
import { type ListingMatch, listingMatches } from "../../api/listings";
import { Age } from "../../parts/age";
import { Icon } from "../../parts/icon";
import { reloads } from "../../state/connection";

/** Which of the user's alerts and searches the listing matched, and why. */
export function Matches({ listingId }: { listingId: number }) {
  const matches = useSignal<readonly ListingMatch[] | undefined>(undefined);
  const failed = useSignal(false);
  useSignalEffect(() => {
    void reloads.value;
    const request = new AbortController();
    listingMatches(listingId, { signal: request.signal }).then(
      ({ items }) => (matches.value = items),
      (error: unknown) => (failed.value = !isAborted(error)),
    );
    return () => request.abort();
  });
  return (
    <section class="card-box" aria-labelledby="matches-title">
      <h2 id="matches-title">Your alerts and searches</h2>
      {failed.value && matches.value === undefined && <p class="quiet mb-0">They could not be loaded.</p>}
      {matches.value?.length === 0 && <p class="quiet mb-0">None of them matched this listing.</p>}
      <ul class="matches">
        {matches.value?.map((match) => <Match key={`${match.kind}/${match.id}`} match={match} />)}
      </ul>
    </section>
  );
}

function Match({ match }: { match: ListingMatch }) {
  const isAlert = match.kind === "price_alert";
  const href = `/${isAlert ? "alerts" : "searches"}/${match.id}`;
  return (
    <li>
      <Icon name={isAlert ? "alert" : "search"} />
      <div>
        <a href={href}>{match.name ?? match.keywords}</a>
        <p class="quiet mb-0">
          {match.because}
          {match.told_at === null ? <> · not told</> : <> · told <Age at={match.told_at} /></>}
        </p>
      </div>
    </li>
  );
}
