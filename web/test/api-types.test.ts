import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { currentTypes, typesOf } from "../api-types.mjs";

it("the types of the REST API are those of its description: `npm run types` makes them anew", async () => {
  const committed = await readFile(new URL("../dashboard/src/api/schema.ts", import.meta.url), "utf8");
  expect(committed).toBe(await currentTypes());
});

it("types say what is optional, what may be null, and what is one of few words", () => {
  const schemas = {
    Thing: {
      description: "A thing.",
      required: ["id", "level"],
      properties: {
        id: { type: "integer" },
        price: { type: ["number", "null"] },
        level: { enum: ["info", "error"], type: "string" },
        parts: { type: ["array", "null"], items: { $ref: "#/components/schemas/Part" } },
      },
    },
    Part: { allOf: [{ $ref: "#/components/schemas/Thing" }, { type: "object", properties: { any: {} } }] },
  };
  const types = typesOf({ components: { schemas } });
  expect(types).toContain('/** A thing. */\nexport interface Thing {\n  id: number;\n  price?: number | null;\n  level: "info" | "error";');
  expect(types).toContain("  parts?: Array<Part> | null;");
  expect(types).toContain("export type Part = Thing & {\n  any?: unknown;\n};");
});
