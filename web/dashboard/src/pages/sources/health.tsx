import type { ComponentChildren } from "preact";
import { sentence } from "../../api/call";
import type { RunView, SourceView } from "../../api/schema";
import { Age } from "../../parts/age";
import { Until } from "../../parts/until";
import type { SourceKind } from "./kinds";
import { StateBadge } from "./state-badge";
import { wordsOf } from "../../state/source-states";

/** As many of the last runs are listed one by one. */
const LISTED_RUNS = 12;

/** How a source fares, with all that is known of it. */
export function Health({ source, kind }: { source: SourceView; kind: SourceKind }) {
  return (
    <section class="card-box source-section" aria-label="How it fares">
      <p class="mb-1"><StateBadge state={source.state} /> <span class="quiet">since <Age at={source.since} /></span></p>
      <p class="source-reason-whole">{sentence(source.reason)}</p>
      <p class="quiet">{wordsOf(source.state).means}</p>
      {source.warning != null && <p class="source-warning">{source.warning}</p>}
      <dl class="source-facts source-facts-wide">
        <Fact name="Kind">{kind.title}</Fact>
        <Fact name="Next run">{source.next_run_at == null ? "not while it is stopped" : <Until at={source.next_run_at} />}</Fact>
        <Fact name="Last run">{source.last_run_at == null ? "never" : <Age at={source.last_run_at} />}</Fact>
        <Fact name="Last good page">{source.last_good_at == null ? "never" : <Age at={source.last_good_at} />}</Fact>
        <Fact name="Failures in a row">{source.failures}</Fact>
        <Fact name="Requests today">{source.requests_today.toLocaleString()}{limitOf(source)}</Fact>
      </dl>
      {source.runs.length > 0 && <Runs runs={source.runs} />}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return <div><dt>{name}</dt><dd>{children}</dd></div>;
}

function limitOf({ settings }: SourceView): string {
  const limit = settings["requests_per_day"];
  return typeof limit === "number" ? ` of ${limit.toLocaleString()}` : "";
}

/** The last runs as bars: how many listings each had, and how many of them were new. */
function Runs({ runs }: { runs: readonly RunView[] }) {
  const most = Math.max(...runs.map(({ listings }) => listings), 1);
  return (
    <figure class="source-runs">
      <figcaption>
        Listings in the last {runs.length} {runs.length === 1 ? "run" : "runs"}: <span class="source-key" data-part="known" /> known{" "}
        <span class="source-key" data-part="created" /> new
      </figcaption>
      <svg viewBox={`0 0 ${Math.max(runs.length, 24)} 100`} preserveAspectRatio="none" aria-hidden="true">
        {runs.map(({ at, listings, created }, place) => (
          <g key={at}>
            <rect data-part="known" x={place + 0.1} width={0.8} y={100 - (listings / most) * 100} height={(listings / most) * 100} />
            <rect data-part="created" x={place + 0.1} width={0.8} y={100 - (created / most) * 100} height={(created / most) * 100} />
          </g>
        ))}
      </svg>
      <details>
        <summary>The last {Math.min(runs.length, LISTED_RUNS)} in numbers</summary>
        <table class="table mb-0">
          <thead><tr><th scope="col">When</th><th scope="col" class="text-end">Listings</th><th scope="col" class="text-end">New</th></tr></thead>
          <tbody>
            {runs.slice(-LISTED_RUNS).toReversed().map(({ at, listings, created }) => (
              <tr key={at}><td><Age at={at} /></td><td class="text-end">{listings}</td><td class="text-end">{created}</td></tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}
