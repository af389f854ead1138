// The committed description is a valid OpenAPI document.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { required } from "../program.mjs";

/** Validates a document that stands on standard input. */
function validate(document) {
  const { status, stdout, stderr } = spawnSync(required("SUPERBOT_PYTHON"), ["-m", "openapi_spec_validator", "-"], { input: document, encoding: "utf8" });
  return { status, said: stdout + stderr };
}

const committed = await readFile(new URL("../../docs/openapi.json", import.meta.url), "utf8");

test("docs/openapi.json is valid by the meta-schema of the version that it names", () => {
  const { status, said } = validate(committed);
  assert.equal(status, 0, said);
});

test("a keyword of another version is refused", () => {
  const { status, said } = validate(committed.replace('"x-item-schema"', '"itemSchema"'));
  assert.notEqual(status, 0);
  assert.match(said, /itemSchema|unevaluated/i);
});
