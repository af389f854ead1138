import type { SavedSearchFields } from "../../api/schema";
import { previewFields, searchCalls } from "../../api/standing";
import { Field } from "../../parts/field";
import { type FieldsProps, MoreFields, QueryForm } from "../../parts/query/query-form";
import { listingsWords } from "../../parts/query/words";
import { Switch } from "../../parts/switch";
import { CADENCES, type SearchDraft, searches } from "../../state/searches";

/** The form of a search, and beside it what it finds. */
export function SearchForm({ id, start }: { id?: number; start: SearchDraft }) {
  return (
    <QueryForm
      queries={searches}
      id={id}
      start={start}
      createWords="Save search"
      savedWords={({ name }) => `Saved: ${name}`}
      fields={(group) => <TextFields {...group} />}
      moreFields={(group) => (
        <>
          <Notifying {...group} />
          <MoreFields group={group} freeWords="Things given away count too, where there is a price" />
        </>
      )}
      wantedOf={wantedOf}
      ask={(wanted) => previewFields(searchCalls, wanted)}
      headline={(_, answer) => `Finds ${listingsWords(answer)}.`}
      previewHint="Type what you look for: here stands what the search finds in the last 30 days."
    />
  );
}

function TextFields({ draft, onChange, problemOf }: FieldsProps<SearchDraft>) {
  return (
    <>
      <Field label="Name" error={problemOf("name", "The name")}>
        {(control) => (
          <input
            {...control} class="form-control" autocomplete="off" maxLength={200} placeholder={draft.keywords.trim() || "Road bikes"}
            value={draft.name} onInput={(event) => onChange({ name: event.currentTarget.value })}
          />
        )}
      </Field>
      <div class="two-fields">
        <Field label="Lowest price" error={problemOf("min_price", "This")}>
          {(control) => (
            <input
              {...control} class="form-control" inputMode="decimal" autocomplete="off" placeholder="any"
              value={draft.minPrice} onInput={(event) => onChange({ minPrice: event.currentTarget.value })}
            />
          )}
        </Field>
        <Field label="Highest price" error={problemOf("max_price", "This")}>
          {(control) => (
            <input
              {...control} class="form-control" inputMode="decimal" autocomplete="off" placeholder="any"
              value={draft.maxPrice} onInput={(event) => onChange({ maxPrice: event.currentTarget.value })}
            />
          )}
        </Field>
      </div>
      <Field label="Place" error={problemOf("location", "The place")} hint="Words that must be in the ad's place.">
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

/** Whether the search notifies, and how often. */
function Notifying({ draft, onChange }: FieldsProps<SearchDraft>) {
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

/** What can be asked of a form; nothing while it says nothing. Its name and how often it notifies change nothing of that. */
function wantedOf(draft: SearchDraft): SavedSearchFields | undefined {
  const fields = searches.kind.fieldsOf({ ...draft, name: "preview", notifyNew: true, cadence: "15m" });
  const { keywords, min_price: min, max_price: max, sources } = fields;
  const saysEnough = keywords !== "" || ((min ?? max) != null && sources?.length !== 0);
  return saysEnough ? fields : undefined;
}
