// The check of answers refuses what the description does not say.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkAnswer, checkEvent } from "../description.mjs";

const USER = { id: 1, username: "ann", is_admin: false, created_at: "2026-01-31T10:30:00Z" };

const answered = (path, status, body, type = "application/json") => checkAnswer("GET", path, status, type, JSON.stringify(body));

test("described answers pass", () => {
  answered("/api/auth/me", 200, USER);
  answered("/healthz", 200, "not of the API");
  checkAnswer("DELETE", "/api/listings/7", 204, "", "");
});

test("every line of NDJSON is checked", () => {
  const line = { status: "created", id: 7, price: 5 };
  const answered = (lines) => checkAnswer("POST", "/api/listings", 200, "application/x-ndjson", lines.map((one) => `${JSON.stringify(one)}\n`).join(""));
  answered([line, { ...line, id: 8 }]);
  assert.throws(() => answered([line, { ...line, status: "lost" }]), /allowed values/);
});

test("events are checked, and only what is described passes", () => {
  const pong = { timestamp: "2026-01-31T10:30:00Z" };
  const read = { ids: [1], unread: 0, seq: 7 };
  checkEvent("pong", pong);
  checkEvent("notification_read", read);
  assert.throws(() => checkEvent("pang", pong), /has no event/);
  assert.throws(() => checkEvent("pong", {}), /required/);
  assert.throws(() => checkEvent("pong", { ...pong, seq: 7 }), /unevaluated/);
  assert.throws(() => checkEvent("pong", { timestamp: "yesterday" }), /date-time/);
  assert.throws(() => checkEvent("notification_read", { ids: [1], unread: 0 }), /required/);
  assert.throws(() => checkEvent("notification_read", { ...read, undescribed: 1 }), /unevaluated/);
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
