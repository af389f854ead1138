import { element } from "./dom";
import { age, exact } from "./format";

const REFRESH_MS = 30_000;

/** Makes a time that says how long ago it was, and exactly when on hover. */
export function timeElement(timestamp: string): HTMLTimeElement | undefined {
  const time = new Date(timestamp);
  if (Number.isNaN(time.getTime())) return undefined;
  return element("time", { datetime: timestamp, title: exact(time) }, age(time, new Date()));
}

/** Keeps all such times of the page true. */
export function keepTimesFresh(): void {
  const refresh = (): void => {
    const now = new Date();
    for (const shown of document.querySelectorAll<HTMLTimeElement>("time[datetime]")) {
      shown.textContent = age(new Date(shown.dateTime), now);
    }
  };
  setInterval(refresh, REFRESH_MS);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") refresh();
  });
}
