import { useSignalEffect } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { previewAlert } from "../../api/alerts";
import type { PreviewView, PriceAlertFields } from "../../api/schema";
import { previewSearch } from "../../api/searches";
import { Field } from "../../parts/field";
import { ProblemNote } from "../../parts/problem";
import { useDraft } from "../../parts/query/draft";
import { KeywordsField } from "../../parts/query/keywords-field";
import { Preview } from "../../parts/query/preview";
import { useSaving } from "../../parts/query/saving";
import { SourcePicker } from "../../parts/query/source-picker";
import { fieldProblem, listingsWords, problemsOf, timesWords } from "../../parts/query/words";
import { Switch } from "../../parts/switch";
import { navigate } from "../../router";
import { type AlertDraft, alertName, alerts, fieldsOfAlert, priceWords, saveAlert } from "../../state/alerts";
import { parseAmount } from "../../state/amount";
import { LivePreview } from "../../state/live-preview";
import { tell } from "../../state/toasts";

type Wanted = Partial<PriceAlertFields>;

/** The form of an alert, and beside it what it would have found. */
export function AlertForm({ id, start }: { id?: number; start: AlertDraft }) {
  const { draft, saved } = useDraft(`/alerts/${id ?? "new"}`, start);
  const saving = useSaving(async () => {
    const alert = await saveAlert(id, draft.value);
    saved();
    alerts.put(alert);
    tell(id === undefined ? `From now on you are told of ${alertName(alert)} ${priceWords(alert)}.` : `Saved: ${alertName(alert)}`);
    navigate("/alerts");
  });
  const preview = useMemo(() => new LivePreview<Wanted>(ask), []);
  useSignalEffect(() => preview.want(wantedOf(draft.value)));
  useEffect(() => () => preview.stop(), []);
  const change = (changed: Partial<AlertDraft>): void => {
    draft.value = { ...draft.value, ...changed };
    saving.problem.value = undefined;
  };
  const problems = new Map([...problemsOf(preview.problem.value), ...amountProblem(draft.value), ...problemsOf(saving.problem.value)]);
  return (
    <div class="query-page">
      <form class="card-box query-form" noValidate onSubmit={saving.onSubmit}>
        <KeywordsField
          value={draft.value.keywords}
          onInput={(keywords) => change({ keywords })}
          problem={problems.get("keywords")}
          tries={saving.tries.value}
          autofocus={id === undefined}
        />
        <PriceField draft={draft.value} onChange={change} problem={fieldProblem(problems, "threshold_price", "The price")} />
        <SourcePicker
          chosen={draft.value.sources}
          onChange={(sources) => change({ sources })}
          problem={fieldProblem(problems, "sources", "This")}
        />
        <More draft={draft.value} onChange={change} problems={problems} />
        <ProblemNote message={saving.message} />
        <div class="form-foot">
          <button type="submit" class="btn btn-primary" disabled={saving.isBusy.value}>{id === undefined ? "Create alert" : "Save"}</button>
          <a class="btn btn-quiet" href="/alerts">Cancel</a>
        </div>
      </form>
      <Preview preview={preview} headline={(answer) => headline(draft.value, answer)}>
        <p class="mb-0">Type what you look for: here stands what the alert would have told you in the last 30 days.</p>
      </Preview>
    </div>
  );
}

interface PartProps {
  draft: AlertDraft;
  onChange: (changed: Partial<AlertDraft>) => void;
}

function PriceField({ draft, onChange, problem }: PartProps & { problem: string | undefined }) {
  return (
    <Field label="Price" error={problem}>
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

/** What most alerts do without. It is open where one of them is set, or wrong. */
function More({ draft, onChange, problems }: PartProps & { problems: ReadonlyMap<string, string> }) {
  const isOpen = useMemo(() => draft.includeFree || draft.cooldown > 0, []);
  const known = COOLDOWNS.some(([minutes]) => minutes === draft.cooldown);
  const currencyProblem = fieldProblem(problems, "currency", "The currency");
  const cooldownProblem = fieldProblem(problems, "cooldown_minutes", "This");
  return (
    <details class="more-fields" open={isOpen || currencyProblem !== undefined || cooldownProblem !== undefined}>
      <summary>More</summary>
      <div class="field">
        <Switch checked={draft.includeFree} onChange={(includeFree) => onChange({ includeFree })}>Things given away count too</Switch>
      </div>
      <Field label="How often" error={cooldownProblem} hint="What comes between is told together, none is lost.">
        {(control) => (
          <select
            {...control}
            class="form-select"
            value={String(draft.cooldown)}
            onChange={(event) => onChange({ cooldown: Number(event.currentTarget.value) })}
          >
            {COOLDOWNS.map(([minutes, words]) => <option key={minutes} value={String(minutes)}>{words}</option>)}
            {!known && <option value={String(draft.cooldown)}>At most every {draft.cooldown} minutes</option>}
          </select>
        )}
      </Field>
      <Field label="Currency" error={currencyProblem} hint="Prices in other currencies are never compared with yours.">
        {(control) => (
          <input
            {...control}
            class="form-control currency"
            maxLength={3}
            autocomplete="off"
            placeholder="the server's"
            value={draft.currency}
            onInput={(event) => onChange({ currency: event.currentTarget.value })}
          />
        )}
      </Field>
    </details>
  );
}

/** What can be asked of a form; nothing while it says nothing. */
function wantedOf(draft: AlertDraft): Wanted | undefined {
  const wanted = fieldsOfAlert(draft);
  if (wanted.keywords === "" && (wanted.threshold_price === undefined || wanted.sources?.length === 0)) return undefined;
  // How often it tells changes nothing of what it finds.
  delete wanted.cooldown_minutes;
  return wanted;
}

/** Without a price one can still see what the words find. */
function ask(wanted: Wanted): Promise<PreviewView> {
  if (wanted.threshold_price !== undefined) return previewAlert(wanted as PriceAlertFields);
  const { keywords = "", sources = [] } = wanted;
  return previewSearch({ name: "preview", keywords, sources });
}

function headline(draft: AlertDraft, answer: PreviewView): string {
  const hasPrice = fieldsOfAlert(draft).threshold_price !== undefined;
  if (hasPrice) return `Would have told you ${timesWords(answer)}.`;
  return `The words fit ${listingsWords(answer)}, at any price. Say what it may cost.`;
}

function amountProblem({ threshold }: AlertDraft): [string, string][] {
  return Number.isNaN(parseAmount(threshold)) ? [["threshold_price", "is no amount; give one such as 1200 or 1,200.50"]] : [];
}
