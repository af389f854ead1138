import { useSignal } from "@preact/signals";
import { Refusal, sentence } from "../../api/call";
import { createSource } from "../../api/sources";
import { Field } from "../../parts/field";
import { PageHead } from "../../parts/page-head";
import { ProblemNote } from "../../parts/problem";
import { Skeleton } from "../../parts/skeleton";
import { navigate } from "../../router";
import { tell } from "../../state/toasts";
import { addressOf } from "./actions";
import { changesOf } from "./draft";
import { submit, useFormState } from "./form-state";
import { type SourceKind, useSourceKinds } from "./kinds";
import { SettingsForm } from "./settings-form";

/** A new source: first what kind of page it reads, then how. */
export function AddSource({ kind }: { kind: string }) {
  const kinds = useSourceKinds();
  const all = kinds.value.value?.items;
  const chosen = all?.find(({ name }) => name === kind);
  return (
    <>
      <PageHead title="Add a source"><a class="btn btn-plain" href="/sources">Cancel</a></PageHead>
      <ProblemNote message={kinds.problem.value} retry={() => void kinds.load()} />
      {all === undefined && kinds.problem.value === undefined && <Skeleton rows={3} class="source-skeleton" />}
      {all !== undefined && (chosen === undefined ? <KindPicker kinds={all} /> : <NewSourceForm kind={chosen} />)}
    </>
  );
}

function KindPicker({ kinds }: { kinds: readonly SourceKind[] }) {
  return (
    <>
      <h2>What does it read?</h2>
      <ul class="source-kinds">
        {kinds.map(({ name, title, summary }) => (
          <li key={name}>
            <a class="card-box" href={`/sources?add=${name}`}>
              <strong>{title}</strong>
              <span class="quiet">{summary}</span>
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}

function NewSourceForm({ kind }: { kind: SourceKind }) {
  const form = useFormState(kind, {});
  const name = useSignal("");
  const nameProblem = useSignal<string | undefined>(undefined);
  const create = async (event: Event): Promise<void> => {
    event.preventDefault();
    nameProblem.value = name.value.trim() === "" ? "Give it a name, which its listings will bear." : undefined;
    if (nameProblem.value !== undefined) return;
    await submit(form, async (settings) => {
      try {
        const made = await createSource({ name: name.value.trim(), kind: kind.name, settings: changesOf(kind, {}, settings) });
        tell("The source is there. Start it when you are ready.");
        navigate(addressOf(made.name));
      } catch (error) {
        if (error instanceof Refusal) nameProblem.value = problemOfName(error);
        throw error;
      }
    });
  };
  return (
    <form class="card-box source-form" onSubmit={(event) => void create(event)}>
      <h2>{kind.title}</h2>
      <p>{kind.summary} <a href="/sources?add">Another kind</a></p>
      <Field label="Name" hint="1 to 50 of a–z, 0–9, _ . -" error={nameProblem.value}>
        {(control) => (
          <input
            {...control}
            class="form-control source-name"
            value={name.value}
            autocomplete="off"
            spellcheck={false}
            autocapitalize="none"
            onInput={(event) => (name.value = event.currentTarget.value)}
          />
        )}
      </Field>
      <SettingsForm form={form} />
      <div class="source-form-end">
        <button type="submit" class="btn btn-primary" disabled={form.isBusy.value}>Add it, stopped</button>
      </div>
    </form>
  );
}

/** What is wrong with the name: that it is none, or that another source has it. */
function problemOfName(error: Refusal): string | undefined {
  if (error.code === "source_exists") return error.message;
  const words = error.fields.get("name");
  return words === undefined ? undefined : sentence(`The name ${words}`);
}
