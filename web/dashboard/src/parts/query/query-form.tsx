import { useSignalEffect } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { invalid } from "../../api/call";
import type { PreviewView } from "../../api/schema";
import { navigate } from "../../router";
import { LivePreview } from "../../state/live-preview";
import { PERIODS } from "../../state/period";
import type { StandingDraft, StandingQueries, StandingTypes } from "../../state/standing";
import { tell } from "../../state/toasts";
import { Field } from "../field";
import { ProblemNote } from "../problem";
import { Switch } from "../switch";
import { useDraft } from "./draft";
import { KeywordsField } from "./keywords-field";
import { Preview } from "./preview";
import { useSaving } from "./saving";
import { SourcePicker } from "./source-picker";
import { fieldProblem, keywordsErrorOf, problemsOf } from "./words";

/** What a group of fields of the form is given. */
export interface FieldsProps<Draft> {
  draft: Draft;
  onChange: (changed: Partial<Draft>) => void;
  /** What is wrong with a field, as a sentence that begins with its label. */
  problemOf: (field: string, label: string) => string | undefined;
}

interface QueryFormProps<T extends StandingTypes, Wanted extends object> {
  queries: StandingQueries<T>;
  /** Absent for a new query. */
  id: number | undefined;
  start: T["draft"];
  /** What the button that saves a new one says. */
  createWords: string;
  /** What is said when one was saved. */
  savedWords: (query: T["query"]) => string;
  /** The fields before the sources, and those after them. */
  fields: (props: FieldsProps<T["draft"]>) => ComponentChildren;
  moreFields: (props: FieldsProps<T["draft"]>) => ComponentChildren;
  /** What the preview is asked for a draft; nothing while that would say nothing. */
  wantedOf: (draft: T["draft"]) => Wanted | undefined;
  ask: (wanted: Wanted) => Promise<PreviewView>;
  headline: (draft: T["draft"], answer: PreviewView) => string;
  /** What stands in the place of the preview before anything is asked. */
  previewHint: string;
}

/** The form of a query, and beside it what the query finds. */
export function QueryForm<T extends StandingTypes, Wanted extends object>(props: QueryFormProps<T, Wanted>) {
  const { queries, id, start } = props;
  const { kind } = queries;
  const { draft, saved } = useDraft<T["draft"]>(`${kind.address}/${id ?? "new"}`, start);
  const saving = useSaving(async () => {
    const wrong = kind.problemsOf(draft.value);
    if (wrong.size > 0) throw invalid([...wrong].map(([field, message]) => ({ field, message })));
    const query = await queries.save(id, draft.value);
    saved();
    tell(props.savedWords(query));
    navigate(kind.address);
  });
  const preview = useMemo(() => new LivePreview<Wanted>(props.ask), []);
  useSignalEffect(() => preview.want(props.wantedOf(draft.value)));
  useEffect(() => () => preview.stop(), []);
  const onChange = (changed: Partial<T["draft"]>): void => {
    draft.value = { ...draft.value, ...changed };
    saving.problem.value = undefined;
  };
  const problems = new Map([
    ...problemsOf(preview.problem.value), ...kind.problemsOf(draft.value), ...problemsOf(saving.problem.value),
  ]);
  const problemOf = (field: string, label: string): string | undefined => fieldProblem(problems, field, label);
  const group: FieldsProps<T["draft"]> = { draft: draft.value, onChange, problemOf };
  return (
    <div class="query-page">
      <form class="card-box query-form" noValidate onSubmit={saving.onSubmit}>
        <KeywordsField
          value={draft.value.keywords}
          onInput={(keywords) => onChange({ keywords } as Partial<T["draft"]>)}
          problem={keywordsErrorOf(saving.problem.value) ?? keywordsErrorOf(preview.problem.value)}
          tries={saving.tries.value}
          autofocus={id === undefined}
        />
        {props.fields(group)}
        <SourcePicker
          chosen={draft.value.sources}
          onChange={(sources) => onChange({ sources } as Partial<T["draft"]>)}
          problem={problemOf("sources", "This")}
        />
        {props.moreFields(group)}
        <ProblemNote message={saving.message} />
        <div class="form-foot">
          <button type="submit" class="btn btn-primary" disabled={saving.isBusy.value}>{id === undefined ? props.createWords : "Save"}</button>
          <a class="btn btn-quiet" href={kind.address}>Cancel</a>
        </div>
      </form>
      <Preview preview={preview} headline={(answer) => props.headline(draft.value, answer)}>
        <p class="mb-0">{props.previewHint}</p>
      </Preview>
    </div>
  );
}

interface MoreFieldsProps {
  group: FieldsProps<StandingDraft>;
  freeWords: string;
  /** Whether one of `children` is set, or wrong. */
  isSet?: boolean;
  isWrong?: boolean;
  children?: ComponentChildren;
}

/** What most queries do without. It is open where one of the fields is set, or wrong. */
export function MoreFields({ group, freeWords, isSet = false, isWrong = false, children }: MoreFieldsProps) {
  const { draft, onChange, problemOf } = group;
  const isOpen = useMemo(() => draft.includeFree || draft.pricePer !== "" || isSet, []);
  const problem = problemOf("currency", "The currency");
  const periodProblem = problemOf("price_per", "The period");
  return (
    <details class="more-fields" open={isOpen || isWrong || problem !== undefined || periodProblem !== undefined}>
      <summary>More</summary>
      <div class="field">
        <Switch checked={draft.includeFree} onChange={(includeFree) => onChange({ includeFree })}>{freeWords}</Switch>
      </div>
      {children}
      <Field label="The price is for" error={periodProblem} hint="Rents and the like are never compared with prices of sales.">
        {(control) => (
          <select
            {...control}
            class="form-select"
            value={draft.pricePer}
            onChange={(event) => onChange({ pricePer: event.currentTarget.value })}
          >
            <option value="">a sale</option>
            {PERIODS.map(([period, words]) => <option key={period} value={period}>{words}</option>)}
          </select>
        )}
      </Field>
      <Field label="Currency" error={problem} hint="Prices in other currencies are never compared with yours.">
        {(control) => (
          <input
            {...control}
            class="form-control currency"
            maxLength={3}
            autocomplete="off"
            placeholder="the server's"
            value={draft.currency}
            onInput={(event) => onChange({ currency: event.currentTarget.value })}
          />
        )}
      </Field>
    </details>
  );
}
