import "../../../styles/queries.scss";
import { useSignal } from "@preact/signals";
import type { ComponentChildren, ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { messageOf, Refusal } from "../../api/call";
import { navigate, search as addressParams } from "../../router";
import type { StandingQueries, StandingTypes } from "../../state/standing";
import { EmptyState } from "../empty-state";
import { Icon } from "../icon";
import { PageHead } from "../page-head";
import { ProblemNote } from "../problem";
import { Skeleton } from "../skeleton";
import { Switch } from "../switch";

interface QueryPageProps<T extends StandingTypes> {
  /** As the address has it: a number, or "new". */
  id: string;
  queries: StandingQueries<T>;
  Form: ComponentType<{ id?: number; start: T["draft"] }>;
  /** The heading where it is not what all queries of the kind are called. */
  headingOf?: (query: T["query"]) => string;
  /** Whether the query can be paused on this page: not where its form can do so. */
  hasSwitch?: boolean;
}

/** One query: a new one, or one that is changed. */
export function QueryPage<T extends StandingTypes>(props: QueryPageProps<T>) {
  return props.id === "new" ? <NewQuery {...props} /> : <ChangeQuery {...props} />;
}

function NewQuery<T extends StandingTypes>({ queries: { kind }, Form }: QueryPageProps<T>) {
  const start = useSignal(kind.draftOfAddress(addressParams.peek())).value;
  return (
    <>
      <PageHead title={`New ${kind.words.title.toLowerCase()}`} />
      <Form start={start} />
    </>
  );
}

function ChangeQuery<T extends StandingTypes>({ id, queries, Form, headingOf, hasSwitch = false }: QueryPageProps<T>) {
  const { address, calls, draftOf, isActive, words } = queries.kind;
  const query = useSignal<T["query"] | undefined>(undefined);
  const problem = useSignal<unknown>(undefined);
  const load = async (): Promise<void> => {
    problem.value = undefined;
    try {
      query.value = await calls.read(id);
    } catch (error) {
      problem.value = error;
    }
  };
  useEffect(() => void load(), [id]);
  const { value } = query;
  if (value !== undefined) {
    const turn = (active: boolean): void => void queries.setActive(value.id, active).then((changed) => changed && (query.value = changed));
    return (
      <>
        <PageHead title={headingOf?.(value) ?? words.title}>
          <Actions queries={queries} query={value}>
            {hasSwitch && <Switch checked={isActive(value)} onChange={turn}>{isActive(value) ? "On" : "Paused"}</Switch>}
          </Actions>
        </PageHead>
        <Form id={value.id} start={draftOf(value)} />
      </>
    );
  }
  const isMissing = problem.value instanceof Refusal && [400, 404].includes(problem.value.status);
  return (
    <>
      <PageHead title={words.title} />
      {problem.value === undefined && <Skeleton rows={8} />}
      {isMissing && (
        <EmptyState title={`There is no such ${words.noun}`}>
          <p>It may have been deleted. <a href={address}>Your {words.plural.toLowerCase()}</a></p>
        </EmptyState>
      )}
      {problem.value !== undefined && !isMissing && <ProblemNote message={messageOf(problem.value)} retry={() => void load()} />}
    </>
  );
}

interface ActionsProps<T extends StandingTypes> {
  queries: StandingQueries<T>;
  query: T["query"];
  children: ComponentChildren;
}

function Actions<T extends StandingTypes>({ queries, query, children }: ActionsProps<T>) {
  const remove = (): void => {
    queries.remove(query);
    navigate(queries.kind.address);
  };
  return (
    <>
      {children}
      <a class="btn btn-quiet" href={queries.addressOf(queries.kind.draftOf(query))}>Duplicate</a>
      <button type="button" class="btn btn-icon" aria-label="Delete" title="Delete" onClick={remove}><Icon name="trash" /></button>
    </>
  );
}
