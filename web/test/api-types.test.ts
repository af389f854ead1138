import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { generatedFiles, schemaModule } from "../api/generate.mjs";
import { pathsModule } from "../api/paths.mjs";

it("generated files are what the API's description makes of them: `npm run types` writes them", async () => {
  for (const { path, text } of await generatedFiles()) expect(await readFile(path, "utf8"), path).toBe(text);
});

const SCHEMAS = {
  Thing: {
    description: "A thing.",
    required: ["id", "level"],
    properties: {
      id: { type: "integer" },
      price: { type: ["number", "null"] },
      level: { enum: ["info", "error"], type: "string" },
      parts: { type: ["array", "null"], items: { $ref: "#/components/schemas/Part" } },
      "odd-name": { const: "odd" },
    },
  },
  Part: { allOf: [{ $ref: "#/components/schemas/Thing" }, { type: "object", properties: { any: {} } }] },
  Flags: { type: "object", additionalProperties: { type: ["boolean", "null"] } },
};

describe("types of components", () => {
  const types = schemaModule({ components: { schemas: SCHEMAS } });

  it("state what is optional, what may be null, and which words there are", () => {
    expect(types).toContain('/** A thing. */\nexport interface Thing {\n  id: number;\n  price?: number | null;\n  level: "info" | "error";');
    expect(types).toContain("  parts?: Array<Part> | null;");
    expect(types).toContain('  "odd-name"?: "odd";');
    expect(types).toContain("export type Part = Thing & {\n  any?: unknown;\n};");
    expect(types).toContain("export type Flags = Record<string, boolean | null>;");
  });
});

describe("types of paths", () => {
  const ref = (name: string) => ({ schema: { $ref: `#/components/schemas/${name}` } });
  const problem = { content: { "application/problem+json": ref("Problem") } };
  const parameter = (place: string, name: string, required: boolean, type: unknown) => ({ in: place, name, required, schema: { type } });
  const things = {
    get: {
      parameters: [
        parameter("path", "id", true, "integer"),
        parameter("query", "limit", false, "integer"),
        parameter("header", "Idempotency-Key", false, ["string", "null"]),
      ],
      responses: { 200: { content: { "application/json": ref("Thing") } }, 401: problem, 404: problem },
    },
    patch: {
      summary: "Changes it.",
      requestBody: { content: { "application/json": ref("Part"), "text/html": { schema: { type: "string" } } } },
      responses: { 204: {}, 409: { content: { "application/json": ref("Flags") } } },
    },
  };
  const text = pathsModule({ paths: { "/api/things/{id}": things }, components: { schemas: SCHEMAS } });

  it("have the parameters by their place, and answers by their status", () => {
    expect(text).toContain(`  "/api/things/{id}": {
    get: {
      path: {
        id: number;
      };
      query?: {
        limit?: undefined | number;
      };
      headers?: {
        "Idempotency-Key"?: undefined | string;
      };
      answers: { 200: Thing };
      problems: 401 | 404;
    };`);
  });

  it("have bodies of every media type, which may be left out where they are not required", () => {
    expect(text).toContain(`    /** Changes it. */
    patch: {
      body?: undefined | Part | Blob;
      answers: { 204: undefined; 409: Flags };
      problems: never;
    };`);
  });

  it("import the components that they name", () => {
    expect(text).toContain("import type {\n  Flags,\n  JsonObject,\n  Part,\n  Thing,\n} from");
  });
});
