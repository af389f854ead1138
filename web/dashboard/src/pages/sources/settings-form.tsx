import { useId } from "preact/hooks";
import { Field } from "../../parts/field";
import { ProblemNote } from "../../parts/problem";
import { Switch } from "../../parts/switch";
import { change, type FormState, problemOf, showJson } from "./form-state";
import { PARTS_PATH, type Section, settingOf, settingsIn, type SourceSetting } from "./kinds";
import { SearchRows, UrlRows } from "./rows";

/** The fields of a source's settings, or the same as JSON. */
export function SettingsForm({ form }: { form: FormState }) {
  const isJson = form.json.value !== undefined;
  return (
    <>
      <ProblemNote message={form.problem.value} />
      <OtherProblems form={form} />
      <div class="source-view-choice" role="group" aria-label="How the settings are shown">
        <button type="button" class="btn btn-quiet" aria-pressed={!isJson} onClick={() => showJson(form, false)}>Fields</button>
        <button type="button" class="btn btn-quiet" aria-pressed={isJson} onClick={() => showJson(form, true)}>Advanced: JSON</button>
      </div>
      {isJson ? <JsonEditor form={form} /> : <Fields form={form} />}
    </>
  );
}

function Fields({ form }: { form: FormState }) {
  const advanced = new Set(settingsIn(form.kind, "advanced").map(({ name }) => name));
  const hasAdvancedProblem = [...form.problems.value.keys()].some((path) => advanced.has(settingOf(path)));
  return (
    <>
      <SettingFields section="site" form={form} />
      <PartFields form={form} />
      <SettingFields section="searches" form={form} />
      <h3>How often</h3>
      <SettingFields section="schedule" form={form} />
      <details class="mt-2" open={hasAdvancedProblem}>
        <summary>More</summary>
        <div class="mt-2"><SettingFields section="advanced" form={form} /></div>
      </details>
    </>
  );
}

/** The settings of a section: first those of one line, beside each other, then the others. */
function SettingFields({ section, form }: { section: Section; form: FormState }) {
  const settings = settingsIn(form.kind, section);
  const lines = settings.filter(({ name }) => name in form.draft.value.texts);
  const others = settings.filter((setting) => !lines.includes(setting));
  return (
    <>
      {lines.length > 0 && (
        <div class="source-fields">
          {lines.map((setting) => <TextField key={setting.name} setting={setting} form={form} />)}
        </div>
      )}
      {others.map((setting) => <OtherField key={setting.name} setting={setting} form={form} />)}
    </>
  );
}

function TextField({ setting, form }: { setting: SourceSetting; form: FormState }) {
  const { name, label, help, example, type } = setting;
  const { texts } = form.draft.value;
  const text = texts[name] ?? "";
  const hint = name === "interval_seconds" ? inWords(text, setting.default) : help === "" ? undefined : help;
  return (
    <Field label={label} hint={hint} error={problemOf(form, `settings.${name}`, label)}>
      {(control) => (
        <input
          {...control}
          class="form-control"
          value={text}
          placeholder={example ?? undefined}
          inputMode={type === "integer" ? "numeric" : "text"}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => change(form, { texts: { ...texts, [name]: event.currentTarget.value } })}
        />
      )}
    </Field>
  );
}

function OtherField({ setting, form }: { setting: SourceSetting; form: FormState }) {
  switch (setting.type) {
    case "url_list":
      return <UrlRows setting={setting} form={form} />;
    case "search_list":
      return <SearchRows setting={setting} form={form} />;
    default:
      return <SwitchField setting={setting} form={form} />;
  }
}

function SwitchField({ setting: { name, label, help }, form }: { setting: SourceSetting; form: FormState }) {
  const { switches } = form.draft.value;
  const hint = useId();
  return (
    <>
      <Switch
        checked={switches[name] === true}
        onChange={(is_on) => change(form, { switches: { ...switches, [name]: is_on } })}
        describedBy={help === "" ? undefined : hint}
      >
        {label}
      </Switch>
      {help !== "" && <p class="form-text" id={hint}>{help}</p>}
      <FieldError form={form} name={name} label="This" />
    </>
  );
}

/** "Every 5 minutes", for those who do not think in seconds. */
export function inWords(seconds_text: string, default_seconds: unknown): string {
  const seconds = Number(seconds_text);
  if (Number.isInteger(seconds) && seconds > 0) return `${every(seconds, "Every")}.`;
  return typeof default_seconds === "number" ? `${default_seconds}, which is ${every(default_seconds, "every")}, unless you say something else.` : "";
}

function every(seconds: number, word: string): string {
  const [amount, unit] = seconds % 3_600 === 0 ? [seconds / 3_600, "hour"] : seconds % 60 === 0 ? [seconds / 60, "minute"] : [seconds, "second"];
  return amount === 1 ? `${word} ${unit}` : `${word} ${amount} ${unit}s`;
}

/** Where on the page each part of a listing is. */
function PartFields({ form }: { form: FormState }) {
  const parts = settingsIn(form.kind, "parts");
  if (parts.length === 0) return null;
  return (
    <fieldset class="source-parts">
      <legend>Where each part is</legend>
      <p class="quiet">
        {parts[0]?.type === "css_selector"
          ? <>CSS selectors, within each listing. <code>css@attribute</code> takes an attribute, <code>@attribute</code> one of the listing itself.</>
          : <>JSONPath, such as <code>$.price.value</code>, within each item of the list.</>}
      </p>
      <FieldError form={form} name="fields" label="The parts" />
      <div class="source-fields">
        {parts.map((part) => <PartField key={part.name} setting={part} form={form} />)}
      </div>
    </fieldset>
  );
}

function PartField({ setting: { name: path, label, required, example }, form }: { setting: SourceSetting; form: FormState }) {
  const name = path.slice(PARTS_PATH.length);
  const { [name]: text, ...others } = form.draft.value.fields;
  const write = (value: string): void => change(form, { fields: value === "" ? others : { ...others, [name]: value } });
  return (
    <Field
      label={required ? label : `${label} (optional)`}
      hint={text === "" ? "The whole listing." : undefined}
      error={problemOf(form, `settings.${path}`, label)}
    >
      {(control) => (
        <input
          {...control}
          class="form-control source-code"
          value={text ?? ""}
          placeholder={example ?? undefined}
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

/** What is wrong with something that has no field here, such as a name that the server does not know. */
function OtherProblems({ form }: { form: FormState }) {
  const others = [...form.problems.value].filter(([path]) => (form.json.value !== undefined ? path !== "settings" : !hasField(form, path)));
  if (others.length === 0) return null;
  return (
    <ul class="alert source-problems" data-level="error" role="alert">
      {others.map(([path, words]) => <li key={path}><code>{path.replace(/^settings\./, "")}</code> {words}</li>)}
    </ul>
  );
}

function hasField(form: FormState, path: string): boolean {
  const setting = settingOf(path);
  const names = form.kind.settings.map(({ name }) => name);
  return ["name", "kind", ...names].includes(setting) || (setting === "fields" && settingsIn(form.kind, "parts").length > 0);
}
