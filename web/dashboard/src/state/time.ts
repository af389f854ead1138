/** The time that ages are told by. It moves twice a minute, and when the page is looked at again. */
import { signal } from "@preact/signals";

const REFRESH_MS = 30_000;

export const now = signal(new Date());

/** Begins to keep it. */
export function keepTimesFresh(): void {
  const refresh = (): void => {
    if (document.visibilityState === "visible") now.value = new Date();
  };
  setInterval(refresh, REFRESH_MS);
  document.addEventListener("visibilitychange", refresh);
}
