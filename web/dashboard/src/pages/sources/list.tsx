import { useEffect } from "preact/hooks";
import { sentence } from "../../api/call";
import type { SourcePage, SourceView } from "../../api/schema";
import { listSources } from "../../api/sources";
import { sourceName } from "../../format";
import { Age } from "../../parts/age";
import { EmptyState } from "../../parts/empty-state";
import { Icon } from "../../parts/icon";
import { PageHead } from "../../parts/page-head";
import { ProblemNote } from "../../parts/problem";
import { Skeleton } from "../../parts/skeleton";
import { Sparkline } from "../../parts/sparkline";
import { Until } from "../../parts/until";
import { onEvent } from "../../state/connection";
import { addKeys } from "../../state/keys";
import { type Loaded, useLoaded } from "../../state/loaded";
import { addressOf, removed, SourceActions } from "./actions";
import { kindOf, type SourceKind, useSourceKinds } from "./kinds";
import { StateBadge } from "./state-badge";

/** Counts and times change without an event. */
export const REFRESH_MS = 4_000;

/** All sources, as an admin sees them. */
export function SourceList() {
  const sources = useLoaded(listSources, REFRESH_MS);
  const kinds = useSourceKinds();
  useEffect(() => onEvent("scraper_status", () => void sources.load()), []);
  useEffect(() => addKeys(KEYS), []);
  return (
    <>
      <PageHead title="Sources">
        <a class="btn btn-primary" href="/sources?add"><Icon name="plus" /> Add a source</a>
      </PageHead>
      <ProblemNote message={sources.problem.value} retry={() => void sources.load()} />
      <Rows sources={sources} kinds={kinds.value.value?.items} />
    </>
  );
}

const KEYS = [
  { key: "j", words: "Next source", run: () => step(1) },
  { key: "k", words: "Previous source", run: () => step(-1) },
];

/** Goes to the next source's link, or back. */
function step(by: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLElement>(".source-card h2 a")];
  const here = links.findIndex((link) => link.closest(".source-card")?.contains(document.activeElement));
  const next = here === -1 ? 0 : Math.min(Math.max(here + by, 0), links.length - 1);
  links[next]?.focus();
}

interface RowsProps {
  sources: Loaded<SourcePage>;
  /** None until they are loaded. */
  kinds: readonly SourceKind[] | undefined;
}

function Rows({ sources, kinds }: RowsProps) {
  const all = sources.value.value?.items;
  if (all === undefined) return sources.problem.value === undefined ? <Skeleton rows={3} class="source-skeleton" /> : null;
  const shown = all.filter(({ name }) => !removed.hidden.value.has(name));
  const onChange = (changed: SourceView): void =>
    sources.set({ next_cursor: null, items: all.map((source) => (source.name === changed.name ? changed : source)) });
  if (shown.length === 0) {
    return (
      <EmptyState title="No sources">
        <p>A source is a page that is read again and again: a site’s search, a feed, or somebody’s JSON.</p>
        <a class="btn btn-plain" href="/sources?add">Add a source</a>
      </EmptyState>
    );
  }
  return (
    <ul class="source-list" aria-label="Sources">
      {shown.map((source) => <Row key={source.name} source={source} kind={kindOf(kinds, source.kind)} onChange={onChange} />)}
    </ul>
  );
}

interface RowProps {
  source: SourceView;
  kind: SourceKind;
  onChange: (source: SourceView) => void;
}

function Row({ source, kind, onChange }: RowProps) {
  const name = sourceName(source.name);
  return (
    <li class="card-box source-card" data-source={source.name}>
      <div class="source-who">
        <h2><a href={addressOf(source.name)}>{name}</a></h2>
        {kind.title !== name && <span class="quiet">{kind.title}</span>}
      </div>
      <div class="source-how">
        <p class="mb-1"><StateBadge state={source.state} /> <span class="quiet"><Age at={source.since} /></span></p>
        <p class="source-reason" title={source.reason}>{sentence(source.reason)}</p>
        {source.warning != null && <p class="source-warning">{source.warning}</p>}
      </div>
      <div class="source-counts">
        <RunsLine source={source} />
      </div>
      <Facts source={source} />
      <div class="source-actions">
        <SourceActions source={source} onChange={onChange} />
      </div>
    </li>
  );
}

/** How many listings the last runs had. */
function RunsLine({ source }: { source: SourceView }) {
  const counts = source.runs.map(({ listings }) => listings);
  const latest = counts.at(-1);
  if (latest === undefined) return <span class="quiet">No runs yet</span>;
  return (
    <>
      <Sparkline values={counts} label={`Listings in each of the last ${counts.length} runs, from ${counts[0]} to ${latest}`} />
      <span class="quiet">{latest} {latest === 1 ? "listing" : "listings"}</span>
    </>
  );
}

function Facts({ source }: { source: SourceView }) {
  return (
    <dl class="source-facts">
      {source.next_run_at != null && <><dt>Next run</dt><dd><Until at={source.next_run_at} /></dd></>}
      <dt>Last good page</dt><dd>{source.last_good_at == null ? "never" : <Age at={source.last_good_at} />}</dd>
      <dt>Requests today</dt><dd>{source.requests_today.toLocaleString()}</dd>
    </dl>
  );
}
