import { useSignal } from "@preact/signals";
import { PASSWORD_RULE } from "../../../../pages/src/rules";
import { changePassword } from "../../api/account";
import { messageOf, Refusal, sentence } from "../../api/call";
import { Field } from "../../parts/field";
import { ProblemNote } from "../../parts/problem";
import { me } from "../../state/session";
import { tell } from "../../state/toasts";

const LABELS: Readonly<Record<string, string>> = { current_password: "This", new_password: "The new password" };

/** A change of password, which ends one's other sessions. */
export function PasswordForm() {
  const problems = useSignal<ReadonlyMap<string, string>>(new Map());
  const problem = useSignal<string | undefined>(undefined);
  const isBusy = useSignal(false);
  const change = async (form: HTMLFormElement): Promise<void> => {
    if (isBusy.peek()) return;
    const fields = new FormData(form);
    isBusy.value = true;
    problems.value = new Map();
    problem.value = undefined;
    try {
      const revoke_tokens = fields.has("revoke_tokens");
      await changePassword({
        current_password: String(fields.get("current_password")),
        new_password: String(fields.get("new_password")),
        revoke_tokens,
      });
      form.reset();
      const revoked = revoke_tokens ? " Your API tokens are revoked." : "";
      tell(`Your password is changed. You are signed out everywhere else.${revoked}`);
    } catch (error) {
      if (error instanceof Refusal && error.fields.size > 0) problems.value = error.fields;
      else problem.value = messageOf(error);
    } finally {
      isBusy.value = false;
    }
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (event.currentTarget instanceof HTMLFormElement) void change(event.currentTarget);
  };
  const errorOf = (field: string): string | undefined => {
    const words = problems.value.get(field);
    return words === undefined ? undefined : sentence(`${LABELS[field]} ${words}`);
  };
  return (
    <form class="card-box" aria-labelledby="password" onSubmit={submit}>
      <h2 id="password">Password</h2>
      <p class="quiet">Changing it signs you out everywhere but here.</p>
      <ProblemNote message={problem.value} />
      {/* Whoever keeps passwords wants to know whose it is. */}
      <input type="text" name="username" autocomplete="username" value={me.value?.username ?? ""} readOnly hidden />
      <Field label="Present password" error={errorOf("current_password")}>
        {(control) => <input {...control} class="form-control" name="current_password" type="password" required autocomplete="current-password" />}
      </Field>
      <Field label="New password" hint={PASSWORD_RULE} error={errorOf("new_password")}>
        {(control) => <input {...control} class="form-control" name="new_password" type="password" required autocomplete="new-password" />}
      </Field>
      <label class="form-check account-choice">
        <input class="form-check-input" type="checkbox" name="revoke_tokens" />
        <span class="form-check-label">Revoke my API tokens too</span>
      </label>
      <button type="submit" class="btn btn-plain" disabled={isBusy.value}>Change it</button>
    </form>
  );
}
