import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { Icon } from "../../parts/icon";
import { BLANK_SEARCH, type SearchDraft } from "./draft";
import { change, type FormState, problemOf } from "./form-state";
import type { SourceSetting } from "./kinds";

/** What to search for, one row each. */
export function SearchRows({ setting, form }: { setting: SourceSetting; form: FormState }) {
  const { searches } = form.draft.value;
  const write = (place: number, some: Partial<SearchDraft>): void =>
    change(form, { searches: searches.map((search, at) => (at === place ? { ...search, ...some } : search)) });
  const add = (): void => change(form, { searches: [...searches, BLANK_SEARCH] });
  return (
    <fieldset class="source-rows">
      <legend>{setting.label}</legend>
      {searches.length === 0 && <p class="quiet mb-2">{setting.help}</p>}
      {searches.map((search, place) => (
        <div class="source-row source-search" key={place}>
          <Cell form={form} field={`searches[${place}].query`} label="Words" text={search.query} write={(query) => write(place, { query })} />
          <Cell form={form} field={`searches[${place}].min_price`} label="Lowest price" text={search.min_price} isNumber write={(min_price) => write(place, { min_price })} />
          <Cell form={form} field={`searches[${place}].max_price`} label="Highest price" text={search.max_price} isNumber write={(max_price) => write(place, { max_price })} />
          <Remove label={`Remove search ${place + 1}`} run={() => change(form, { searches: searches.filter((_, at) => at !== place) })} />
        </div>
      ))}
      <RowsEnd form={form} field="searches" label="The searches" add={add}>Add a search</RowsEnd>
    </fieldset>
  );
}

/** The addresses of the pages to read, one row each. */
export function UrlRows({ setting, form }: { setting: SourceSetting; form: FormState }) {
  const given = form.draft.value.urls;
  const urls = given.length === 0 ? [""] : given;
  const write = (place: number, url: string): void => change(form, { urls: urls.map((other, at) => (at === place ? url : other)) });
  return (
    <fieldset class="source-rows">
      <legend>{setting.label}</legend>
      <p class="quiet mb-2"><Help text={setting.help} /></p>
      {urls.map((url, place) => (
        <div class="source-row" key={place}>
          <Cell form={form} field={`urls[${place}]`} label={`Address ${place + 1}`} text={url} placeholder="https://…" write={(text) => write(place, text)} />
          {urls.length > 1 && (
            <Remove label={`Remove address ${place + 1}`} run={() => change(form, { urls: urls.filter((_, at) => at !== place) })} />
          )}
        </div>
      ))}
      <RowsEnd form={form} field="urls" label="The addresses" add={() => change(form, { urls: [...urls, ""] })}>Add an address</RowsEnd>
    </fieldset>
  );
}

/** A setting's help, with the places of a search as code. */
function Help({ text }: { text: string }) {
  return <>{text.split(/(\{\w+\})/).map((part, place) => (place % 2 === 1 ? <code key={place}>{part}</code> : part))}</>;
}

interface CellProps {
  form: FormState;
  /** As the server names it, below `settings`. */
  field: string;
  label: string;
  text: string;
  write: (text: string) => void;
  isNumber?: boolean;
  placeholder?: string;
}

/** A field in a row, whose label is short because the row says the rest. */
function Cell({ form, field, label, text, write, isNumber = false, placeholder }: CellProps) {
  const id = useId();
  const problem = problemOf(form, `settings.${field}`, label);
  return (
    <div class="source-cell">
      <label for={id}>{label}</label>
      <input
        id={id}
        class="form-control"
        value={text}
        placeholder={placeholder}
        inputMode={isNumber ? "numeric" : "text"}
        autocomplete="off"
        spellcheck={false}
        {...(problem === undefined ? {} : { "aria-invalid": true, "aria-describedby": `${id}-error` })}
        onInput={(event) => write(event.currentTarget.value)}
      />
      {problem !== undefined && <p class="field-error" id={`${id}-error`}>{problem}</p>}
    </div>
  );
}

function Remove({ label, run }: { label: string; run: () => void }) {
  return (
    <button type="button" class="btn btn-icon" aria-label={label} title={label} onClick={run}>
      <Icon name="close" />
    </button>
  );
}

interface RowsEndProps {
  form: FormState;
  field: string;
  label: string;
  add: () => void;
  children: ComponentChildren;
}

function RowsEnd({ form, field, label, add, children }: RowsEndProps) {
  const problem = problemOf(form, `settings.${field}`, label);
  return (
    <>
      {problem !== undefined && <p class="field-error" role="alert">{problem}</p>}
      <button type="button" class="btn btn-quiet" onClick={add}>
        <Icon name="plus" /> {children}
      </button>
    </>
  );
}
