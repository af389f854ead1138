// TypeScript for the operations of an OpenAPI 3.1 description: what each path takes and answers, by method.
import { docComment, propertyKey, referencedNames, typeOf } from "./types.mjs";

const METHODS = ["get", "put", "post", "delete", "patch"];

/** The text of a module that declares `Paths`. */
export function pathsModule(description) {
  const paths = Object.entries(description.paths).map(([path, item]) => pathMember(path, item));
  const names = [...referencedNames(description.paths)].filter((name) => name !== "Problem").sort();
  const imports = names.map((name) => `  ${name},\n`).join("");
  return `import type {\n${imports}} from "./schema";

/**
 * What every path takes and answers, by method.
 *
 * \`path\`, \`query\` and \`headers\` are parameters; \`body\` is JSON, or a blob of another media type. \`answers\` are bodies by
 * status, and \`problems\` are the statuses that are answered with a \`Problem\`.
 */
export interface Paths {
${paths.join("\n")}
}
`;
}

function pathMember(path, item) {
  const operations = METHODS.filter((method) => item[method] !== undefined).map((method) => operationMember(method, item[method]));
  return `  ${JSON.stringify(path)}: {\n${operations.join("\n")}\n  };`;
}

function operationMember(method, { summary, parameters = [], requestBody, responses }) {
  const groups = [["path", "path"], ["query", "query"], ["header", "headers"]];
  const members = [
    ...groups.map(([place, name]) => parameterGroup(name, parameters.filter((parameter) => parameter.in === place))),
    bodyMember(requestBody),
    answersMember(responses),
  ];
  return `${docComment(summary, "    ")}    ${method}: {\n${members.join("")}    };`;
}

/** A group of parameters, which may be left out when each of them may. */
function parameterGroup(name, parameters) {
  if (parameters.length === 0) return "";
  const members = parameters.map(({ name: parameter, required, schema }) => {
    const type = typeOf(withoutNull(schema));
    return `${propertyKey(parameter)}${required ? ": " : "?: undefined | "}${type}`;
  });
  const isOptional = parameters.every(({ required }) => !required);
  const lines = members.map((member) => `        ${member};\n`);
  return `      ${name}${isOptional ? "?" : ""}: {\n${lines.join("")}      };\n`;
}

/** A parameter is absent or has a value: its `null` says only that it may be absent. */
function withoutNull(schema) {
  return Array.isArray(schema.type) ? { ...schema, type: schema.type.filter((type) => type !== "null") } : schema;
}

function bodyMember(requestBody) {
  if (requestBody === undefined) return "";
  const types = Object.entries(requestBody.content).map(([mediaType, { schema = {} }]) =>
    mediaType === "application/json" ? typeOf(schema) : "Blob");
  return `      ${requestBody.required ? "body: " : "body?: undefined | "}${types.join(" | ")};\n`;
}

/** Bodies by status, and beside them the statuses of the API's one error body. */
function answersMember(responses) {
  const typed = Object.entries(responses).map(([status, { content = {} }]) => [status, answerType(status, content)]);
  const answers = typed.filter(([, type]) => type !== "Problem").map(([status, type]) => `${status}: ${type}`);
  const problems = typed.filter(([, type]) => type === "Problem").map(([status]) => status);
  return `      answers: { ${answers.join("; ")} };\n      problems: ${problems.join(" | ") || "never"};\n`;
}

/** The JSON form where there is one, as that is what the dashboard accepts. */
function answerType(status, content) {
  const json = content["application/json"] ?? content["application/problem+json"];
  if (json !== undefined) return typeOf(json.schema ?? {});
  return status === "204" ? "undefined" : "unknown";
}
