import { useSignal } from "@preact/signals";
import { authOptions, createInvite, listInvites, revokeInvite } from "../../api/admin";
import { messageOf } from "../../api/call";
import type { InvitePage, InviteView, CreatedInvite } from "../../api/schema";
import { exact } from "../../format";
import { Age } from "../../parts/age";
import { CopyField } from "../../parts/copy-field";
import { ProblemNote } from "../../parts/problem";
import { Until } from "../../parts/until";
import { useLoaded } from "../../state/loaded";
import { removals } from "../../state/removals";
import { tellFailure } from "../../state/toasts";
import { RowButton } from "./row-button";

const REGISTRATION: Readonly<Record<string, string>> = {
  open: "Registration is open: anybody may make an account, with an invitation or without.",
  invite: "Whoever has an invitation may make an account.",
  closed: "Registration is closed, so that an invitation is of no use yet. Set auth.registration to “invite”, and start the server again.",
};

/** Invitations that are being taken back, though that can still be undone. */
const revoked = removals<number>();

/** Invitations: each is good once, for a week, and shown only when it is made. */
export function Invitations() {
  const options = useLoaded(authOptions);
  const invites = useLoaded((how) => listInvites(undefined, how));
  const made = useSignal<CreatedInvite | undefined>(undefined);
  const make = async (): Promise<void> => {
    try {
      made.value = await createInvite();
      await invites.load();
    } catch (error) {
      tellFailure(messageOf(error));
    }
  };
  const registration = options.value.value?.registration;
  return (
    <section class="card-box" aria-labelledby="invitations">
      <h2 id="invitations">Invitations</h2>
      {registration !== undefined && <p class="quiet">{REGISTRATION[registration]}</p>}
      {made.value !== undefined && (
        <CopyField
          label="The invitation’s link, shown only now"
          text={`${location.origin}/login#invite=${made.value.invite}`}
          hint={`Good once, until ${exact(new Date(made.value.expires_at))}.`}
        />
      )}
      <button type="button" class="btn btn-plain" onClick={() => void make()}>Make an invitation</button>
      <ProblemNote message={invites.problem.value} retry={() => void invites.load()} />
      {invites.value.value !== undefined && <InviteList key={made.value?.id} first={invites.value.value} />}
    </section>
  );
}

/** The newest invitations, and older ones when they are asked for. */
function InviteList({ first }: { first: InvitePage }) {
  const older = useSignal<InvitePage | undefined>(undefined);
  const cursor = (older.value ?? first).next_cursor;
  const loadOlder = async (): Promise<void> => {
    try {
      const next = await listInvites(cursor ?? undefined);
      older.value = { items: [...(older.peek()?.items ?? []), ...next.items], next_cursor: next.next_cursor ?? null };
    } catch (error) {
      tellFailure(messageOf(error));
    }
  };
  const shown = [...first.items, ...(older.value?.items ?? [])].filter(({ id }) => !revoked.hidden.value.has(id));
  return (
    <>
      <ul class="admin-list">
        {shown.map((invite) => <InviteRow key={invite.id} invite={invite} />)}
      </ul>
      {cursor != null && <button type="button" class="btn btn-quiet" onClick={() => void loadOlder()}>Older ones</button>}
    </>
  );
}

function InviteRow({ invite }: { invite: InviteView }) {
  const { id, used_by } = invite;
  const isOver = new Date(invite.expires_at) <= new Date();
  const revoke = (): void => revoked.remove(id, "The invitation is taken back in a moment.", () => revokeInvite(id));
  return (
    <li class="admin-row" data-invite={id}>
      <div class="admin-who">
        {used_by != null ? <>Used by <strong>{used_by}</strong> <Age at={invite.used_at} /></>
          : isOver ? <span class="quiet">Ran out <Age at={invite.expires_at} /></span>
          : <>Open, runs out <Until at={invite.expires_at} /></>}
        <div class="quiet">made {invite.created_by != null && <>by {invite.created_by} </>}<Age at={invite.created_at} /></div>
      </div>
      {used_by == null && !isOver && <RowButton words="Take back" name={`invitation ${id}`} run={revoke} />}
    </li>
  );
}
