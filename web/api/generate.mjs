// Writes the TypeScript that is generated from the API's description, docs/openapi.json.
//
//   npm run types
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { withEventTypes } from "./events.mjs";
import { pathsModule } from "./paths.mjs";
import { schemaDeclarations } from "./types.mjs";

const DESCRIPTION = new URL("../../docs/openapi.json", import.meta.url);

const NOTICE = "// Generated from docs/openapi.json by `npm run types`; a test fails when the two differ.\n\n";

const JSON_OBJECT = "/** Any JSON object. */\nexport type JsonObject = Record<string, unknown>;\n";

/** Every generated file, with what the committed description makes of it. */
export async function generatedFiles() {
  const description = JSON.parse(await readFile(DESCRIPTION, "utf8"));
  const pathOf = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
  const file = (name, text) => ({ path: pathOf(name), text });
  const client = "client/websocket-client.d.ts";
  return [
    file(client, withEventTypes(await readFile(pathOf(client), "utf8"), description)),
    file("dashboard/src/api/schema.ts", schemaModule(description)),
    file("dashboard/src/api/paths.ts", NOTICE + pathsModule(description)),
  ];
}

/** The text of a module with a type for every component. */
export function schemaModule(description) {
  return NOTICE + [JSON_OBJECT, ...schemaDeclarations(description)].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { path, text } of await generatedFiles()) await writeFile(path, text);
}
