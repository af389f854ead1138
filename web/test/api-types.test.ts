import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { eventTypes, withEventTypes } from "../api/events.mjs";
import { generatedFiles, schemaModule } from "../api/generate.mjs";
import { pathsModule } from "../api/paths.mjs";

it("generated files are what the API's description makes of them: `npm run types` writes them", async () => {
  for (const { path, text } of await generatedFiles()) expect(await readFile(path, "utf8"), path).toBe(text);
});

const markers = "// --- Generated from docs/openapi.json by `npm run types`; a test fails when the two differ. ---\n// --- End of the generated part. ---\n";

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
    expect(text).toContain("import type {\n  Flags,\n  Part,\n  Thing,\n} from");
  });
});

describe("types of events", () => {
  const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
  const listing = {
    type: "object",
    required: ["id"],
    properties: { id: { type: "integer" }, previous_price: { type: ["number", "null"] } },
  };
  const seq = { type: "object", required: ["seq"], properties: { seq: { type: "integer" } } };
  const data = { anyOf: [ref("AlertData"), { type: "object" }], "x-types": { price_alert: ref("AlertData") } };
  const description = {
    components: {
      schemas: {
        Unused: { type: "object", properties: {} },
        Listing: listing,
        ListingUpdate: { description: "A change.", allOf: [ref("Listing"), { type: "object", required: ["previous_price"] }] },
        AlertData: { type: "object", required: ["listing"], properties: { listing: ref("Listing") } },
        Message: { type: "object", required: ["id"], properties: { id: { type: "integer" }, type: { type: "string" }, data } },
        Status: {
          type: "object",
          required: ["timestamp"],
          properties: { timestamp: { type: "string" }, seq: { type: "integer" } },
          additionalProperties: { type: "boolean" },
        },
      },
    },
    "x-events": { listing_updated: { allOf: [ref("ListingUpdate"), seq] }, notification: ref("Message"), status: ref("Status") },
  };
  const types = eventTypes(description);

  it("have every payload, with what it consists of, and nothing else", () => {
    expect(types.match(/(?<=export (?:type|interface) )\w+/g)).toEqual(["AlertData", "Listing", "ListingUpdate", "Message", "Status", "ServerEvents"]);
    expect(types).toContain("export interface ServerEvents {\n  listing_updated: ListingUpdate & {\n    seq: number;\n  };\n  notification: Message;\n  status: Status;\n}");
  });

  it("narrow what another schema leaves open", () => {
    expect(types).toContain('/** A change. */\nexport type ListingUpdate = Listing & Required<Pick<Listing, "previous_price">>;');
    expect(types).toContain("  timestamp: string;\n  seq?: number;\n  [name: string]: boolean | string | number | undefined;\n}");
    expect(types).toContain(`export type Message = {
  id: number;
} & (
  | { type: "price_alert"; data: Partial<AlertData> }
  | { type: string & {}; data: Record<string, unknown> }
);`);
  });

  it("take the place of those that a text had", () => {
    const once = withEventTypes(`before\n${markers}after\n`, description);
    expect(once).toMatch(/^before\n.*export interface ServerEvents.*after\n$/s);
    expect(withEventTypes(once, description)).toBe(once);
    expect(() => withEventTypes("no markers", description)).toThrow("must stand between");
  });
});
