// The check of answers refuses what the description does not say.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkAnswer } from "../description.mjs";

const USER = { username: "ann", is_admin: false };

const answered = (path, status, body, type = "application/json") => checkAnswer("GET", path, status, type, JSON.stringify(body));

test("described answers pass", () => {
  answered("/api/auth/me", 200, USER);
  answered("/healthz", 200, "not of the API");
  checkAnswer("DELETE", "/api/listings/7", 204, "", "");
});

test("other answers do not", () => {
  assert.throws(() => answered("/api/auth/me", 200, { ...USER, undescribed: 1 }), /unevaluated/);
  assert.throws(() => answered("/api/auth/me", 200, { ...USER, is_admin: "no" }), /must be boolean/);
  assert.throws(() => answered("/api/auth/me", 200, USER, "text/html"), /describes application\/json/);
  assert.throws(() => answered("/api/auth/me", 418, USER), /a status that .* does not describe/);
  assert.throws(() => answered("/api/price-alerts", 200, { items: [{ id: 1 }] }), /required/);
  assert.throws(() => answered("/api/nowhere", 200, {}), /no such operation/);
  assert.throws(() => answered("/api/nowhere", 404, { undescribed: 1 }, "application/problem+json"), /unevaluated/);
  assert.throws(() => checkAnswer("DELETE", "/api/listings/7", 204, "", "{}"), /with a body/);
});
