// TypeScript for the schemas of an OpenAPI 3.1 description.

/** The declarations of all components, sorted by name. */
export function schemaDeclarations({ components }) {
  const schemas = Object.entries(components.schemas).sort(([a], [b]) => (a < b ? -1 : 1));
  return schemas.map(([name, schema]) => declaration(name, schema));
}

/** An exported interface, or a type alias where the schema is no plain object. */
export function declaration(name, schema) {
  const comment = docComment(schema.description, "");
  if (schema.properties === undefined) return `${comment}export type ${name} = ${typeOf(schema)};\n`;
  return `${comment}export interface ${name} ${objectType(schema, "")}\n`;
}

/** The type of a schema; `indent` is that of the line it begins on. */
export function typeOf(schema, indent = "") {
  if (schema.$ref !== undefined) return schema.$ref.split("/").at(-1);
  if (schema.allOf !== undefined) return schema.allOf.map((part) => typeOf(part, indent)).join(" & ");
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices !== undefined) return choices.map((part) => typeOf(part, indent)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  // A schema without a type admits any value.
  if (schema.type === undefined) return schema.properties === undefined ? "unknown" : objectType(schema, indent);
  return [schema.type].flat().map((type) => namedType(type, schema, indent)).join(" | ");
}

/** The names of the components that a part of the description refers to; where `components` are given, through them too. */
export function referencedNames(part, components = {}, found = new Set()) {
  if (typeof part !== "object" || part === null) return found;
  const name = typeof part.$ref === "string" ? part.$ref.split("/").at(-1) : undefined;
  if (name !== undefined && !found.has(name)) {
    found.add(name);
    referencedNames(components[name], components, found);
  }
  for (const inner of Object.values(part)) referencedNames(inner, components, found);
  return found;
}

/** A comment before a declaration or a member; empty without a description. */
export function docComment(description, indent) {
  if (description === undefined) return "";
  const lines = description.trim().replaceAll("*/", "* /").split("\n");
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join("\n")}\n${indent} */\n`;
}

/** A property's name, quoted where it is no identifier. */
export function propertyKey(name) {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function objectType({ properties, required = [] }, indent) {
  const inner = `${indent}  `;
  const members = Object.entries(properties).map(([name, schema]) => {
    const optional = required.includes(name) ? "" : "?";
    return `${docComment(schema.description, inner)}${inner}${propertyKey(name)}${optional}: ${typeOf(schema, inner)};`;
  });
  return `{\n${members.join("\n")}\n${indent}}`;
}

function namedType(type, schema, indent) {
  switch (type) {
    case "integer":
      return "number";
    case "array":
      return `Array<${typeOf(schema.items ?? {}, indent)}>`;
    case "object":
      return recordType(schema, indent);
    default:
      return type;
  }
}

function recordType({ additionalProperties: values, ...schema }, indent) {
  if (schema.properties !== undefined) return objectType(schema, indent);
  return typeof values === "object" ? `Record<string, ${typeOf(values, indent)}>` : "JsonObject";
}
