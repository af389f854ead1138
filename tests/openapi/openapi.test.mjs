// The server does what its description says, whatever it is sent: requests made from the description, by schemathesis.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { required, SuperBot } from "../program.mjs";

/** A run that takes this long hangs; on two idle cores it takes less than a minute. */
const TIME_LIMIT_S = 600;

/** Limits would answer for the operations that are to be tried. */
const UNLIMITED = {
  "limits.login_attempts_per_minute": 0,
  "limits.user_requests_per_second": 0,
  "limits.publish_requests_per_second": 0,
  "limits.user_concurrent_queries": 0,
};

/** What is held against the description; the remaining checks are about conventions that the API does not follow. */
const CHECKS = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_headers_conformance",
  "response_schema_conformance",
  "missing_required_header",
  "ignored_auth",
];

/** A token that requests with small numbers, such as for tokens to be revoked, do not hit. */
async function adminToken(superbot) {
  let token;
  for (let made = 0; made < 12; made += 1) {
    token = await superbot.token("admin");
  }
  return token;
}

test("no answer is a server error, or of a status or content type that is not described", { timeout: (TIME_LIMIT_S + 60) * 1_000 }, async (t) => {
  const superbot = await SuperBot.start(UNLIMITED, ["--no-workers"]);
  t.after(() => superbot.remove());
  const token = await adminToken(superbot);
  const schemathesis = join(dirname(required("SUPERBOT_PYTHON")), "schemathesis");
  // It keeps notes where it runs.
  const folder = await mkdtemp(join(tmpdir(), "superbot-openapi-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const run = spawn("timeout", [
    "--kill-after=5", String(TIME_LIMIT_S), schemathesis, "run", `${superbot.url}/api/openapi.json`,
    "--header", `Authorization: Bearer ${token}`,
    "--checks", CHECKS.join(","),
    // The stream of events does not end.
    "--exclude-path", "/api/events",
    "--phases", "coverage,fuzzing",
    "--max-examples", "8", "--seed", "1", "--generation-deterministic",
    // With several threads, Python 3.11's parser breaks off now and then (python/cpython#106905).
    "--suppress-health-check", "all", "--workers", "1", "--continue-on-failure", "--warnings", "off", "--no-color",
  ], { cwd: folder });
  let report = "";
  for (const stream of [run.stdout, run.stderr]) stream.on("data", (text) => (report += text));
  const [code] = await once(run, "close");
  assert.equal(code, 0, report);
});
