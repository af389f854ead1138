import { useSignal } from "@preact/signals";
import { listSessions, revokeSession } from "../../api/account";
import { messageOf } from "../../api/call";
import type { SessionView } from "../../api/schema";
import { exact } from "../../format";
import { Age } from "../../parts/age";
import { ProblemNote } from "../../parts/problem";
import { Skeleton } from "../../parts/skeleton";
import { useLoaded } from "../../state/loaded";
import { tell, tellFailure } from "../../state/toasts";
import { deviceOf } from "./device";

/** As many are shown at first. */
const SHOWN = 6;

/** Where one is signed in; every session but this one can be ended from here. */
export function SessionList() {
  const sessions = useLoaded(listSessions);
  const isBusy = useSignal(false);
  const showsAll = useSignal(false);
  const all = sessions.value.value?.items;
  const shown = all === undefined ? [] : showsAll.value ? all : firstOf(all);
  const others = all?.filter(({ current }) => !current) ?? [];
  const end = async (ended: readonly SessionView[]): Promise<void> => {
    if (isBusy.peek()) return;
    isBusy.value = true;
    try {
      for (const { id } of ended) await revokeSession(id);
      tell(ended.length === 1 ? "That session has ended." : `${ended.length} sessions have ended.`);
    } catch (error) {
      tellFailure(messageOf(error));
    } finally {
      isBusy.value = false;
    }
    await sessions.load();
  };
  return (
    <section class="card-box" aria-labelledby="sessions">
      <h2 id="sessions">Where you are signed in</h2>
      <ProblemNote message={sessions.problem.value} retry={() => void sessions.load()} />
      {all === undefined && sessions.problem.value === undefined && <Skeleton rows={4} />}
      <ul class="account-list">
        {shown.map((session) => <SessionRow key={session.id} session={session} end={() => void end([session])} />)}
      </ul>
      {all !== undefined && shown.length < all.length && (
        <button type="button" class="btn btn-quiet" onClick={() => (showsAll.value = true)}>Show all {all.length}</button>
      )}
      {others.length > 1 && (
        <button type="button" class="btn btn-plain mt-2" onClick={() => void end(others)}>End the {others.length} others</button>
      )}
    </section>
  );
}

/** The newest ones, with this one among them. */
function firstOf(all: readonly SessionView[]): SessionView[] {
  const [current, others] = [all.filter((session) => session.current), all.filter((session) => !session.current)];
  return [...current, ...others].slice(0, SHOWN);
}

function SessionRow({ session, end }: { session: SessionView; end: () => void }) {
  const device = deviceOf(session.user_agent);
  return (
    <li class="account-row">
      <div class="account-what">
        <strong title={session.user_agent}>{device}</strong>{" "}
        {session.current && <span class="badge" data-tone="accent">This one</span>}
        <div class="quiet">
          {session.address !== "" && `${session.address}, `}seen <Age at={session.last_seen_at} />, signed in{" "}
          <Age at={session.created_at} />, ends {exactDay(session.expires_at)}
        </div>
      </div>
      {!session.current && (
        <button type="button" class="btn btn-quiet" onClick={end}>
          End<span class="visually-hidden"> the session of {device}</span>
        </button>
      )}
    </li>
  );
}

function exactDay(at: string) {
  const time = new Date(at);
  return <time dateTime={at} title={exact(time)}>{time.toLocaleDateString(undefined, { dateStyle: "medium" })}</time>;
}
