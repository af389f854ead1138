import { sourceName } from "../../format";
import { EmptyState } from "../../parts/empty-state";
import { PageHead } from "../../parts/page-head";
import { Skeleton } from "../../parts/skeleton";
import { running, sourcesKnown } from "../../state/sources";
import { Mark } from "./state-badge";

/** What everybody may know of the sources: whether each runs as it should. */
export function EveryonesSources() {
  return (
    <>
      <PageHead title="Sources" />
      <Flags />
    </>
  );
}

function Flags() {
  if (!sourcesKnown.value) return <Skeleton rows={3} class="source-skeleton" />;
  if (running.value.size === 0) {
    return <EmptyState title="No sources yet"><p>An admin sets them up.</p></EmptyState>;
  }
  return (
    <>
      <ul class="source-list" aria-label="Sources">
        {[...running.value].map(([name, isGood]) => (
          <li key={name} class="card-box source-flag">
            <strong>{sourceName(name)}</strong>
            {isGood ? <Mark tone="good" shape="check">Running</Mark> : <Mark tone="plain" shape="pause">Not running</Mark>}
          </li>
        ))}
      </ul>
      <p class="quiet mt-3">A source that is not running finds nothing: it is stopped, or its site does not answer. An admin sees why.</p>
    </>
  );
}
