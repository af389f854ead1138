import type { ComponentChildren } from "preact";
import { connectedUsers, getStats } from "../../api/admin";
import type { ConnectedUsers, WorkerView } from "../../api/schema";
import { Age } from "../../parts/age";
import { ProblemNote } from "../../parts/problem";
import { Skeleton } from "../../parts/skeleton";
import { useLoaded } from "../../state/loaded";
import { Charts } from "./charts";
import { size, span } from "./figures";

const REFRESH_MS = 5_000;

/** How the server fares, now. */
export function Overview() {
  return (
    <>
      <Figures />
      <Charts />
    </>
  );
}

function Figures() {
  const stats = useLoaded(getStats, REFRESH_MS);
  const connected = useLoaded(connectedUsers, REFRESH_MS);
  const now = stats.value.value;
  if (now === undefined && stats.problem.value === undefined) return <Skeleton rows={2} class="admin-skeleton" />;
  return (
    <>
      <ProblemNote message={stats.problem.value} retry={() => void stats.load()} />
      {now !== undefined && (
        <dl class="admin-figures">
          <Figure name="Listings">{now.listings.toLocaleString()}</Figure>
          <Figure name="Notifications">{now.notifications.toLocaleString()}</Figure>
          <Figure name="Logged events">{now.events.toLocaleString()}</Figure>
          <Figure name="Events to send">{now.log_lag.toLocaleString()}</Figure>
          <Figure name="Users">{now.users.toLocaleString()}</Figure>
          <Figure name="Store on disk">{size(now.store_bytes)}</Figure>
          <Figure name="Running for">{span(now.uptime_seconds)}</Figure>
          <Figure name="Version">{now.version}</Figure>
        </dl>
      )}
      <div class="admin-columns">
        <Connected connected={connected.value.value} problem={connected.problem.value} retry={() => void connected.load()} />
        {now !== undefined && <Workers workers={now.workers} />}
      </div>
    </>
  );
}

function Figure({ name, children }: { name: string; children: ComponentChildren }) {
  return <div class="card-box"><dt>{name}</dt><dd>{children}</dd></div>;
}

function Connected({ connected, problem, retry }: { connected: ConnectedUsers | undefined; problem: string | undefined; retry: () => void }) {
  return (
    <section class="card-box" aria-labelledby="connected">
      <h2 id="connected">Connected now {connected !== undefined && <span class="count">{connected.count}</span>}</h2>
      <ProblemNote message={problem} retry={retry} />
      {connected !== undefined && <ConnectedList connected={connected} />}
    </section>
  );
}

function ConnectedList({ connected }: { connected: ConnectedUsers }) {
  const known = connected.users.reduce((sum, { connections }) => sum + connections, 0);
  const anonymous = connected.connections - known;
  return (
    <>
      {connected.count === 0 && <p class="quiet mb-0">Nobody.</p>}
      <ul class="admin-list">
        {connected.users.map(({ username, connections, connected_at }) => (
          <li key={username} class="admin-row">
            <strong>{username}</strong>
            <span class="quiet">{connections} {connections === 1 ? "connection" : "connections"}, since <Age at={connected_at} /></span>
          </li>
        ))}
      </ul>
      {anonymous > 0 && <p class="quiet mb-0">and {anonymous} without a name</p>}
    </>
  );
}

function Workers({ workers }: { workers: readonly WorkerView[] }) {
  return (
    <section class="card-box" aria-labelledby="workers">
      <h2 id="workers">Workers</h2>
      <ul class="admin-list">
        {workers.map(({ name, ok, last_seen_at }) => (
          <li key={name} class="admin-row">
            <strong>{name.replaceAll("-", " ")}</strong>
            <span>
              <span class="badge" data-tone={ok ? "good" : "bad"}>{ok ? "Works" : "Does not answer"}</span>{" "}
              {last_seen_at != null && <span class="quiet">seen <Age at={last_seen_at} /></span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
