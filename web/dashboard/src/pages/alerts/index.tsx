import { useSignal } from "@preact/signals";
import { messageOf, query as queryText } from "../../api/call";
import type { PriceAlert } from "../../api/schema";
import { alertCalls, checkFields } from "../../api/standing";
import { EmptyState } from "../../parts/empty-state";
import { ProblemNote } from "../../parts/problem";
import { QueryList, QueryRow } from "../../parts/query/query-list";
import { sourcesWords } from "../../parts/query/words";
import { navigate } from "../../router";
import { alerts, createdWords, priceWords } from "../../state/alerts";
import { parseWish } from "../../state/amount";
import { tell } from "../../state/toasts";

/** The user's price alerts. */
export default function AlertsPage() {
  return <QueryList queries={alerts} first={<FirstAlert />} Row={AlertRow} />;
}

function AlertRow({ query: alert }: { query: PriceAlert }) {
  const cooldown = alert.cooldown_minutes ?? 0;
  const facts = (
    <>
      <span>{sourcesWords(alert.sources)}</span>
      {alert.include_free && <span>free ones too</span>}
      {cooldown > 0 && <span>at most once {cooldownWords(cooldown)}</span>}
    </>
  );
  return <QueryRow queries={alerts} query={alert} aside={<span class="query-price">{priceWords(alert)}</span>} facts={facts} />;
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
    const filled = `/alerts/new${queryText({ keywords, threshold_price: threshold, alert_type: alertType })}`;
    if (keywords === "" || threshold === undefined) return navigate(filled);
    isBusy.value = true;
    try {
      const fields = { keywords, threshold_price: threshold, alert_type: alertType };
      await checkFields(alertCalls, fields);
      tell(createdWords(await alertCalls.create(fields)));
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
