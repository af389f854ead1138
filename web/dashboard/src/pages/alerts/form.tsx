import type { PreviewView, PriceAlertFields } from "../../api/schema";
import { alertCalls, previewFields, searchCalls } from "../../api/standing";
import { Field } from "../../parts/field";
import { type FieldsProps, MoreFields, QueryForm } from "../../parts/query/query-form";
import { listingsWords, timesWords } from "../../parts/query/words";
import { type AlertDraft, alerts, createdWords, fieldsOfAlert } from "../../state/alerts";

/** The form of an alert, and beside it what it would have found. */
export function AlertForm({ id, start }: { id?: number; start: AlertDraft }) {
  return (
    <QueryForm
      queries={alerts}
      id={id}
      start={start}
      createWords="Create alert"
      savedWords={(alert) => (id === undefined ? createdWords(alert) : `Saved: ${alerts.kind.nameOf(alert)}`)}
      fields={(group) => <PriceField {...group} />}
      moreFields={(group) => <More {...group} />}
      wantedOf={wantedOf}
      ask={ask}
      headline={headline}
      previewHint="Type what you look for: here stands what the alert would have told you in the last 30 days."
    />
  );
}

function PriceField({ draft, onChange, problemOf }: FieldsProps<AlertDraft>) {
  return (
    <Field label="Price" error={problemOf("threshold_price", "The price")}>
      {(control) => (
        <div class="price-field">
          <select
            class="form-select"
            aria-label="On which side of the price"
            value={draft.alertType}
            onChange={(event) => onChange({ alertType: event.currentTarget.value })}
          >
            <option value="under">at most</option>
            <option value="over">at least</option>
          </select>
          <div class="input-group">
            <input
              {...control}
              class="form-control"
              inputMode="decimal"
              autocomplete="off"
              placeholder="300"
              value={draft.threshold}
              onInput={(event) => onChange({ threshold: event.currentTarget.value })}
            />
            {draft.currency !== "" && <span class="input-group-text">{draft.currency.toUpperCase()}</span>}
          </div>
        </div>
      )}
    </Field>
  );
}

const COOLDOWNS: readonly (readonly [number, string])[] = [
  [0, "Each time, at once"],
  [15, "At most every 15 minutes"],
  [60, "At most once an hour"],
  [360, "At most every 6 hours"],
  [1_440, "At most once a day"],
];

function More(group: FieldsProps<AlertDraft>) {
  const { draft, onChange, problemOf } = group;
  const isKnown = COOLDOWNS.some(([minutes]) => minutes === draft.cooldown);
  const problem = problemOf("cooldown_minutes", "This");
  return (
    <MoreFields group={group} freeWords="Things given away count too" isSet={draft.cooldown > 0} isWrong={problem !== undefined}>
      <Field label="How often" error={problem} hint="What comes between is told together, none is lost.">
        {(control) => (
          <select
            {...control}
            class="form-select"
            value={String(draft.cooldown)}
            onChange={(event) => onChange({ cooldown: Number(event.currentTarget.value) })}
          >
            {COOLDOWNS.map(([minutes, words]) => <option key={minutes} value={String(minutes)}>{words}</option>)}
            {!isKnown && <option value={String(draft.cooldown)}>At most every {draft.cooldown} minutes</option>}
          </select>
        )}
      </Field>
    </MoreFields>
  );
}

type Wanted = Partial<PriceAlertFields>;

/** What can be asked of a form; nothing while it says nothing. */
function wantedOf(draft: AlertDraft): Wanted | undefined {
  const wanted = fieldsOfAlert(draft);
  if (wanted.keywords === "" && (wanted.threshold_price === undefined || wanted.sources?.length === 0)) return undefined;
  // How often it notifies changes nothing of what it finds.
  delete wanted.cooldown_minutes;
  return wanted;
}

/** Without a price one can still see what the words find. */
function ask(wanted: Wanted): Promise<PreviewView> {
  const { keywords = "", sources = [], threshold_price: threshold, price_per = null } = wanted;
  if (threshold === undefined) return previewFields(searchCalls, { name: "preview", keywords, sources, price_per });
  return previewFields(alertCalls, { ...wanted, keywords, threshold_price: threshold });
}

function headline(draft: AlertDraft, answer: PreviewView): string {
  const hasPrice = fieldsOfAlert(draft).threshold_price !== undefined;
  if (hasPrice) return `Would have told you ${timesWords(answer)}.`;
  return `The words fit ${listingsWords(answer)}, at any price. Say what it may cost.`;
}
