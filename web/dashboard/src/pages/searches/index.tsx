import { useSignal } from "@preact/signals";
import { messageOf, query as queryText } from "../../api/call";
import type { PreviewView, SavedSearch } from "../../api/schema";
import { runSearch } from "../../api/standing";
import { EmptyState } from "../../parts/empty-state";
import { IndexingNote } from "../../parts/indexing-note";
import { ProblemNote } from "../../parts/problem";
import { Found } from "../../parts/query/preview";
import { QueryList, QueryRow } from "../../parts/query/query-list";
import { listingsWords, sourcesWords } from "../../parts/query/words";
import { Skeleton } from "../../parts/skeleton";
import { navigate } from "../../router";
import { patiently } from "../../state/live-preview";
import { CADENCES, priceWords, searches } from "../../state/searches";

/** The user's saved searches. */
export default function SearchesPage() {
  return (
    <>
      <IndexingNote />
      <QueryList queries={searches} first={<FirstSearch />} Row={SearchRow} />
    </>
  );
}

function SearchRow({ query: search }: { query: SavedSearch }) {
  const running = useRun(search.id);
  const words = running.isOpen.value ? "Hide" : "Run now";
  const runButton = (
    <button
      type="button" class="btn btn-quiet" aria-label={`${words}: ${search.name}`}
      aria-expanded={running.isOpen.value} onClick={running.toggle}
    >
      {words}
    </button>
  );
  return (
    <QueryRow queries={searches} query={search} facts={<SearchFacts search={search} />} actions={runButton}>
      {running.isOpen.value && <Results running={running} />}
    </QueryRow>
  );
}

function SearchFacts({ search }: { search: SavedSearch }) {
  const cadence = CADENCES.find(([word]) => word === search.cadence)?.[1].toLowerCase();
  const prices = priceWords(search);
  return (
    <>
      {search.keywords !== "" && search.keywords !== search.name && <span dir="auto">{search.keywords}</span>}
      {prices !== "" && <span>{prices}</span>}
      {search.location && <span dir="auto">in {search.location}</span>}
      <span>{sourcesWords(search.sources)}</span>
      {search.notify_new !== false && cadence !== undefined && <span>{cadence}</span>}
    </>
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
    navigate(`/searches/new${queryText({ keywords })}`);
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
