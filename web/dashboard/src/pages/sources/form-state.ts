/** The form of a source's settings: a draft, as fields or as JSON, and what is wrong with it. */
import { type Signal, useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { messageOf, Refusal, sentence } from "../../api/call";
import type { JsonObject } from "../../api/schema";
import { type Draft, draftOf, jsonOf, readJson, settingsOf, withoutBlanks, type Written } from "./draft";
import type { SourceKind } from "./kinds";

export interface FormState {
  kind: SourceKind;
  /** The settings as the server has them. */
  stored: Signal<Readonly<JsonObject>>;
  draft: Signal<Draft>;
  /** The settings as JSON, while they are edited so. */
  json: Signal<string | undefined>;
  problems: Signal<ReadonlyMap<string, string>>;
  /** What is wrong and belongs to no field. */
  problem: Signal<string | undefined>;
  isDirty: Signal<boolean>;
  isBusy: Signal<boolean>;
}

export function useFormState(kind: SourceKind, settings: Readonly<JsonObject>): FormState {
  const first = useMemo(() => draftOf(kind, settings), []);
  return {
    kind,
    stored: useSignal(settings),
    draft: useSignal(first),
    json: useSignal<string | undefined>(undefined),
    problems: useSignal<ReadonlyMap<string, string>>(new Map()),
    problem: useSignal<string | undefined>(undefined),
    isDirty: useSignal(false),
    isBusy: useSignal(false),
  };
}

/** Changes something of the draft. */
export function change(form: FormState, some: Partial<Draft>): void {
  form.draft.value = { ...form.draft.peek(), ...some };
  form.isDirty.value = true;
}

/** Starts again with settings as the server has them. */
export function reset(form: FormState, settings: Readonly<JsonObject>): void {
  form.stored.value = settings;
  form.draft.value = draftOf(form.kind, settings);
  if (form.json.peek() !== undefined) form.json.value = jsonOf(form.kind, settings);
  form.isDirty.value = false;
  clearProblems(form);
}

/** Shows the settings as JSON, or as fields again; JSON that cannot be read stays. */
export function showJson(form: FormState, wanted: boolean): void {
  if (wanted === (form.json.peek() !== undefined)) return;
  clearProblems(form);
  if (wanted) {
    form.json.value = jsonOf(form.kind, settingsOf(form.kind, withoutBlanks(form.draft.peek())).settings);
    return;
  }
  const { settings, problems } = readJson(form.kind, form.stored.peek(), form.json.peek() ?? "");
  form.problems.value = problems;
  if (problems.size > 0) return;
  form.draft.value = draftOf(form.kind, settings);
  form.json.value = undefined;
}

/** What the form says, without its empty rows. */
export function written(form: FormState): Written {
  const json = form.json.peek();
  if (json !== undefined) return readJson(form.kind, form.stored.peek(), json);
  // Rows that are not sent are not shown either, so that what the server says of a row is said of the right one.
  form.draft.value = withoutBlanks(form.draft.peek());
  return settingsOf(form.kind, form.draft.peek());
}

/** Sends what the form says, and shows what is wrong with it. */
export async function submit(form: FormState, send: (settings: JsonObject) => Promise<void>): Promise<void> {
  if (form.isBusy.peek()) return;
  clearProblems(form);
  const { settings, problems } = written(form);
  if (problems.size > 0) {
    form.problems.value = problems;
    return;
  }
  form.isBusy.value = true;
  try {
    await send(settings);
  } catch (error) {
    showRefusal(form, error);
  } finally {
    form.isBusy.value = false;
  }
}

/** Shows what the server does not like, under the fields it names. */
export function showRefusal(form: FormState, error: unknown): void {
  const fields = error instanceof Refusal ? error.fields : new Map<string, string>();
  form.problems.value = fields;
  form.problem.value = fields.size === 0 ? messageOf(error) : undefined;
}

function clearProblems(form: FormState): void {
  form.problems.value = new Map();
  form.problem.value = undefined;
}

/** What is wrong with a field, as a sentence that names it. */
export function problemOf(form: FormState, field: string, label: string): string | undefined {
  const words = form.problems.value.get(field);
  return words === undefined ? undefined : sentence(`${label} ${words}`);
}
