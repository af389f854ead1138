// TypeScript for the schemas of an OpenAPI 3.1 description.

/** The declarations of all components, sorted by name. */
export function schemaDeclarations({ components }) {
  const schemas = Object.entries(components.schemas).sort(([a], [b]) => (a < b ? -1 : 1));
  return schemas.map(([name, schema]) => declaration(name, schema));
}

/** An exported interface, or a type alias where the schema is no plain object. */
export function declaration(name, schema) {
  const comment = docComment(schema.description, "");
  const isPlain = schema.properties !== undefined && variantProperty(schema) === undefined;
  return `${comment}export ${isPlain ? `interface ${name} ` : `type ${name} = `}${typeOf(schema)}${isPlain ? "" : ";"}\n`;
}

/** The type of a schema; `indent` is that of the line it begins on. */
export function typeOf(schema, indent = "") {
  if (schema.$ref !== undefined) return referencedName(schema);
  if (schema.allOf !== undefined) return intersection(schema.allOf, indent);
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
  const name = typeof part.$ref === "string" ? referencedName(part) : undefined;
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

function referencedName({ $ref }) {
  return $ref.split("/").at(-1);
}

/** A part that only requires properties of the others adds no type of its own. */
function intersection(parts, indent) {
  const isRequirement = ({ properties, required }) => properties === undefined && required !== undefined;
  const types = parts.filter((part) => !isRequirement(part)).map((part) => typeOf(part, indent));
  const whole = types.join(" & ");
  const required = parts.filter(isRequirement).flatMap((part) => part.required).map((name) => JSON.stringify(name));
  return required.length === 0 ? whole : `${whole} & Required<Pick<${whole}, ${required.join(" | ")}>>`;
}

/** An object; where one property's type depends on another's value, a union, whose parts are not enforced and so may lack fields. */
function objectType(schema, indent) {
  const variant = variantProperty(schema);
  if (variant === undefined) return members(schema, indent);
  const { [variant]: { "x-types": types }, [DISCRIMINATOR]: _, ...common } = schema.properties;
  const known = Object.entries(types).map(([value, type]) => `{ ${DISCRIMINATOR}: ${JSON.stringify(value)}; ${variant}: Partial<${typeOf(type)}> }`);
  // `& {}` keeps the known words apart from any other, so that editors offer them.
  const other = `{ ${DISCRIMINATOR}: string & {}; ${variant}: Record<string, unknown> }`;
  const choices = [...known, other].map((choice) => `\n${indent}  | ${choice}`).join("");
  return `${members({ ...schema, properties: common }, indent)} & (${choices}\n${indent})`;
}

/** The property whose value has a different meaning in each variant. */
const DISCRIMINATOR = "type";

/** The name of the property that lists its types by the value of the discriminator, as the extension `x-types`. */
function variantProperty({ properties = {} }) {
  return Object.keys(properties).find((name) => properties[name]["x-types"] !== undefined);
}

function members({ properties, required = [], additionalProperties: others }, indent) {
  const inner = `${indent}  `;
  const lines = Object.entries(properties).map(([name, schema]) => {
    const optional = required.includes(name) ? "" : "?";
    return `${docComment(schema.description, inner)}${inner}${propertyKey(name)}${optional}: ${typeOf(schema, inner)};`;
  });
  if (typeof others === "object") lines.push(`${inner}[name: string]: ${indexType(properties, required, others)};`);
  return `{\n${lines.join("\n")}\n${indent}}`;
}

/** What any property may be: TypeScript wants the described ones to be among the others. */
function indexType(properties, required, others) {
  const isOptional = Object.keys(properties).some((name) => !required.includes(name));
  const types = [others, ...Object.values(properties)].map((schema) => typeOf(schema));
  return [...new Set(isOptional ? [...types, "undefined"] : types)].join(" | ");
}

function namedType(type, schema, indent) {
  switch (type) {
    case "integer":
      return "number";
    case "array":
      return `Array<${typeOf(schema.items ?? {}, indent)}>`;
    case "object":
      return schema.properties === undefined ? recordType(schema, indent) : objectType(schema, indent);
    default:
      return type;
  }
}

function recordType({ additionalProperties: values }, indent) {
  return `Record<string, ${typeof values === "object" ? typeOf(values, indent) : "unknown"}>`;
}
