/** The user's price alerts, and how one is written and read in a form. */
import { changeAlert, createAlert, deleteAlert, getAlert, listAlerts, toggleAlert } from "../api/alerts";
import { checkAlert } from "../api/check";
import { messageOf } from "../api/call";
import type { PriceAlertFields, PriceAlertView } from "../api/schema";
import { price } from "../format";
import { parseAmount } from "./amount";
import { StandingList } from "./standing-list";
import { tell, tellFailure, tellUndo } from "./toasts";

export const alerts = new StandingList<PriceAlertView>({ list: listAlerts, remove: deleteAlert });

/** What stands in the form, as it was typed. */
export interface AlertDraft {
  keywords: string;
  threshold: string;
  alertType: string;
  currency: string;
  includeFree: boolean;
  cooldown: number;
  sources: readonly string[];
}

/** The form of an alert that exists. */
export function draftOfAlert(alert: PriceAlertView): AlertDraft {
  return {
    keywords: alert.keywords,
    threshold: String(alert.threshold_price),
    alertType: alert.alert_type ?? "under",
    currency: alert.currency ?? "",
    includeFree: alert.include_free ?? false,
    cooldown: alert.cooldown_minutes ?? 0,
    sources: alert.sources ?? [],
  };
}

/** The form of a new alert, as far as the address fills it in. */
export function draftOfQuery(params: URLSearchParams): AlertDraft {
  return {
    keywords: params.get("keywords") ?? "",
    threshold: params.get("threshold_price") ?? "",
    alertType: params.get("alert_type") === "over" ? "over" : "under",
    currency: params.get("currency") ?? "",
    includeFree: params.get("include_free") === "true",
    cooldown: Math.max(0, Math.trunc(Number(params.get("cooldown_minutes")) || 0)),
    sources: params.get("sources")?.split(",").filter((name) => name !== "") ?? [],
  };
}

/** The address that fills the form of a new alert with all of this. */
export function addressOfDraft(draft: AlertDraft): string {
  const params = new URLSearchParams({ keywords: draft.keywords, threshold_price: draft.threshold, alert_type: draft.alertType });
  if (draft.currency !== "") params.set("currency", draft.currency);
  if (draft.includeFree) params.set("include_free", "true");
  if (draft.cooldown > 0) params.set("cooldown_minutes", String(draft.cooldown));
  if (draft.sources.length > 0) params.set("sources", draft.sources.join(","));
  return `/alerts/new?${params}`;
}

/** What is sent of a form. A price that is none is left out, about which the server complains in its own words. */
export function fieldsOfAlert(draft: AlertDraft): Partial<PriceAlertFields> {
  const threshold = parseAmount(draft.threshold);
  const currency = draft.currency.trim();
  return {
    keywords: draft.keywords.trim(),
    ...(threshold === undefined || Number.isNaN(threshold) ? {} : { threshold_price: threshold }),
    alert_type: draft.alertType,
    ...(currency === "" ? {} : { currency }),
    include_free: draft.includeFree,
    cooldown_minutes: draft.cooldown,
    sources: [...draft.sources],
  };
}

/** Saves a form as a new alert, or as what an alert is from now on. */
export async function saveAlert(id: number | undefined, draft: AlertDraft): Promise<PriceAlertView> {
  const fields = fieldsOfAlert(draft) as PriceAlertFields;
  await checkAlert(fields);
  return id === undefined ? createAlert(fields) : changeAlert(id, fields);
}

/** "under $40,000". */
export function priceWords(alert: PriceAlertFields): string {
  const side = alert.alert_type === "over" ? "over" : "under";
  return `${side} ${price(alert.threshold_price, alert.currency ?? "")}`;
}

/** What to call an alert. */
export function alertName(alert: PriceAlertFields): string {
  return alert.keywords === "" ? "Anything" : alert.keywords;
}

/** Pauses an alert, or lets it go on. */
export async function setActive(id: number, active: boolean): Promise<boolean> {
  try {
    // The server knows only how to turn it round, so one has to know how it is; somebody else may have turned it meanwhile.
    const now = await getAlert(id);
    alerts.put(now.active === active ? now : await toggleAlert(id));
    return true;
  } catch (error) {
    tellFailure(`That alert could not be ${active ? "resumed" : "paused"}. ${messageOf(error)}`);
    return false;
  }
}

/** Pauses an alert from wherever it is spoken of. */
export async function pauseAlert(id: number, name: string): Promise<boolean> {
  const done = await setActive(id, false);
  if (done) tellUndo(`Paused: ${name}`, () => void setActive(id, true).then((resumed) => resumed && tell("The alert goes on.")));
  return done;
}
