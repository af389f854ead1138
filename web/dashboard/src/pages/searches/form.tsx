import { useSignalEffect } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { invalid } from "../../api/call";
import type { PreviewView, SavedSearchFields } from "../../api/schema";
import { previewSearch } from "../../api/searches";
import { Field } from "../../parts/field";
import { ProblemNote } from "../../parts/problem";
import { useDraft } from "../../parts/query/draft";
import { KeywordsField } from "../../parts/query/keywords-field";
import { Preview } from "../../parts/query/preview";
import { useSaving } from "../../parts/query/saving";
import { SourcePicker } from "../../parts/query/source-picker";
import { fieldProblem, listingsWords, problemsOf } from "../../parts/query/words";
import { Switch } from "../../parts/switch";
import { navigate } from "../../router";
import { LivePreview } from "../../state/live-preview";
import { amountProblems, CADENCES, fieldsOfSearch, saveSearch, type SearchDraft, searches } from "../../state/searches";
import { tell } from "../../state/toasts";

/** The form of a search, and beside it what it finds. */
export function SearchForm({ id, start }: { id?: number; start: SearchDraft }) {
  const { draft, saved } = useDraft(`/searches/${id ?? "new"}`, start);
  const saving = useSaving(async () => {
    const wrong = amountProblems(draft.value);
    if (wrong.size > 0) throw invalid([...wrong].map(([field, message]) => ({ field, message })));
    const search = await saveSearch(id, draft.value);
    saved();
    searches.put(search);
    tell(`Saved: ${search.name}`);
    navigate("/searches");
  });
  const preview = useMemo(() => new LivePreview<SavedSearchFields>(previewSearch), []);
  useSignalEffect(() => preview.want(wantedOf(draft.value)));
  useEffect(() => () => preview.stop(), []);
  const change = (changed: Partial<SearchDraft>): void => {
    draft.value = { ...draft.value, ...changed };
    saving.problem.value = undefined;
  };
  const problems = new Map([
    ...problemsOf(preview.problem.value), ...amountProblems(draft.value), ...problemsOf(saving.problem.value),
  ]);
  return (
    <div class="query-page">
      <form class="card-box query-form" noValidate onSubmit={saving.onSubmit}>
        <KeywordsField
          value={draft.value.keywords}
          onInput={(keywords) => change({ keywords })}
          problem={problems.get("keywords")}
          tries={saving.tries.value}
          autofocus={id === undefined}
        />
        <TextFields draft={draft.value} onChange={change} problems={problems} />
        <SourcePicker
          chosen={draft.value.sources}
          onChange={(sources) => change({ sources })}
          problem={fieldProblem(problems, "sources", "This")}
        />
        <Telling draft={draft.value} onChange={change} />
        <More draft={draft.value} onChange={change} problems={problems} />
        <ProblemNote message={saving.message} />
        <div class="form-foot">
          <button type="submit" class="btn btn-primary" disabled={saving.isBusy.value}>{id === undefined ? "Save search" : "Save"}</button>
          <a class="btn btn-quiet" href="/searches">Cancel</a>
        </div>
      </form>
      <Preview preview={preview} headline={(answer: PreviewView) => `Finds ${listingsWords(answer)}.`}>
        <p class="mb-0">Type what you look for: here stands what the search finds in the last 30 days.</p>
      </Preview>
    </div>
  );
}

interface PartProps {
  draft: SearchDraft;
  onChange: (changed: Partial<SearchDraft>) => void;
}

type ProblemsProps = PartProps & { problems: ReadonlyMap<string, string> };

function TextFields({ draft, onChange, problems }: ProblemsProps) {
  return (
    <>
      <Field label="Name" error={fieldProblem(problems, "name", "The name")}>
        {(control) => (
          <input
            {...control} class="form-control" autocomplete="off" maxLength={200} placeholder={draft.keywords.trim() || "Road bikes"}
            value={draft.name} onInput={(event) => onChange({ name: event.currentTarget.value })}
          />
        )}
      </Field>
      <div class="two-fields">
        <Field label="Lowest price" error={fieldProblem(problems, "min_price", "This")}>
          {(control) => (
            <input
              {...control} class="form-control" inputMode="decimal" autocomplete="off" placeholder="any"
              value={draft.minPrice} onInput={(event) => onChange({ minPrice: event.currentTarget.value })}
            />
          )}
        </Field>
        <Field label="Highest price" error={fieldProblem(problems, "max_price", "This")}>
          {(control) => (
            <input
              {...control} class="form-control" inputMode="decimal" autocomplete="off" placeholder="any"
              value={draft.maxPrice} onInput={(event) => onChange({ maxPrice: event.currentTarget.value })}
            />
          )}
        </Field>
      </div>
      <Field label="Place" error={fieldProblem(problems, "location", "The place")} hint="Words that must be in the ad's place.">
        {(control) => (
          <input
            {...control} class="form-control" autocomplete="off" placeholder="anywhere"
            value={draft.location} onInput={(event) => onChange({ location: event.currentTarget.value })}
          />
        )}
      </Field>
    </>
  );
}

/** Whether and how often it tells. */
function Telling({ draft, onChange }: PartProps) {
  return (
    <div class="field telling">
      <Switch checked={draft.notifyNew} onChange={(notifyNew) => onChange({ notifyNew })}>Tell me of what is new</Switch>
      <select
        class="form-select"
        aria-label="How often"
        disabled={!draft.notifyNew}
        value={draft.cadence}
        onChange={(event) => onChange({ cadence: event.currentTarget.value })}
      >
        {CADENCES.map(([word, words]) => <option key={word} value={word}>{words}</option>)}
      </select>
    </div>
  );
}

function More({ draft, onChange, problems }: ProblemsProps) {
  const isOpen = useMemo(() => draft.includeFree, []);
  const problem = fieldProblem(problems, "currency", "The currency");
  return (
    <details class="more-fields" open={isOpen || problem !== undefined}>
      <summary>More</summary>
      <div class="field">
        <Switch checked={draft.includeFree} onChange={(includeFree) => onChange({ includeFree })}>
          Things given away count too, where there is a price
        </Switch>
      </div>
      <Field label="Currency" error={problem} hint="Prices in other currencies are never compared with yours.">
        {(control) => (
          <input
            {...control} class="form-control currency" maxLength={3} autocomplete="off" placeholder="the server's"
            value={draft.currency} onInput={(event) => onChange({ currency: event.currentTarget.value })}
          />
        )}
      </Field>
    </details>
  );
}

/** What can be asked of a form; nothing while it says nothing. What it is called and how often it tells change nothing of it. */
function wantedOf(draft: SearchDraft): SavedSearchFields | undefined {
  const fields = fieldsOfSearch({ ...draft, name: "preview", notifyNew: true, cadence: "15m" });
  const { keywords, min_price: min, max_price: max, sources } = fields;
  const saysEnough = keywords !== "" || ((min ?? max) != null && sources?.length !== 0);
  return saysEnough ? fields : undefined;
}
