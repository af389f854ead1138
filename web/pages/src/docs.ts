// Shows the API's own description, openapi.json, to people.

import "./theme";
import { byId, element } from "./dom";

interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  enum?: string[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  allOf?: Schema[];
  oneOf?: Schema[];
}

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema?: Schema;
}

interface Content {
  content?: Record<string, { schema?: Schema }>;
}

interface Operation {
  tags?: string[];
  summary?: string;
  description?: string;
  parameters?: Parameter[];
  requestBody?: Content;
  responses: Record<string, Content & { description: string }>;
}

interface Document {
  info: { title: string; version: string; description?: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas?: Record<string, Schema> };
}

try {
  show(await read());
} catch (error) {
  const problem = byId("problem");
  problem.textContent = `The description could not be read: ${String(error)}`;
  problem.hidden = false;
}

async function read(): Promise<Document> {
  const answer = await fetch("/api/openapi.json");
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  return (await answer.json()) as Document;
}

function show(document: Document): void {
  byId("about").append(...prose(`Version ${document.info.version}. ${document.info.description ?? ""}`));
  const groups = new Map<string, HTMLElement[]>();
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags?.[0] ?? "other";
      const shown = showOperation(document, method.toUpperCase(), path, operation);
      groups.set(tag, [...(groups.get(tag) ?? []), shown]);
    }
  }
  for (const [tag, operations] of groups) {
    byId("contents").append(element("a", { href: `#${tag}` }, tag));
    byId("operations").append(element("section", { id: tag }, element("h2", {}, tag), ...operations));
  }
}

function showOperation(document: Document, method: string, path: string, operation: Operation): HTMLElement {
  const heading = element(
    "summary",
    {},
    element("span", { class: "method", "data-method": method }, method),
    element("code", {}, path),
    element("span", { class: "about" }, ...prose(operation.summary ?? "")),
  );
  const body = schemaOf(operation.requestBody);
  const responses = Object.entries(operation.responses).map(([status, response]) => {
    const schema = schemaOf(response);
    const words = [response.description, schema && nameOf(schema)].filter(Boolean).join(" · ");
    return row(status, "", words, schema && fields(document, schema));
  });
  return element(
    "details",
    {},
    heading,
    operation.description === undefined ? undefined : element("p", {}, ...prose(operation.description)),
    table("Parameters", (operation.parameters ?? []).map((p) => {
      const place = p.required === true ? p.in : `${p.in}, optional`;
      return row(p.name, `${nameOf(p.schema)} (${place})`, p.description ?? "");
    })),
    table("Body", body === undefined ? [] : bodyRows(document, body)),
    table("Answers", responses),
  );
}

/** A body's fields; one whose fields the description leaves open is told in a word. */
function bodyRows(document: Document, schema: Schema): HTMLElement[] {
  const { properties = {}, required = [] } = resolve(document, schema);
  const rows = Object.entries(properties).map(([name, field]) => {
    const kind = required.includes(name) ? nameOf(field) : `${nameOf(field)}, optional`;
    return row(name, kind, field.description ?? "");
  });
  return rows.length > 0 ? rows : [row("JSON", nameOf(schema), "")];
}

function fields(document: Document, schema: Schema): HTMLElement | undefined {
  const names = Object.keys(resolve(document, schema).properties ?? {});
  return names.length === 0 ? undefined : element("code", { class: "fields" }, `{${names.join(", ")}}`);
}

function table(title: string, rows: HTMLElement[]): HTMLElement | undefined {
  if (rows.length === 0) return undefined;
  return element("section", {}, element("h3", {}, title), element("dl", {}, ...rows));
}

function row(name: string, kind: string, words: string, more?: HTMLElement): HTMLElement {
  const label = element("dt", {}, element("code", {}, name), kind === "" ? undefined : element("small", {}, kind));
  return element("div", {}, label, element("dd", {}, ...prose(words), more));
}

/** Text in which what stands between backticks is code. */
function prose(text: string): (HTMLElement | string)[] {
  return text.split("`").map((part, index) => (index % 2 === 1 ? element("code", {}, part) : part));
}

function schemaOf(content: Content | undefined): Schema | undefined {
  return Object.values(content?.content ?? {})[0]?.schema;
}

function resolve(document: Document, schema: Schema): Schema {
  const name = schema.$ref?.split("/").at(-1);
  const found = name === undefined ? schema : (document.components.schemas?.[name] ?? {});
  if (found.allOf === undefined) return found;
  const parts = found.allOf.map((part) => resolve(document, part));
  return {
    properties: Object.assign({}, ...parts.map((part) => part.properties)) as Record<string, Schema>,
    required: parts.flatMap((part) => part.required ?? []),
  };
}

function nameOf(schema: Schema | undefined): string {
  if (schema === undefined) return "any";
  if (schema.$ref !== undefined) return schema.$ref.split("/").at(-1) ?? "object";
  if (schema.items !== undefined) return `${nameOf(schema.items)}[]`;
  if (schema.enum !== undefined) return schema.enum.join(" | ");
  if (schema.oneOf !== undefined) return schema.oneOf.map(nameOf).join(" | ");
  const types = Array.isArray(schema.type) ? schema.type : [schema.type ?? "object"];
  return types.join(" | ");
}
