import { useSignal } from "@preact/signals";
import { sendSystemMessage } from "../../api/admin";
import { messageOf, Refusal, sentence } from "../../api/call";
import { Field } from "../../parts/field";
import { ProblemNote } from "../../parts/problem";
import { tell } from "../../state/toasts";

const LEVELS = [
  ["info", "Information"],
  ["success", "Good news"],
  ["warning", "Warning"],
  ["error", "Trouble"],
] as const;

type Level = (typeof LEVELS)[number][0];

/** A message to everyone who is connected, shown as it will look. */
export function MessageComposer() {
  const text = useSignal("");
  const level = useSignal<Level>("info");
  const fieldProblem = useSignal<string | undefined>(undefined);
  const problem = useSignal<string | undefined>(undefined);
  const isBusy = useSignal(false);
  const send = async (): Promise<void> => {
    if (isBusy.peek()) return;
    fieldProblem.value = text.value.trim() === "" ? "Write something first." : undefined;
    problem.value = undefined;
    if (fieldProblem.value !== undefined) return;
    isBusy.value = true;
    try {
      await sendSystemMessage(text.value.trim(), level.value);
      text.value = "";
      tell("Everybody has been told.");
    } catch (error) {
      const words = error instanceof Refusal ? error.fields.get("message") : undefined;
      if (words === undefined) problem.value = messageOf(error);
      else fieldProblem.value = sentence(`The message ${words}`);
    } finally {
      isBusy.value = false;
    }
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    void send();
  };
  return (
    <form class="card-box admin-form" onSubmit={submit}>
      <h2>A message to everyone</h2>
      <p class="quiet">Everybody who is connected sees it at once, above their page; who comes back sees what was said meanwhile.</p>
      <ProblemNote message={problem.value} />
      <Field label="Message" error={fieldProblem.value}>
        {(control) => (
          <textarea {...control} class="form-control" rows={3} maxLength={2_000} value={text.value} onInput={(event) => (text.value = event.currentTarget.value)} />
        )}
      </Field>
      <LevelChoice level={level.value} choose={(chosen) => (level.value = chosen)} />
      <div class="admin-preview">
        <p class="quiet">It will look like this:</p>
        <div class="alert" data-level={level.value} data-preview>{text.value.trim() === "" ? "Your message" : text.value}</div>
      </div>
      <button type="submit" class="btn btn-primary" disabled={isBusy.value}>Send to everyone</button>
    </form>
  );
}

function LevelChoice({ level, choose }: { level: Level; choose: (level: Level) => void }) {
  return (
    <fieldset class="admin-levels">
      <legend>Level</legend>
      {LEVELS.map(([name, words]) => (
        <label key={name}>
          <input type="radio" class="form-check-input" name="level" value={name} checked={level === name} onChange={() => choose(name)} />
          {words}
        </label>
      ))}
    </fieldset>
  );
}
