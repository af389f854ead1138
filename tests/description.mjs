// What the API's description, docs/openapi.json, says of an answer; tests/it/support/description.rs does the same in Rust.
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const FILE = "docs/openapi.json";

/** The description itself, and the page for people that shows it. */
const OF_THE_DESCRIPTION = ["/api/openapi.json", "/api/docs"];
/** Answers to paths and methods that there are none of. */
const NO_OPERATION = [404, 405];
const NO_OPERATION_ANSWER = { content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } } };
const NDJSON = "application/x-ndjson";
const JSON_TYPES = ["application/json", "application/problem+json"];
/** A body that does not end. */
const EVENT_STREAM = "text/event-stream";

const DESCRIPTION = strict(JSON.parse(readFileSync(new URL(`../${FILE}`, import.meta.url), "utf8")));

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(DESCRIPTION, "openapi");
const validators = new Map();

/** Does what `fetch` does, and checks the answer against the description. */
export async function describedFetch(url, init = {}) {
  const response = await fetch(url, init);
  await checkResponse(init.method ?? "GET", response);
  return response;
}

/** Checks the answer of `fetch` to a request of the API; answers of other addresses are not described. */
export async function checkResponse(method, response) {
  const { pathname } = new URL(response.url);
  const mediaType = mediaTypeOf(response.headers.get("content-type"));
  const body = mediaType === EVENT_STREAM || !isDescribed(method, pathname) ? "" : await response.clone().text();
  checkAnswer(method, pathname, response.status, mediaType, body);
}

/** Throws when the operation, the status or the media type is not described, or the body is not as its schema says. */
export function checkAnswer(method, path, status, contentType, body) {
  if (!isDescribed(method, path)) return;
  const mediaType = mediaTypeOf(contentType);
  const what = `${method} ${path} was answered ${status} ${mediaType}`;
  const [pointer, answer] = describedAnswer(method, path, status, what);
  if (answer.content === undefined) {
    if (body !== "") throw new Error(`${what} with a body, of which ${FILE} says nothing: ${body}`);
    return;
  }
  if (answer.content[mediaType] === undefined) throw new Error(`${what}; ${FILE} describes ${Object.keys(answer.content)}`);
  const content = [...pointer, "content", mediaType];
  if (JSON_TYPES.includes(mediaType)) checkValue(what, [...content, "schema"], JSON.parse(body));
  if (mediaType !== NDJSON) return;
  for (const line of body.split("\n").filter((line) => line !== "")) checkValue(what, [...content, "x-item-schema"], JSON.parse(line));
}

/** Throws when there is no event of that name, or its payload is not as its schema says. */
export function checkEvent(name, payload) {
  if (DESCRIPTION["x-events"][name] === undefined) throw new Error(`${FILE} has no event ${name}: ${JSON.stringify(payload)}`);
  checkValue(`the event ${name}`, ["x-events", name], payload);
}

function checkValue(what, pointer, value) {
  const validate = validator(pointer);
  if (validate(value)) return;
  const errors = ajv.errorsText(validate.errors, { separator: "\n" });
  throw new Error(`${what}, not as ${FILE} says:\n${errors}\n${JSON.stringify(value)}`);
}

function isDescribed(method, path) {
  return path.startsWith("/api/") && !OF_THE_DESCRIPTION.includes(path) && method !== "OPTIONS";
}

function mediaTypeOf(contentType) {
  return (contentType ?? "").split(";")[0].trim();
}

/** Where in the description the answer is, and what it says there. */
function describedAnswer(method, path, status, what) {
  const template = templateOf(path);
  const operation = DESCRIPTION.paths[template]?.[method.toLowerCase()];
  if (operation === undefined && NO_OPERATION.includes(status)) {
    return [["components", "responses", "NoOperation"], DESCRIPTION.components.responses.NoOperation];
  }
  if (operation === undefined) throw new Error(`${what}, and ${FILE} has no such operation`);
  const answer = operation.responses[status];
  if (answer === undefined) throw new Error(`${what}, a status that ${FILE} does not describe`);
  return [["paths", template, method.toLowerCase(), "responses", String(status)], answer];
}

/** The path of the description that fits, the one with the fewest parameters. */
function templateOf(path) {
  const parts = path.split("/");
  const fits = (template) => {
    const expected = template.split("/");
    return expected.length === parts.length && expected.every((part, index) => part.startsWith("{") || part === parts[index]);
  };
  const parameters = (template) => template.split("{").length;
  return Object.keys(DESCRIPTION.paths).filter(fits).sort((a, b) => parameters(a) - parameters(b))[0];
}

function validator(pointer) {
  const escaped = pointer.map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1")));
  const $ref = `openapi#/${escaped.join("/")}`;
  if (!validators.has($ref)) validators.set($ref, ajv.compile({ $ref }));
  return validators.get($ref);
}

/**
 * The description with objects that have what is described and nothing else.
 *
 * A schema that is part of another by `allOf` must admit what the other adds, so it is closed where it is referred to instead.
 */
function strict(document) {
  const parts = new Set();
  visit(document, (schema) => {
    for (const { $ref } of Array.isArray(schema.allOf) ? schema.allOf : []) if ($ref !== undefined) parts.add(nameOf($ref));
  });
  for (const [name, schema] of Object.entries(document.components.schemas)) if (!parts.has(name)) close(schema);
  Object.values(document["x-events"]).forEach(close);
  closeReferences(document, parts);
  document.components.responses = { ...document.components.responses, NoOperation: NO_OPERATION_ANSWER };
  return document;
}

function close(schema) {
  const isObject = schema.properties !== undefined || schema.allOf !== undefined;
  if (isObject && schema.additionalProperties === undefined) schema.unevaluatedProperties = false;
}

function closeReferences(value, parts) {
  if (typeof value !== "object" || value === null) return;
  if (typeof value.$ref === "string" && parts.has(nameOf(value.$ref))) value.unevaluatedProperties = false;
  for (const [key, inner] of Object.entries(value)) if (key !== "allOf") closeReferences(inner, parts);
}

function visit(value, action) {
  if (typeof value !== "object" || value === null) return;
  action(value);
  for (const inner of Object.values(value)) visit(inner, action);
}

function nameOf(reference) {
  return reference.split("/").at(-1);
}
