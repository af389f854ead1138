// What every client is tried with: each way to carry packets, each way to say who one is.
import assert from "node:assert/strict";
import { checkEvent } from "../description.mjs";
import { SuperBot } from "../program.mjs";

export const TRANSPORTS = { polling: ["polling"], websocket: ["websocket"], upgrade: ["polling", "websocket"] };

export const CREDENTIALS = ["cookie", "token", "bearer", "none"];

/** A server with a user, and all that is needed to be that user, or to publish. */
export async function startWorld(settings) {
  const superbot = await SuperBot.start(settings);
  await superbot.addUser("ann");
  return {
    superbot,
    publish: await superbot.token("publish"),
    cookie: await superbot.signIn("ann"),
    token: await superbot.token("user", "ann"),
  };
}

/** The headers that carry a credential; a token in `auth` is not one of them. */
export function headersFor(credential, { cookie, token }) {
  return { cookie: { Cookie: cookie }, bearer: { Authorization: `Bearer ${token}` } }[credential] ?? {};
}

/** Checks what a client wrote down of one signed-in connection: greeting, event, acknowledged calls, pong. */
export function checkSignedIn(seen, title) {
  checkEvent("connection_status", seen.greeting);
  checkEvent("new_listing", seen.listing);
  checkEvent("scraper_status_update", seen.status);
  checkEvent("pong", seen.pong);
  assert.equal(seen.greeting.status, "connected");
  assert.equal(seen.greeting.authenticated, true);
  assert.equal(seen.greeting.username, "ann");
  assert.equal(seen.listing.title, title);
  assert.ok(seen.listing.seq > seen.greeting.seq);
  assert.equal(seen.subscribed.ok, true);
  assert.equal(typeof seen.status.ksl, "boolean");
  assert.equal(seen.read.ok, true);
  assert.equal(seen.read.unread, 0);
  assert.ok(seen.pong.timestamp);
}

/** Checks what a client was told that nobody knows. */
export function checkRefused(refusal) {
  assert.equal(refusal.message, "authentication required");
  assert.deepEqual(refusal.data, { code: "unauthenticated" });
}
