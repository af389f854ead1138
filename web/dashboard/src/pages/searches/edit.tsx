import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import "../../../styles/queries.scss";
import { messageOf, Refusal } from "../../api/call";
import type { SavedSearchView } from "../../api/schema";
import { getSearch } from "../../api/searches";
import { EmptyState } from "../../parts/empty-state";
import { Icon } from "../../parts/icon";
import { PageHead } from "../../parts/page-head";
import { ProblemNote } from "../../parts/problem";
import { Skeleton } from "../../parts/skeleton";
import { navigate, type PageProps, search as address } from "../../router";
import { addressOfDraft, draftOfQuery, draftOfSearch, searches } from "../../state/searches";
import { SearchForm } from "./form";

/** One saved search: a new one, or one that is changed. */
export default function SearchPage({ id }: PageProps) {
  if (id === "new") return <NewSearch />;
  return <ChangeSearch id={id} />;
}

function NewSearch() {
  const start = useSignal(draftOfQuery(address.peek())).value;
  return (
    <>
      <PageHead title="New saved search" />
      <SearchForm start={start} />
    </>
  );
}

function ChangeSearch({ id }: { id: string }) {
  const search = useSignal<SavedSearchView | undefined>(undefined);
  const problem = useSignal<unknown>(undefined);
  const load = async (): Promise<void> => {
    problem.value = undefined;
    try {
      search.value = await getSearch(id);
    } catch (error) {
      problem.value = error;
    }
  };
  useEffect(() => void load(), [id]);
  const { value } = search;
  if (value !== undefined) {
    return (
      <>
        <PageHead title={value.name}><Actions search={value} /></PageHead>
        <SearchForm id={value.id} start={draftOfSearch(value)} />
      </>
    );
  }
  const isMissing = problem.value instanceof Refusal && [400, 404].includes(problem.value.status);
  return (
    <>
      <PageHead title="Saved search" />
      {problem.value === undefined && <Skeleton rows={8} />}
      {isMissing && (
        <EmptyState title="There is no such search">
          <p>It may have been deleted. <a href="/searches">Your saved searches</a></p>
        </EmptyState>
      )}
      {problem.value !== undefined && !isMissing && <ProblemNote message={messageOf(problem.value)} retry={() => void load()} />}
    </>
  );
}

function Actions({ search }: { search: SavedSearchView }) {
  const remove = (): void => {
    searches.remove(search, `Deleted: ${search.name}`);
    navigate("/searches");
  };
  return (
    <>
      <a class="btn btn-quiet" href={addressOfDraft(draftOfSearch(search))}>Duplicate</a>
      <button type="button" class="btn btn-icon" aria-label="Delete" title="Delete" onClick={remove}><Icon name="trash" /></button>
    </>
  );
}
