import { useSignal } from "@preact/signals";
import { authOptions, createInvite, listInvites, revokeInvite } from "../../api/admin";
import { messageOf, Refusal } from "../../api/call";
import type { InviteView, MadeInvite } from "../../api/schema";
import { exact } from "../../format";
import { Age } from "../../parts/age";
import { CopyField } from "../../parts/copy-field";
import { ProblemNote } from "../../parts/problem";
import { Until } from "../../parts/until";
import { useLoaded } from "../../state/loaded";
import { tellFailure } from "../../state/toasts";
import { RowButton } from "./people";

const REGISTRATION: Readonly<Record<string, string>> = {
  open: "Registration is open: anybody may make an account, with an invitation or without.",
  invite: "Whoever has an invitation may make an account.",
  closed: "Registration is closed, so that an invitation is of no use yet. Set auth.registration to “invite”, and start the server again.",
};

/** Invitations: each is good once, for a week, and shown only when it is made. */
export function Invitations() {
  const options = useLoaded(authOptions);
  const invites = useLoaded(listInvites);
  const made = useSignal<MadeInvite | undefined>(undefined);
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
      {!isAbsent(invites.failure.value) && <ProblemNote message={invites.problem.value} retry={() => void invites.load()} />}
      <ul class="admin-list">
        {invites.value.value?.items.map((invite) => (
          <InviteRow key={invite.id} invite={invite} onRevoked={() => void invites.load()} />
        ))}
      </ul>
    </section>
  );
}

/** A server that does not list invitations still makes them. */
function isAbsent(failure: unknown): boolean {
  return failure instanceof Refusal && (failure.status === 404 || failure.status === 405);
}

function InviteRow({ invite, onRevoked }: { invite: InviteView; onRevoked: () => void }) {
  const isOver = new Date(invite.expires_at) <= new Date();
  const revoke = async (): Promise<void> => {
    try {
      await revokeInvite(invite.id);
    } catch (error) {
      tellFailure(messageOf(error));
    }
    onRevoked();
  };
  return (
    <li class="admin-row" data-invite={invite.id}>
      <div class="admin-who">
        {invite.used_by !== null ? <>Used by <strong>{invite.used_by}</strong> <Age at={invite.used_at} /></>
          : isOver ? <span class="quiet">Ran out <Age at={invite.expires_at} /></span>
          : <>Open, runs out <Until at={invite.expires_at} /></>}
        <div class="quiet">made {invite.created_by !== null && <>by {invite.created_by} </>}<Age at={invite.created_at} /></div>
      </div>
      {invite.used_by === null && !isOver && <RowButton words="Revoke" name={`invitation ${invite.id}`} run={() => void revoke()} />}
    </li>
  );
}
