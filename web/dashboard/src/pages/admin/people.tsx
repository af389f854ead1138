import { useSignal } from "@preact/signals";
import { createPasswordReset, disableUser, listUsers } from "../../api/admin";
import { messageOf, Refusal, sentence } from "../../api/call";
import type { CreatedPasswordReset, UserView } from "../../api/schema";
import { exact } from "../../format";
import { Age } from "../../parts/age";
import { CopyField } from "../../parts/copy-field";
import { Dialog } from "../../parts/dialog";
import { Field } from "../../parts/field";
import { ProblemNote } from "../../parts/problem";
import { Skeleton } from "../../parts/skeleton";
import { useLoaded } from "../../state/loaded";
import { me } from "../../state/session";
import { tell, tellFailure, tellUndo } from "../../state/toasts";
import { Invitations } from "./invitations";
import { NewUserForm } from "./new-user";
import { RowButton } from "./row-button";

/** Who may sign in, and how others get in. */
export function People() {
  const users = useLoaded(listUsers);
  const all = users.value.value?.items;
  const put = (changed: UserView): void => {
    const others = (users.value.peek()?.items ?? []).filter(({ id }) => id !== changed.id);
    const items = [...others, changed].sort((a, b) => a.username.localeCompare(b.username));
    users.set({ items, next_cursor: null });
  };
  return (
    <div class="admin-stack">
      <section class="card-box" aria-labelledby="users">
        <h2 id="users">Users</h2>
        <ProblemNote message={users.problem.value} retry={() => void users.load()} />
        {all === undefined && users.problem.value === undefined && <Skeleton rows={4} />}
        <ul class="admin-list">
          {all?.map((user) => <UserRow key={user.id} user={user} put={put} />)}
        </ul>
        <NewUserForm onMade={put} />
      </section>
      <Invitations />
    </div>
  );
}

function UserRow({ user, put }: { user: UserView; put: (user: UserView) => void }) {
  const link = useSignal<CreatedPasswordReset | undefined>(undefined);
  const asks = useSignal(false);
  const isSelf = me.value?.id === user.id;
  const shut = async (disabled: boolean): Promise<void> => {
    try {
      put(await disableUser(user.id, disabled));
      if (disabled) tellUndo(`${user.username} is shut out.`, () => void shut(false));
      else tell(`${user.username} may sign in again.`);
    } catch (error) {
      tellFailure(messageOf(error));
    }
  };
  const makeLink = async (): Promise<void> => {
    // A stolen session must not take over an admin's account.
    if (user.is_admin) {
      asks.value = true;
      return;
    }
    try {
      link.value = await createPasswordReset(user.id);
    } catch (error) {
      tellFailure(messageOf(error));
    }
  };
  return (
    <li class="admin-row" data-user={user.username}>
      <div class="admin-who">
        <strong>{user.username}</strong>{" "}
        {user.is_admin && <span class="badge" data-tone="accent">Admin</span>}{" "}
        {user.disabled && <span class="badge" data-tone="bad">Shut out</span>}
        <div class="quiet">made <Age at={user.created_at} /></div>
      </div>
      <div class="admin-actions">
        {!user.disabled && <RowButton words="Reset link" name={user.username} run={() => void makeLink()} />}
        {!isSelf && <RowButton words={user.disabled ? "Let in again" : "Shut out"} name={user.username} run={() => void shut(!user.disabled)} />}
      </div>
      {asks.value && (
        <Dialog title={`A reset link for ${user.username}`} onClose={() => (asks.value = false)}>
          <AdminLinkForm user={user} onMade={(made) => { asks.value = false; link.value = made; }} />
        </Dialog>
      )}
      {link.value !== undefined && (
        <Dialog title={`A new password for ${user.username}`} onClose={() => (link.value = undefined)}>
          <p>Give this link to {user.username}. It is shown only now and good once, until {exact(new Date(link.value.expires_at))}.</p>
          <CopyField label="Link" text={`${location.origin}/reset#${link.value.token}`} />
        </Dialog>
      )}
    </li>
  );
}

/** Asks an admin for their own password, without which no link is made for an admin. */
function AdminLinkForm({ user, onMade }: { user: UserView; onMade: (link: CreatedPasswordReset) => void }) {
  const password = useSignal("");
  const wrong = useSignal<string | undefined>(undefined);
  const problem = useSignal<string | undefined>(undefined);
  const make = async (): Promise<void> => {
    wrong.value = problem.value = undefined;
    try {
      onMade(await createPasswordReset(user.id, { current_password: password.value }));
    } catch (error) {
      const words = error instanceof Refusal ? error.fields.get("current_password") : undefined;
      if (words === undefined) problem.value = messageOf(error);
      else wrong.value = sentence(`This ${words}`);
    } finally {
      password.value = "";
    }
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    void make();
  };
  return (
    <form onSubmit={submit}>
      <ProblemNote message={problem.value} />
      <Field label="Your password" hint="Your own, once more: needed for a link of an admin." error={wrong.value}>
        {(control) => (
          <input {...control} class="form-control" type="password" required autocomplete="current-password" value={password.value} onInput={(event) => (password.value = event.currentTarget.value)} />
        )}
      </Field>
      <button type="submit" class="btn btn-plain mt-2">Make the link</button>
    </form>
  );
}
