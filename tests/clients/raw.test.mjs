// No library at all: the packets of Engine.IO 4 and Socket.IO 5 as they are on the wire.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import WebSocket from "ws";
import { until } from "../program.mjs";
import { checkRefused, checkSignedIn, CREDENTIALS, headersFor, startWorld } from "./matrix.mjs";

/** What separates packets in the body of a poll. */
const SEPARATOR = "\x1e";

let world;

before(async () => {
  world = await startWorld({ "realtime.ping_interval_ms": 300, "realtime.ping_timeout_ms": 2_000 });
});

after(async () => {
  await world?.superbot.remove();
});

/** Packets as they arrive, handed out in order; pings are answered and counted. */
class Packets {
  pings = 0;
  closing = false;
  #arrived = [];
  #waiting = [];

  constructor(send) {
    this.send = send;
  }

  take(packet) {
    if (packet === "2") {
      this.pings += 1;
      if (!this.closing) void this.send("3");
      return;
    }
    const waiting = this.#waiting.shift();
    if (waiting) waiting(packet);
    else this.#arrived.push(packet);
  }

  next() {
    const packet = this.#arrived.shift();
    return packet === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(packet);
  }

  /** The next packet that begins so, parsed behind that. */
  async expect(prefix) {
    const packet = await this.next();
    assert.ok(packet.startsWith(prefix), `expected ${prefix}…, got ${packet}`);
    return JSON.parse(packet.slice(prefix.length));
  }

  /** Collects what arrives until each of the given beginnings was seen, in whatever order. */
  async collect(prefixes) {
    const found = {};
    while (Object.keys(found).length < prefixes.length) {
      const packet = await this.next();
      const prefix = prefixes.find((candidate) => packet.startsWith(candidate));
      assert.ok(prefix !== undefined, `did not expect ${packet}`);
      found[prefix] ??= packet.slice(prefix.length);
    }
    return prefixes.map((prefix) => found[prefix]);
  }
}

const engineUrl = (transport, sid) =>
  `${world.superbot.url}/socket.io/?EIO=4&transport=${transport}${sid === undefined ? "" : `&sid=${sid}`}`;

async function overPolling(headers) {
  const opened = await fetch(engineUrl("polling"), { headers });
  const { sid, upgrades } = JSON.parse((await opened.text()).slice(1));
  assert.deepEqual(upgrades, ["websocket"]);
  const post = async (packet) => {
    const posted = await fetch(engineUrl("polling", sid), { method: "POST", body: packet, headers });
    assert.equal(await posted.text(), "ok");
  };
  // One after the other: a session takes one POST at a time, and a pong must not meet another packet.
  let posting = Promise.resolve();
  const packets = new Packets((packet) => (posting = posting.then(() => post(packet))));
  packets.closed = (async () => {
    for (;;) {
      const polled = await fetch(engineUrl("polling", sid), { headers });
      if (!polled.ok) return;
      for (const packet of (await polled.text()).split(SEPARATOR)) {
        if (packet === "1" || packet === "6") return;
        packets.take(packet);
      }
      if (packets.upgrading) return;
    }
  })();
  packets.sid = sid;
  packets.close = () => packets.send("1");
  return packets;
}

async function overWebSocket(headers, sid) {
  const socket = new WebSocket(engineUrl("websocket", sid).replace("http", "ws"), { headers });
  const packets = new Packets((packet) => socket.send(packet));
  socket.on("message", (data) => packets.take(String(data)));
  packets.closed = new Promise((resolve) => socket.once("close", resolve));
  packets.close = () => socket.close();
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  if (sid === undefined) {
    const opened = await packets.expect("0");
    assert.deepEqual(opened.upgrades, []);
    assert.equal(opened.maxPayload, 1_000_000);
  }
  return packets;
}

async function overUpgrade(headers) {
  const polling = await overPolling(headers);
  const packets = await overWebSocket(headers, polling.sid);
  packets.send("2probe");
  assert.equal(await packets.next(), "3probe");
  // The poll that hangs is released before the WebSocket takes over.
  polling.upgrading = true;
  await polling.closed;
  packets.send("5");
  return packets;
}

const OPEN = { polling: overPolling, websocket: overWebSocket, upgrade: overUpgrade };

for (const [carried, open] of Object.entries(OPEN)) {
  for (const credential of CREDENTIALS) {
    test(`bare packets, ${carried}, ${credential}`, async () => {
      const packets = await open(headersFor(credential, world));
      await packets.send(credential === "token" ? `40${JSON.stringify({ token: world.token })}` : "40");
      if (credential === "none") {
        checkRefused(await packets.expect("44"));
        await packets.closed;
        return;
      }
      const { sid } = await packets.expect("40");
      assert.notEqual(sid, packets.sid);
      const [, greeting] = await packets.expect("42");
      const title = `bike ${carried} ${credential}`;
      await world.superbot.post({ title }, world.publish);
      const [, listing] = await packets.expect("42");
      await packets.send(`420["subscribe_scraper_status"]`);
      const [subscribed, , status] = await packets.collect([`430`, `42["subscribed",`, `42["scraper_status_update",`]);
      await packets.send(`421["notification_read",{"ids":[]}]`);
      const [read] = await packets.expect("431");
      await packets.send(`42["ping"]`);
      const [, pong] = await packets.expect("42");
      checkSignedIn({
        greeting, listing, pong, read,
        subscribed: JSON.parse(subscribed)[0],
        status: JSON.parse(status.slice(0, -1)),
      }, title);
      await until("the server's pings", () => packets.pings >= 2);
      packets.closing = true;
      await packets.close();
      await packets.closed;
    });
  }
}
