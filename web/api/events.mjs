// TypeScript for the events that clients receive: their payloads, and which belongs to which event.
import { declaration, docComment, propertyKey, referencedNames, typeOf } from "./types.mjs";

const BEGIN = "// --- Generated from docs/openapi.json by `npm run types`; a test fails when the two differ. ---\n";
const END = "// --- End of the generated part. ---\n";

/** Puts the types of the description's events in the place of those in a text. */
export function withEventTypes(text, description) {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`the generated part must stand between the lines\n${BEGIN}${END}`);
  return `${text.slice(0, begin)}${BEGIN}\n${eventTypes(description)}\n${text.slice(end)}`;
}

/** The payloads of all events with what they consist of, and the events by name. */
export function eventTypes({ components: { schemas }, "x-events": events }) {
  const names = [...referencedNames(events, schemas)].sort();
  const map = Object.entries(events).map(([event, payload]) => `  ${propertyKey(event)}: ${typeOf(payload, "  ")};\n`);
  return [
    ...names.map((name) => declaration(name, schemas[name])),
    `${docComment("The payloads of events as the server sends them.", "")}export interface ServerEvents {\n${map.join("")}}\n`,
  ].join("\n");
}
