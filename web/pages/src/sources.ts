import type { ScraperStatus } from "../../client/websocket-client";
import { byId, element } from "./dom";
import { sourceName } from "./format";

/** Shows which sources run. */
export function showSources(status: ScraperStatus): void {
  const sources = Object.entries(status).filter((entry): entry is [string, boolean] => typeof entry[1] === "boolean");
  const items = sources
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([source, isRunning]) =>
      element(
        "li",
        { class: "source", "data-running": String(isRunning) },
        element("span", { class: "dot", "aria-hidden": "true" }),
        sourceName(source),
        " ",
        element("span", { class: "state" }, isRunning ? "running" : "stopped"),
      ),
    );
  byId("sources").replaceChildren(...items);
}
