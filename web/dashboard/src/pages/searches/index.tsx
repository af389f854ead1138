import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import "../../../styles/queries.scss";
import { messageOf, query } from "../../api/call";
import type { PreviewView, SavedSearchView } from "../../api/schema";
import { runSearch } from "../../api/searches";
import { Age } from "../../parts/age";
import { EmptyState } from "../../parts/empty-state";
import { Icon } from "../../parts/icon";
import { PageHead } from "../../parts/page-head";
import { ProblemNote } from "../../parts/problem";
import { Found } from "../../parts/query/preview";
import { listingsWords, sourcesWords } from "../../parts/query/words";
import { rowTarget, useRowKeys } from "../../parts/row-keys";
import { Skeleton } from "../../parts/skeleton";
import { Switch } from "../../parts/switch";
import { navigate } from "../../router";
import { onEvent, reloads } from "../../state/connection";
import { patiently } from "../../state/live-preview";
import { addressOfDraft, CADENCES, draftOfSearch, priceWords, searches, setTelling } from "../../state/searches";

/** The user's saved searches. */
export default function SearchesPage() {
  useSignalEffect(() => {
    void reloads.value;
    void searches.load();
  });
  useEffect(() => onEvent("notification", ({ data, timestamp }) => searches.told((data as { search_id?: unknown }).search_id, timestamp)), []);
  useRowKeys("search");
  const items = searches.items.value;
  const isEmpty = items?.length === 0;
  return (
    <>
      <PageHead title="Saved searches">
        {!isEmpty && <a class="btn btn-primary" href="/searches/new"><Icon name="plus" /> New search</a>}
      </PageHead>
      <ProblemNote message={searches.problem.value} retry={() => void searches.load()} />
      {items === undefined && searches.problem.value === undefined && <Skeleton rows={5} class="query-skeleton" />}
      {isEmpty && <FirstSearch />}
      {items !== undefined && !isEmpty && (
        <ul class="query-list" aria-label="Saved searches, newest first">
          {items.map((search) => <SearchRow key={search.id} search={search} />)}
        </ul>
      )}
    </>
  );
}

function SearchRow({ search }: { search: SavedSearchView }) {
  const tells = search.notify_new ?? true;
  const running = useRun(search.id);
  const words = running.isOpen.value ? "Hide" : "Run now";
  return (
    <li class="query-row" data-row data-paused={!tells}>
      <div class="query-text">
        <h2 class="query-name"><a href={`/searches/${search.id}`} dir="auto" {...rowTarget}>{search.name}</a></h2>
        <SearchFacts search={search} />
      </div>
      <div class="query-actions">
        <Switch checked={tells} onChange={(telling) => void setTelling(search.id, telling)}>
          <span class="visually-hidden">Tells: {search.name}</span>
          <span aria-hidden="true">{tells ? "On" : "Paused"}</span>
        </Switch>
        <button
          type="button" class="btn btn-quiet" aria-label={`${words}: ${search.name}`}
          aria-expanded={running.isOpen.value} onClick={running.toggle}
        >
          {words}
        </button>
        <a class="btn btn-quiet" href={addressOfDraft(draftOfSearch(search))} aria-label={`Duplicate ${search.name}`}>Duplicate</a>
        <button
          type="button" class="btn btn-icon" aria-label={`Delete ${search.name}`} title="Delete"
          onClick={() => searches.remove(search, `Deleted: ${search.name}`)}
        >
          <Icon name="trash" />
        </button>
      </div>
      {running.isOpen.value && <Results running={running} />}
    </li>
  );
}

function SearchFacts({ search }: { search: SavedSearchView }) {
  const cadence = CADENCES.find(([word]) => word === search.cadence)?.[1].toLowerCase();
  const prices = priceWords(search);
  return (
    <p class="query-facts">
      {search.keywords !== "" && search.keywords !== search.name && <span dir="auto">{search.keywords}</span>}
      {prices !== "" && <span>{prices}</span>}
      {search.location && <span dir="auto">in {search.location}</span>}
      <span>{sourcesWords(search.sources)}</span>
      {search.notify_new !== false && cadence !== undefined && <span>{cadence}</span>}
      <span>{search.last_told_at == null ? "has told nothing yet" : <>last told <Age at={search.last_told_at} /></>}</span>
    </p>
  );
}

/** Looking now, and what it found. */
function useRun(id: number) {
  const isOpen = useSignal(false);
  const answer = useSignal<PreviewView | undefined>(undefined);
  const problem = useSignal<string | undefined>(undefined);
  const run = async (): Promise<void> => {
    isOpen.value = true;
    problem.value = undefined;
    try {
      answer.value = await patiently(() => runSearch(id), () => isOpen.peek());
    } catch (error) {
      problem.value = messageOf(error);
    }
  };
  const toggle = (): void => {
    if (isOpen.value) isOpen.value = false;
    else void run();
  };
  return { isOpen, answer, problem, run, toggle };
}

function Results({ running }: { running: ReturnType<typeof useRun> }) {
  const answer = running.answer.value;
  const problem = running.problem.value;
  return (
    <div class="query-results">
      <ProblemNote message={problem} retry={() => void running.run()} />
      {answer === undefined && problem === undefined && <Skeleton rows={3} />}
      <p class="preview-headline" role="status">{answer === undefined ? "" : `Found ${listingsWords(answer)}.`}</p>
      {answer !== undefined && <Found answer={answer} headings="h3" />}
    </div>
  );
}

function FirstSearch() {
  const onSubmit = (event: Event): void => {
    event.preventDefault();
    const keywords = String(new FormData(event.currentTarget as HTMLFormElement).get("keywords") ?? "").trim();
    navigate(`/searches/new${query({ keywords })}`);
  };
  return (
    <EmptyState title="Keep a search, and hear of what is new">
      <p>A saved search gathers what it finds and tells you at once, every 15 minutes, hourly or daily.</p>
      <form class="first-query" onSubmit={onSubmit}>
        <input
          class="form-control" name="keywords" aria-label="What to look for" placeholder="mountain bike, tent, kayak"
          autocomplete="off" autocapitalize="none"
        />
        <button type="submit" class="btn btn-primary">See what it finds</button>
      </form>
    </EmptyState>
  );
}
