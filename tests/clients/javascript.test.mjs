// The official JavaScript clients: the version in the guide's pages, and the newest.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { io as newest } from "socket.io-client";
import { io as oldest } from "socket.io-client-4.5.4";
import { until } from "../program.mjs";
import { startConformance } from "./conformance.mjs";
import { checkRefused, checkSignedIn, CREDENTIALS, headersFor, startWorld, TRANSPORTS } from "./matrix.mjs";

const CLIENTS = { "4.5.4": oldest, newest };

let world, anonymous, conformance;

before(async () => {
  world = await startWorld();
  anonymous = await startWorld({ "realtime.allow_anonymous": true });
  conformance = await startConformance();
});

after(async () => {
  await world?.superbot.remove();
  await anonymous?.superbot.remove();
  conformance?.process.kill();
});

function connect(io, url, transports, { credential = "none", cookie, token } = {}) {
  return io(url, {
    transports,
    forceNew: true,
    reconnection: false,
    extraHeaders: headersFor(credential, { cookie, token }),
    auth: credential === "token" ? { token } : {},
  });
}

const next = (socket, event) => new Promise((resolve) => socket.once(event, resolve));

for (const [version, io] of Object.entries(CLIENTS)) {
  for (const [carried, transports] of Object.entries(TRANSPORTS)) {
    for (const credential of CREDENTIALS) {
      test(`socket.io-client ${version}, ${carried}, ${credential}`, async () => {
        const socket = connect(io, world.superbot.url, transports, { ...world, credential });
        const greeted = next(socket, "connection_status");
        if (credential === "none") {
          checkRefused(await next(socket, "connect_error"));
          await until("the server to close", () => socket.io.engine.readyState === "closed");
          return;
        }
        const seen = { greeting: await greeted };
        if (carried === "upgrade") {
          await until("the upgrade", () => socket.io.engine.transport.name === "websocket");
        }
        const title = `bike ${version} ${carried} ${credential}`;
        const [listing, pong, status] = ["new_listing", "pong", "scraper_status_update"].map((event) => next(socket, event));
        await world.superbot.post({ title }, world.publish);
        seen.subscribed = await ack(socket, "subscribe_scraper_status");
        seen.read = await ack(socket, "notification_read", { ids: [] });
        socket.emit("ping");
        [seen.listing, seen.pong, seen.status] = await Promise.all([listing, pong, status]);
        checkSignedIn(seen, title);
        socket.disconnect();
      });
    }

    test(`socket.io-client ${version}, ${carried}, anonymous where that is allowed`, async () => {
      const socket = connect(io, anonymous.superbot.url, transports);
      const greeting = await next(socket, "connection_status");
      assert.deepEqual([greeting.authenticated, greeting.username], [false, null]);
      const title = `table ${version} ${carried}`;
      const listing = next(socket, "new_listing");
      await anonymous.superbot.post({ title }, anonymous.publish);
      assert.equal((await listing).title, title);
      const refused = await ack(socket, "subscribe_scraper_status");
      assert.deepEqual([refused.ok, refused.code], [false, "forbidden"]);
      socket.disconnect();
    });

    test(`socket.io-client ${version}, ${carried}, binary and acknowledgements`, async () => {
      const socket = connect(io, conformance.url, transports);
      await next(socket, "connect");
      const bytes = Buffer.from([0, 1, 2, 255]);
      const back = new Promise((resolve) => socket.once("message-back", (...args) => resolve(args)));
      socket.emit("message", bytes, { deep: [bytes, "text"] }, 7);
      assert.deepEqual(await back, [bytes, { deep: [bytes, "text"] }, 7]);
      const acknowledged = await new Promise((resolve) => {
        socket.emit("message-with-ack", bytes, "text", (...args) => resolve(args));
      });
      assert.deepEqual(acknowledged, [bytes, "text"]);
      socket.disconnect();
    });
  }
}

/** Emits and waits for the server's answer. */
function ack(socket, event, ...args) {
  return new Promise((resolve, reject) => {
    socket.timeout(5_000).emit(event, ...args, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
}
