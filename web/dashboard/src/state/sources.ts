/** Which sources run and do not fail, as the server says it live to everyone who is signed in. */
import { signal } from "@preact/signals";
import { sourceStatus } from "../api/sources";
import { onEvent } from "./connection";

/** By name, whether it runs and does not fail; sorted by name. */
export const running = signal<ReadonlyMap<string, boolean>>(new Map());

/** Whether `running` has been heard of yet: no source is not the same as no answer. */
export const sourcesKnown = signal(false);

/** Begins to listen; until the first event comes there is what REST says. */
export function startSources(): void {
  onEvent("scraper_status", take);
  // An event is newer than the answer to what was asked before it.
  void sourceStatus().then((status) => sourcesKnown.peek() || take(status), () => undefined);
}

function take(status: Readonly<Record<string, unknown>>): void {
  const flags = Object.entries(status).filter((entry): entry is [string, boolean] => typeof entry[1] === "boolean");
  running.value = new Map(flags.sort(([a], [b]) => a.localeCompare(b)));
  sourcesKnown.value = true;
}
