// Writes the dashboard's types of the REST API from its description.
//
//   node api-types.mjs
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const DESCRIPTION = new URL("../docs/openapi.json", import.meta.url);
const TYPES = new URL("dashboard/src/api/schema.ts", import.meta.url);

const HEAD = `// Made from docs/openapi.json by \`npm run types\`; a test fails when the two differ.

/** Any JSON object. */
export type JsonObject = Record<string, unknown>;
`;

/** The text of the types for a description. */
export function typesOf(description) {
  const schemas = Object.entries(description.components.schemas).sort(([a], [b]) => (a < b ? -1 : 1));
  return [HEAD, ...schemas.map(([name, schema]) => declaration(name, schema))].join("\n");
}

/** The types that the present description asks for. */
export async function currentTypes() {
  return typesOf(JSON.parse(await readFile(DESCRIPTION, "utf8")));
}

function declaration(name, schema) {
  const comment = doc(schema.description, "");
  if (schema.properties === undefined) return `${comment}export type ${name} = ${typeOf(schema)};\n`;
  return `${comment}export interface ${name} ${members(schema, "")}\n`;
}

function members({ properties, required = [] }, indent) {
  const lines = Object.entries(properties).map(([name, schema]) => {
    const inner = `${indent}  `;
    return `${doc(schema.description, inner)}${inner}${name}${required.includes(name) ? "" : "?"}: ${typeOf(schema, inner)};`;
  });
  return `{\n${lines.join("\n")}\n${indent}}`;
}

function typeOf(schema, indent = "") {
  if (schema.$ref !== undefined) return schema.$ref.split("/").at(-1);
  if (schema.allOf !== undefined) return schema.allOf.map((part) => typeOf(part, indent)).join(" & ");
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices !== undefined) return choices.map((part) => typeOf(part, indent)).join(" | ");
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  // What the description gives no type may be anything.
  if (schema.type === undefined) return schema.properties === undefined ? "unknown" : members(schema, indent);
  return [schema.type].flat().map((type) => simpleType(type, schema, indent)).join(" | ");
}

function simpleType(type, schema, indent) {
  switch (type) {
    case "integer":
      return "number";
    case "array":
      return `Array<${typeOf(schema.items ?? {}, indent)}>`;
    case "object":
      return schema.properties === undefined ? "JsonObject" : members(schema, indent);
    default:
      return type;
  }
}

function doc(description, indent) {
  if (description === undefined) return "";
  const lines = description.trim().replaceAll("*/", "* /").split("\n");
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join("\n")}\n${indent} */\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(TYPES, await currentTypes());
