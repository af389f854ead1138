import "../../../styles/queries.scss";
import { useSignalEffect } from "@preact/signals";
import type { ComponentChildren, ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { sentence } from "../../api/call";
import { onEvent, reloads } from "../../state/connection";
import type { StandingQueries, StandingTypes } from "../../state/standing";
import { Age } from "../age";
import { Icon } from "../icon";
import { PageHead } from "../page-head";
import { ProblemNote } from "../problem";
import { rowTarget, useRowKeys } from "../row-keys";
import { Skeleton } from "../skeleton";
import { Switch } from "../switch";

interface QueryListProps<T extends StandingTypes> {
  queries: StandingQueries<T>;
  /** What stands on the page while there are none. */
  first: ComponentChildren;
  Row: ComponentType<{ query: T["query"] }>;
}

/** The page of all queries of one kind. */
export function QueryList<T extends StandingTypes>({ queries, first, Row }: QueryListProps<T>) {
  const { address, notifiedBy, words: { noun, plural } } = queries.kind;
  useSignalEffect(() => {
    void reloads.value;
    void queries.load();
  });
  useEffect(() => onEvent("notification", ({ data, timestamp }) =>
    queries.noteNotified((data as Readonly<Record<string, unknown>>)[notifiedBy], timestamp)), []);
  useRowKeys(noun);
  const items = queries.items.value;
  const isEmpty = items?.length === 0;
  return (
    <>
      <PageHead title={plural}>
        {!isEmpty && <a class="btn btn-primary" href={`${address}/new`}><Icon name="plus" /> New {noun}</a>}
      </PageHead>
      <ProblemNote message={queries.problem.value} retry={() => void queries.load()} />
      {items === undefined && queries.problem.value === undefined && <Skeleton rows={5} class="query-skeleton" />}
      {isEmpty && first}
      {items !== undefined && !isEmpty && (
        <ul class="query-list" aria-label={`${plural}, newest first`}>
          {items.map((query) => <Row key={query.id} query={query} />)}
        </ul>
      )}
    </>
  );
}

interface QueryRowProps<T extends StandingTypes> {
  queries: StandingQueries<T>;
  query: T["query"];
  /** What stands beside the name. */
  aside?: ComponentChildren;
  facts: ComponentChildren;
  actions?: ComponentChildren;
  /** What stands below the row. */
  children?: ComponentChildren;
}

/** One query of the list. */
export function QueryRow<T extends StandingTypes>({ queries, query, aside, facts, actions, children }: QueryRowProps<T>) {
  const { address, draftOf, isActive, nameOf } = queries.kind;
  const name = nameOf(query);
  const active = isActive(query);
  return (
    <li class="query-row" data-row data-paused={!active}>
      <div class="query-text">
        <h2 class="query-name"><a href={`${address}/${query.id}`} dir="auto" {...rowTarget}>{name}</a>{aside !== undefined && <> {aside}</>}</h2>
        <p class="query-facts">
          {facts}
          <span>{query.last_told_at == null ? "has told nothing yet" : <>last told <Age at={query.last_told_at} /></>}</span>
        </p>
      </div>
      <div class="query-actions">
        <Switch checked={active} onChange={(wanted) => void queries.setActive(query.id, wanted)}>
          <span class="visually-hidden">Tells: {name}</span>
          <span aria-hidden="true">{active ? "On" : "Paused"}</span>
        </Switch>
        {actions}
        <a class="btn btn-quiet" href={queries.addressOf(draftOf(query))} aria-label={`Duplicate ${name}`}>Duplicate</a>
        <button type="button" class="btn btn-icon" aria-label={`Delete ${name}`} title="Delete" onClick={() => queries.remove(query)}>
          <Icon name="trash" />
        </button>
      </div>
      {(query.warnings ?? []).map(({ message, position }) => (
        <p key={`${position}: ${message}`} class="alert query-warning" data-level="warning" dir="auto">
          {sentence(message)}{" "}
          {position === undefined &&
            <button type="button" class="btn btn-quiet" onClick={() => void queries.keep(query.id)}>Keep it as it is</button>}
        </p>
      ))}
      {children}
    </li>
  );
}
