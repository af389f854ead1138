// Socket.IO 2.x, which speaks an older protocol: it is refused, and everybody concerned is told why.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import io from "socket.io-client-2.5.0";
import { SuperBot } from "../program.mjs";
import { TRANSPORTS } from "./matrix.mjs";

let superbot;

before(async () => {
  superbot = await SuperBot.start();
});

after(async () => superbot?.remove());

async function refused() {
  const metrics = await (await superbot.request("GET", "/metrics")).text();
  return Number(/^superbot_refused_total\{reason="protocol_version"\} (\d+)$/m.exec(metrics)?.[1] ?? 0);
}

for (const [carried, transports] of Object.entries(TRANSPORTS)) {
  test(`socket.io-client 2.5.0, ${carried}, is refused and counted`, async () => {
    const before = await refused();
    const socket = io(superbot.url, { transports, forceNew: true, reconnection: false });
    const error = await new Promise((resolve, reject) => {
      socket.once("connect_error", resolve);
      socket.once("connect", () => reject(new Error("it connected")));
    });
    socket.close();
    assert.match(error.message, /error/);
    assert.equal(await refused(), before + 1);
    assert.match(superbot.log, /reason="protocol_version"/);
  });
}

test("the answer to an older protocol has a hint", async () => {
  for (const version of ["3", "2", ""]) {
    const response = await fetch(`${superbot.url}/socket.io/?EIO=${version}&transport=polling`);
    assert.equal(response.status, 400);
    const { code, message, hint } = await response.json();
    assert.deepEqual([code, message], [5, "Unsupported protocol version"]);
    assert.match(hint, /socket\.io-client 3 or 4.*python-socketio 5/);
  }
});
