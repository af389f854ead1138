/** Which sources run, as the server says it live to everyone who is signed in. */
import { signal } from "@preact/signals";
import { onEvent } from "./connection";

/** By name, whether it runs. */
export const running = signal<ReadonlyMap<string, boolean>>(new Map());

/** Begins to listen. */
export function startSources(): void {
  onEvent("scraper_status", (status) => {
    const flags = Object.entries(status).filter((entry): entry is [string, boolean] => typeof entry[1] === "boolean");
    running.value = new Map(flags.sort(([a], [b]) => a.localeCompare(b)));
  });
}
