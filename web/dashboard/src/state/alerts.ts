/** The user's price alerts, and how one is written and read in a form. */
import type { PriceAlertFields, PriceAlert } from "../api/schema";
import { alertCalls } from "../api/standing";
import { priceFor } from "../format";
import { amountProblems, amountText, parsedAmount } from "./amount";
import { commonDraft, commonFields, commonParams, type StandingDraft, StandingQueries } from "./standing";

/** What stands in the form, as it was typed. */
export interface AlertDraft extends StandingDraft {
  threshold: string;
  alertType: string;
  cooldown: number;
}

export interface AlertTypes {
  fields: PriceAlertFields;
  query: PriceAlert;
  draft: AlertDraft;
}

export const alerts = new StandingQueries<AlertTypes>({
  calls: alertCalls,
  words: { noun: "alert", title: "Price alert", plural: "Price alerts" },
  address: "/alerts",
  notifiedBy: "alert_id",
  isActive: ({ active }) => active,
  nameOf: alertName,
  fullNameOf: (alert) => `${alertName(alert)} ${priceWords(alert)}`,
  draftOf: (alert) => ({
    keywords: alert.keywords,
    threshold: amountText(alert.threshold_price),
    alertType: alert.alert_type ?? "under",
    currency: alert.currency ?? "",
    pricePer: alert.price_per ?? "",
    includeFree: alert.include_free ?? false,
    cooldown: alert.cooldown_minutes ?? 0,
    sources: alert.sources ?? [],
  }),
  draftOfAddress: (params) => ({
    ...commonDraft(params),
    threshold: params.get("threshold_price") ?? "",
    alertType: params.get("alert_type") === "over" ? "over" : "under",
    cooldown: Math.max(0, Math.trunc(Number(params.get("cooldown_minutes")) || 0)),
  }),
  addressParams: (draft) => ({
    ...commonParams(draft),
    threshold_price: draft.threshold,
    alert_type: draft.alertType,
    cooldown_minutes: draft.cooldown > 0 ? draft.cooldown : "",
  }),
  // Without a price they are incomplete, which the server's check reports.
  fieldsOf: (draft) => fieldsOfAlert(draft) as PriceAlertFields,
  problemsOf: ({ threshold }) => amountProblems({ threshold_price: threshold }),
});

/** What is sent of a form. A price that is none is left out. */
export function fieldsOfAlert(draft: AlertDraft): Partial<PriceAlertFields> {
  const threshold = parsedAmount(draft.threshold);
  return {
    ...commonFields(draft),
    ...(threshold === null ? {} : { threshold_price: threshold }),
    alert_type: draft.alertType,
    cooldown_minutes: draft.cooldown,
  };
}

/** "under $40,000". */
export function priceWords(alert: PriceAlertFields): string {
  const side = alert.alert_type === "over" ? "over" : "under";
  return `${side} ${priceFor(alert.threshold_price, alert.currency ?? "", alert.price_per)}`;
}

function alertName(alert: PriceAlertFields): string {
  return alert.keywords || "Anything";
}

/** What is said when an alert was created. */
export function createdWords(alert: PriceAlertFields): string {
  return `From now on you are told of ${alertName(alert)} ${priceWords(alert)}.`;
}
