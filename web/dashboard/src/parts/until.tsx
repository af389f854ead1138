import { exact } from "../format";
import { now } from "../state/time";

/** How long until something happens, "in 3 min", and exactly when on hover. Nothing for what is no time. */
export function Until({ at }: { at: string | null | undefined }) {
  const time = new Date(at ?? Number.NaN);
  if (Number.isNaN(time.getTime())) return null;
  // Seconds matter here, and the shared time moves twice a minute only: it is what brings this up to date again.
  void now.value;
  return (
    <time dateTime={time.toISOString()} title={exact(time)}>
      {until(time, new Date())}
    </time>
  );
}

/** How long until a time, in words; what is due is due now. */
export function until(time: Date, now: Date, locale?: string): string {
  const left_s = Math.round((time.getTime() - now.getTime()) / 1_000);
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "always", style: "short" });
  if (left_s <= 1) return "now";
  if (left_s < 60) return format.format(left_s, "second");
  if (left_s < 3_600) return format.format(Math.round(left_s / 60), "minute");
  if (left_s < 86_400) return format.format(Math.round(left_s / 3_600), "hour");
  return format.format(Math.round(left_s / 86_400), "day");
}
