// What a proxy makes of connections that last: Socket.IO, event streams, streams of listings.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { until } from "../program.mjs";
import { begin, Listener } from "./client.mjs";
import { addresses, listing, TRANSPORTS } from "./site.mjs";

/** Tries Socket.IO clients of one kind. */
function tryClients(name, site, carried, transports) {
  test(`${name} carries many clients with ${carried}, each of which stays`, async () => {
    const listeners = addresses(30).map((from) => new Listener(site.proxy, site.world.token, transports, from));
    await Promise.all(listeners.map((listener) => listener.connected));
    const settled = carried === "polling" ? "polling" : "websocket";
    await until(`everybody to be on ${settled}`, () => listeners.every(({ transport }) => transport === settled));
    const figures = await site.world.figures(`superbot_connections_${settled}`);
    assert.ok(figures.every((count) => count > 0), `both servers have their part: ${figures}`);
    const titles = Array.from({ length: 5 }, (_, number) => `${carried} ${number}`);
    assert.deepEqual(await site.postAll(titles), []);
    await site.allHeard(listeners, titles);
    for (const { greetings, errors, socket } of listeners) {
      assert.equal(greetings.length, 1, "nobody had to come back");
      assert.deepEqual(errors, []);
      socket.disconnect();
    }
  });
}

/** Tries streams in both directions. */
function tryStreams(name, site) {
  test(`${name} passes on an event stream as it comes, and its end`, async () => {
    const { request, answered } = begin(site.proxy, "GET", "/api/events", { headers: { Authorization: `Bearer ${site.world.token}` } });
    request.end();
    const response = await answered;
    assert.equal(response.headers["content-type"], "text/event-stream");
    const lines = createInterface({ input: response })[Symbol.asyncIterator]();
    const next = async (wanted) => {
      for (;;) {
        const { value, done } = await lines.next();
        assert.ok(!done, `the stream ended before ${wanted}`);
        if (value.includes(wanted)) return;
      }
    };
    await next("connection_status");
    for (const title of ["first of the stream", "second of the stream"]) {
      await site.post(title);
      await next(title);
    }
    assert.equal((await site.world.figures("superbot_event_streams")).reduce((sum, count) => sum + count), 1);
    request.on("error", () => {});
    response.on("error", () => {});
    request.destroy();
    await until("the server to hear of the end", async () =>
      (await site.world.figures("superbot_event_streams")).every((count) => count === 0));
  });

  test(`${name} passes on a stream of listings that is longer than any other request may be`, async () => {
    const { request, answered } = site.beginLines();
    const line = `${JSON.stringify({ ...listing("long"), unknown: "x".repeat(100_000) })}\n`;
    const count = 300;
    const written = (async () => {
      for (let number = 0; number < count; number += 1) {
        if (!request.write(line)) await once(request, "drain");
      }
      request.end();
    })();
    const statuses = [];
    for await (const answer of createInterface({ input: await answered })) statuses.push(JSON.parse(answer).status);
    await written;
    assert.deepEqual(statuses, ["created", ...Array(count - 1).fill("unchanged")]);
  });

  test(`${name} passes on listings and the answers to them line by line`, async () => {
    const { request, answered } = site.beginLines();
    request.write(`${JSON.stringify(listing("line 0"))}\n`);
    const answers = createInterface({ input: await answered })[Symbol.asyncIterator]();
    for (let number = 1; number <= 5; number += 1) {
      assert.equal(JSON.parse((await answers.next()).value).status, "created");
      request.write(`${JSON.stringify(listing(`line ${number}`))}\n`);
    }
    request.end();
  });
}

/** Tries everything that lasts. */
export function tryConnections(name, site) {
  for (const [carried, transports] of Object.entries(TRANSPORTS)) tryClients(name, site, carried, transports);
  tryStreams(name, site);
}
