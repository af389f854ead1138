import { Field } from "../../parts/field";
import { ProblemNote } from "../../parts/problem";
import { Switch } from "../../parts/switch";
import { change, type FormState, problemOf, showJson } from "./form-state";
import { type KindWords, PARTS, SETTINGS, type TextSetting } from "./kinds";
import { SearchRows, UrlRows } from "./rows";

/** The fields of a source's settings, or the same as JSON. */
export function SettingsForm({ kind, form }: { kind: KindWords; form: FormState }) {
  const isJson = form.json.value !== undefined;
  return (
    <>
      <ProblemNote message={form.problem.value} />
      <OtherProblems kind={kind} form={form} />
      <div class="source-view-choice" role="group" aria-label="How the settings are shown">
        <button type="button" class="btn btn-quiet" aria-pressed={!isJson} onClick={() => showJson(form, false)}>Fields</button>
        <button type="button" class="btn btn-quiet" aria-pressed={isJson} onClick={() => showJson(form, true)}>Advanced: JSON</button>
      </div>
      {isJson ? <JsonEditor form={form} /> : <Fields kind={kind} form={form} />}
    </>
  );
}

function Fields({ kind, form }: { kind: KindWords; form: FormState }) {
  const hasMoreProblem = [...form.problems.value.keys()].some((field) => /^settings\.(base_url|urls|currency)/.test(field));
  return (
    <>
      {kind.place.length > 0 && (
        <div class="source-fields">
          {kind.place.map((name) => <TextField key={name} name={name} form={form} />)}
        </div>
      )}
      {kind.needsUrls && <UrlRows form={form} />}
      {kind.parts.length > 0 && <PartFields kind={kind} form={form} />}
      <SearchRows form={form} />
      <Switch checked={form.draft.value.follow_searches} onChange={(follow_searches) => change(form, { follow_searches })}>
        Search also for what price alerts and saved searches ask of this source
      </Switch>
      <FieldError form={form} name="follow_searches" label="Following" />
      <h3>How often</h3>
      <div class="source-fields">
        {(["interval_seconds", "pages_per_run", "requests_per_day"] as const).map((name) => (
          <TextField key={name} name={name} form={form} />
        ))}
      </div>
      <Switch checked={form.draft.value.respect_robots} onChange={(respect_robots) => change(form, { respect_robots })}>
        Obey the site’s robots.txt
      </Switch>
      <details class="mt-2" open={hasMoreProblem}>
        <summary>More</summary>
        <div class="source-fields mt-2">
          <TextField name="currency" form={form} />
          {!kind.needsUrls && <TextField name="base_url" form={form} />}
        </div>
        {!kind.needsUrls && <UrlRows form={form} />}
      </details>
    </>
  );
}

function TextField({ name, form }: { name: TextSetting; form: FormState }) {
  const { label, hint, placeholder, isNumber } = SETTINGS[name];
  const text = form.draft.value[name];
  return (
    <Field label={label} hint={name === "interval_seconds" ? inWords(text) : hint} error={problemOf(form, `settings.${name}`, label)}>
      {(control) => (
        <input
          {...control}
          class="form-control"
          value={text}
          placeholder={placeholder}
          inputMode={isNumber === true ? "numeric" : "text"}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => change(form, { [name]: event.currentTarget.value })}
        />
      )}
    </Field>
  );
}

/** "Every 5 minutes", for those who do not think in seconds. */
export function inWords(seconds_text: string): string {
  const seconds = Number(seconds_text);
  if (!Number.isInteger(seconds) || seconds <= 0) return "300, which is every 5 minutes, unless you say something else.";
  const [amount, unit] = seconds % 3_600 === 0 ? [seconds / 3_600, "hour"] : seconds % 60 === 0 ? [seconds / 60, "minute"] : [seconds, "second"];
  return amount === 1 ? `Every ${unit}.` : `Every ${amount} ${unit}s.`;
}

/** Where on the page each part of a listing is. */
function PartFields({ kind, form }: { kind: KindWords; form: FormState }) {
  const isHtml = kind.parts.includes("row");
  const needed = kind.parts.indexOf("price");
  return (
    <fieldset class="source-parts">
      <legend>Where each part is</legend>
      <p class="quiet">
        {isHtml
          ? <>CSS selectors, within each listing. <code>css@attribute</code> takes an attribute, <code>@attribute</code> one of the listing itself.</>
          : <>JSONPath, such as <code>$.price.value</code>, within each item of the list.</>}
      </p>
      <FieldError form={form} name="fields" label="The parts" />
      <div class="source-fields">
        {kind.parts.map((part, place) => (
          <PartField key={part} part={part} isHtml={isHtml} isNeeded={place < needed} form={form} />
        ))}
      </div>
    </fieldset>
  );
}

function PartField({ part, isHtml, isNeeded, form }: { part: string; isHtml: boolean; isNeeded: boolean; form: FormState }) {
  const [label, html, json] = PARTS[part] ?? [part, "", ""];
  const { [part]: text, ...others } = form.draft.value.fields;
  const write = (value: string): void => change(form, { fields: value === "" ? others : { ...others, [part]: value } });
  return (
    <Field
      label={isNeeded ? label : `${label} (optional)`}
      hint={text === "" ? "The whole listing." : undefined}
      error={problemOf(form, `settings.fields.${part}`, label)}
    >
      {(control) => (
        <input
          {...control}
          class="form-control source-code"
          value={text ?? ""}
          placeholder={isHtml ? html : json}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => write(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

function JsonEditor({ form }: { form: FormState }) {
  const write = (text: string): void => {
    form.json.value = text;
    form.isDirty.value = true;
  };
  return (
    <Field
      label="Settings as JSON"
      hint="What is left out has its default."
      error={problemOf(form, "settings", "The settings")}
    >
      {(control) => (
        <textarea
          {...control}
          class="form-control source-code"
          rows={14}
          spellcheck={false}
          value={form.json.value}
          onInput={(event) => write(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

function FieldError({ form, name, label }: { form: FormState; name: string; label: string }) {
  const words = problemOf(form, `settings.${name}`, label);
  return words === undefined ? null : <p class="field-error" role="alert">{words}</p>;
}

/** What is wrong with something that has no field here, such as a name that nobody knows. */
function OtherProblems({ kind, form }: { kind: KindWords; form: FormState }) {
  const others = [...form.problems.value].filter(([field]) => form.json.value !== undefined ? field !== "settings" : !hasField(kind, field));
  if (others.length === 0) return null;
  return (
    <ul class="alert source-problems" data-level="error" role="alert">
      {others.map(([field, words]) => <li key={field}><code>{field.replace(/^settings\./, "")}</code> {words}</li>)}
    </ul>
  );
}

function hasField(kind: KindWords, field: string): boolean {
  const name = field.replace(/^settings\./, "");
  if (name.startsWith("fields.")) return kind.parts.includes(name.slice("fields.".length));
  if (/^searches(\[\d+\]\.(query|min_price|max_price))?$/.test(name) || /^urls(\[\d+\])?$/.test(name)) return true;
  if (["follow_searches", "interval_seconds", "pages_per_run", "requests_per_day", "currency", "name", "kind"].includes(name)) return true;
  return name === "base_url" ? !kind.needsUrls : name === "fields" ? kind.parts.length > 0 : (kind.place as readonly string[]).includes(name);
}
