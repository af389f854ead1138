import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import "../../../styles/queries.scss";
import { createAlert } from "../../api/alerts";
import { checkAlert } from "../../api/check";
import { messageOf, query } from "../../api/call";
import type { PriceAlertView } from "../../api/schema";
import { Age } from "../../parts/age";
import { EmptyState } from "../../parts/empty-state";
import { Icon } from "../../parts/icon";
import { PageHead } from "../../parts/page-head";
import { ProblemNote } from "../../parts/problem";
import { sourcesWords } from "../../parts/query/words";
import { rowTarget, useRowKeys } from "../../parts/row-keys";
import { Skeleton } from "../../parts/skeleton";
import { Switch } from "../../parts/switch";
import { navigate } from "../../router";
import { addressOfDraft, alertName, alerts, draftOfAlert, priceWords, setActive } from "../../state/alerts";
import { parseWish } from "../../state/amount";
import { onEvent, reloads } from "../../state/connection";
import { tell } from "../../state/toasts";

/** The user's price alerts. */
export default function AlertsPage() {
  useSignalEffect(() => {
    void reloads.value;
    void alerts.load();
  });
  useEffect(() => onEvent("notification", ({ data, timestamp }) => alerts.told((data as { alert_id?: unknown }).alert_id, timestamp)), []);
  useRowKeys("alert");
  const items = alerts.items.value;
  const isEmpty = items?.length === 0;
  return (
    <>
      <PageHead title="Price alerts">
        {!isEmpty && <a class="btn btn-primary" href="/alerts/new"><Icon name="plus" /> New alert</a>}
      </PageHead>
      <ProblemNote message={alerts.problem.value} retry={() => void alerts.load()} />
      {items === undefined && alerts.problem.value === undefined && <Skeleton rows={5} class="query-skeleton" />}
      {isEmpty && <FirstAlert />}
      {items !== undefined && !isEmpty && (
        <ul class="query-list" aria-label="Price alerts, newest first">
          {items.map((alert) => <AlertRow key={alert.id} alert={alert} />)}
        </ul>
      )}
    </>
  );
}

function AlertRow({ alert }: { alert: PriceAlertView }) {
  const name = alertName(alert);
  return (
    <li class="query-row" data-row data-paused={!alert.active}>
      <div class="query-text">
        <h2 class="query-name">
          <a href={`/alerts/${alert.id}`} dir="auto" {...rowTarget}>{name}</a> <span class="query-price">{priceWords(alert)}</span>
        </h2>
        <p class="query-facts">
          <span>{sourcesWords(alert.sources)}</span>
          {alert.include_free && <span>free ones too</span>}
          {(alert.cooldown_minutes ?? 0) > 0 && <span>at most once {cooldownWords(alert.cooldown_minutes ?? 0)}</span>}
          <span>{alert.last_told_at == null ? "has told nothing yet" : <>last told <Age at={alert.last_told_at} /></>}</span>
        </p>
      </div>
      <div class="query-actions">
        <Switch checked={alert.active} onChange={(active) => void setActive(alert.id, active)}>
          <span class="visually-hidden">Tells: {name}</span>
          <span aria-hidden="true">{alert.active ? "On" : "Paused"}</span>
        </Switch>
        <a class="btn btn-quiet" href={addressOfDraft(draftOfAlert(alert))} aria-label={`Duplicate ${name}`}>Duplicate</a>
        <button
          type="button"
          class="btn btn-icon"
          aria-label={`Delete ${name}`}
          title="Delete"
          onClick={() => alerts.remove(alert, `Deleted: ${name} ${priceWords(alert)}`)}
        >
          <Icon name="trash" />
        </button>
      </div>
    </li>
  );
}

/** "in 15 minutes", "an hour". */
function cooldownWords(minutes: number): string {
  if (minutes % 1_440 === 0) return minutes === 1_440 ? "a day" : `in ${minutes / 1_440} days`;
  if (minutes % 60 === 0) return minutes === 60 ? "an hour" : `in ${minutes / 60} hours`;
  return minutes === 1 ? "a minute" : `in ${minutes} minutes`;
}

/** The first alert is made in one line. */
function FirstAlert() {
  const problem = useSignal<string | undefined>(undefined);
  const isBusy = useSignal(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const line = new FormData(event.currentTarget as HTMLFormElement).get("wish");
    const { keywords, threshold, alertType } = parseWish(String(line ?? ""));
    const filled = `/alerts/new${query({ keywords, threshold_price: threshold, alert_type: alertType })}`;
    if (keywords === "" || threshold === undefined) return navigate(filled);
    isBusy.value = true;
    try {
      const fields = { keywords, threshold_price: threshold, alert_type: alertType };
      await checkAlert(fields);
      const alert = await createAlert(fields);
      tell(`From now on you are told of ${alertName(alert)} ${priceWords(alert)}.`);
      await alerts.load();
    } catch (error) {
      problem.value = messageOf(error);
      // The form shows what is wrong, and where.
      navigate(filled);
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <EmptyState title="What are you looking for, and for how much?">
      <p>The moment such an ad appears, or an ad gets that cheap, you are told here and on all your devices.</p>
      <form class="first-query" onSubmit={(event) => void submit(event)}>
        <input
          class="form-control"
          name="wish"
          aria-label="What you look for, and for how much"
          placeholder="road bike under 300"
          autocomplete="off"
          autocapitalize="none"
        />
        <button type="submit" class="btn btn-primary" disabled={isBusy.value}>Create alert</button>
      </form>
      <ProblemNote message={problem.value} />
    </EmptyState>
  );
}
