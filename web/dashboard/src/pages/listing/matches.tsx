import { useSignal, useSignalEffect } from "@preact/signals";
import { isAborted, messageOf } from "../../api/call";
import { listingMatches } from "../../api/listings";
import type { MatchView } from "../../api/schema";
import { alertCalls, searchCalls } from "../../api/standing";
import { Age } from "../../parts/age";
import { Icon } from "../../parts/icon";
import { reloads } from "../../state/connection";
import { tellFailure } from "../../state/toasts";

/** Which of the user's alerts and searches found the listing, and why. */
export function Matches({ listingId }: { listingId: number }) {
  const matches = useSignal<readonly MatchView[] | undefined>(undefined);
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
  const setIgnored = async (match: MatchView, ignored: boolean): Promise<void> => {
    const show = (value: boolean): void => {
      matches.value = matches.peek()?.map((other) => (isSame(other, match) ? { ...other, ignored: value } : other));
    };
    show(ignored);
    try {
      await (match.kind === "price_alert" ? alertCalls : searchCalls).setIgnored(match.id, listingId, ignored);
    } catch (error) {
      show(!ignored);
      tellFailure(messageOf(error));
    }
  };
  return (
    <section class="card-box" aria-labelledby="matches-title">
      <h2 id="matches-title">Your alerts and searches</h2>
      {failed.value && matches.value === undefined && <p class="quiet mb-0">They could not be loaded.</p>}
      {matches.value?.length === 0 && <p class="quiet mb-0">None of them found this listing.</p>}
      <ul class="matches">
        {matches.value?.map((match) => (
          <Match key={`${match.kind}/${match.id}`} match={match} setIgnored={(ignored) => void setIgnored(match, ignored)} />
        ))}
      </ul>
    </section>
  );
}

function Match({ match, setIgnored }: { match: MatchView; setIgnored: (ignored: boolean) => void }) {
  const isAlert = match.kind === "price_alert";
  const href = `/${isAlert ? "alerts" : "searches"}/${match.id}`;
  return (
    <li>
      <Icon name={isAlert ? "alert" : "search"} />
      <div class="match-text">
        <a href={href}>{match.name ?? match.keywords}</a>
        <p class="quiet mb-0">
          {match.still_matches ? match.because : `No longer matches: ${match.because}`}
          {match.told_at == null ? <> · not told</> : <> · told <Age at={match.told_at} /></>}
        </p>
      </div>
      <button
        type="button"
        class="btn btn-quiet"
        aria-pressed={match.ignored}
        title={match.ignored ? "Tell me of it again" : "Never tell me of this listing again"}
        onClick={() => setIgnored(!match.ignored)}
      >
        {match.ignored ? "Ignored" : "Not this one"}
      </button>
    </li>
  );
}

function isSame(one: MatchView, other: MatchView): boolean {
  return one.kind === other.kind && one.id === other.id;
}
