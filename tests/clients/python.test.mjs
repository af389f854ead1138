// The Python client, python-socketio.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { required } from "../program.mjs";
import { startConformance } from "./conformance.mjs";
import { checkRefused, checkSignedIn, CREDENTIALS, headersFor, startWorld, TRANSPORTS } from "./matrix.mjs";

const CLIENT = fileURLToPath(new URL("client.py", import.meta.url));

let world, conformance;

before(async () => {
  world = await startWorld();
  conformance = await startConformance();
});

after(async () => {
  await world?.superbot.remove();
  conformance?.process.kill();
});

/** Runs the client and gives what it saw; `onConnected` is called as soon as it is connected. */
async function run(order, onConnected = () => {}) {
  const client = spawn(required("SUPERBOT_PYTHON"), [CLIENT, JSON.stringify(order)]);
  const lines = [];
  let complained = "";
  client.stderr.on("data", (text) => (complained += text));
  const published = new Promise((resolve, reject) => {
    createInterface({ input: client.stdout }).on("line", (line) => {
      lines.push(line);
      if (line === "connected") Promise.resolve(onConnected()).then(resolve, reject);
    });
    client.once("close", resolve);
  });
  const [code] = await once(client, "close");
  await published;
  assert.equal(code, 0, `${lines.join("\n")}\n${complained}`);
  return JSON.parse(lines.at(-1));
}

for (const [carried, transports] of Object.entries(TRANSPORTS)) {
  for (const credential of CREDENTIALS) {
    test(`python-socketio, ${carried}, ${credential}`, async () => {
      const title = `bike ${carried} ${credential}`;
      const seen = await run(
        {
          url: world.superbot.url,
          transports,
          headers: headersFor(credential, world),
          auth: credential === "token" ? { token: world.token } : undefined,
          events: ["connection_status", "new_listing", "scraper_status_update", "pong"],
        },
        () => world.superbot.post({ title }, world.publish),
      );
      if (credential === "none") {
        checkRefused(seen.connect_error);
        return;
      }
      checkSignedIn({
        greeting: seen.connection_status, listing: seen.new_listing, status: seen.scraper_status_update,
        subscribed: seen.subscribed, read: seen.read, pong: seen.pong,
      }, title);
      assert.equal(seen.transport, carried === "polling" ? "polling" : "websocket");
    });
  }

  test(`python-socketio, ${carried}, binary and acknowledgements`, async () => {
    const seen = await run({ url: conformance.url, transports, events: ["message-back"], binary: true });
    assert.deepEqual([seen.echoed, seen.acknowledged], [true, true]);
  });
}
