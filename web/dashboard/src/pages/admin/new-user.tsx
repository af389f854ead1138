import { useSignal } from "@preact/signals";
import { createUser } from "../../api/admin";
import { messageOf, Refusal, sentence } from "../../api/call";
import type { UserView } from "../../api/schema";
import { Field } from "../../parts/field";
import { ProblemNote } from "../../parts/problem";
import { Switch } from "../../parts/switch";
import { tell } from "../../state/toasts";
import { NAME_RULE, PASSWORD_RULE } from "../../../../pages/src/rules";

/** Makes a user; their first password is told to them by whoever makes them. */
export function NewUserForm({ onMade }: { onMade: (user: UserView) => void }) {
  const username = useSignal("");
  const password = useSignal("");
  const isAdmin = useSignal(false);
  const ownPassword = useSignal("");
  const problems = useSignal<ReadonlyMap<string, string>>(new Map());
  const problem = useSignal<string | undefined>(undefined);
  const make = async (): Promise<void> => {
    problem.value = undefined;
    problems.value = new Map();
    try {
      // A stolen session must not make an admin, who would outlive it.
      const proof = isAdmin.value ? { current_password: ownPassword.value } : {};
      const made = await createUser({ username: username.value, password: password.value, is_admin: isAdmin.value, ...proof });
      username.value = password.value = "";
      isAdmin.value = false;
      onMade(made);
      tell(`${made.username} may sign in now.`);
    } catch (error) {
      if (error instanceof Refusal && error.fields.size > 0) problems.value = error.fields;
      else problem.value = messageOf(error);
    } finally {
      ownPassword.value = "";
    }
  };
  const errorOf = (field: string, label: string): string | undefined => {
    const words = problems.value.get(field);
    return words === undefined ? undefined : sentence(`${label} ${words}`);
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    void make();
  };
  return (
    <details class="admin-more">
      <summary>Make a user</summary>
      <form class="admin-form" onSubmit={submit}>
        <ProblemNote message={problem.value} />
        <Field label="Name" hint={NAME_RULE} error={errorOf("username", "The name")}>
          {(control) => (
            <input {...control} class="form-control" required autocomplete="off" autocapitalize="none" spellcheck={false} value={username.value} onInput={(event) => (username.value = event.currentTarget.value)} />
          )}
        </Field>
        <Field label="First password" hint={PASSWORD_RULE} error={errorOf("password", "The password")}>
          {(control) => (
            <input {...control} class="form-control" type="password" required autocomplete="new-password" value={password.value} onInput={(event) => (password.value = event.currentTarget.value)} />
          )}
        </Field>
        <Switch checked={isAdmin.value} onChange={(checked) => (isAdmin.value = checked)}>Admin: may do everything</Switch>
        {isAdmin.value && (
          <Field label="Your password" hint="Your own, once more: needed to make an admin." error={errorOf("current_password", "This")}>
            {(control) => (
              <input {...control} class="form-control" type="password" required autocomplete="current-password" value={ownPassword.value} onInput={(event) => (ownPassword.value = event.currentTarget.value)} />
            )}
          </Field>
        )}
        <div><button type="submit" class="btn btn-plain mt-2">Make the user</button></div>
      </form>
    </details>
  );
}
