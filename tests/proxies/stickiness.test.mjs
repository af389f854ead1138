// What is seen where a proxy spreads the requests of a long-polling session over several servers.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../program.mjs";
import { ask, Listener } from "./client.mjs";
import { startNginx } from "./shipped.mjs";
import { World } from "./world.mjs";

let world, proxy;

before(async () => {
  world = await World.start();
  proxy = await startNginx(world.ports, [["hash $binary_remote_addr consistent;", ""]]);
});

after(async () => {
  await proxy?.stop();
  await world?.remove();
});

test("a request for another server's session is refused with what is likely wrong", async () => {
  const opened = await ask(proxy, "GET", "/socket.io/?EIO=4&transport=polling");
  const { sid } = JSON.parse(opened.text.slice(1));
  const refused = await until("a server that does not know the session", async () => {
    const answer = await ask(proxy, "POST", `/socket.io/?EIO=4&transport=polling&sid=${sid}`, { body: "3" });
    return answer.status === 200 ? undefined : answer;
  });
  assert.equal(refused.status, 400);
  const { code, message, hint } = JSON.parse(refused.text);
  assert.deepEqual([code, message], [1, "Session ID unknown"]);
  assert.match(hint, /sticky sessions/);
});

test("the servers' logs say so, once, and their figures", async () => {
  const listener = new Listener(proxy, world.token, ["polling"]);
  const warnings = () => world.nodes.map(({ log }) => log.split("lacks sticky sessions").length - 1);
  await until("a warning", () => warnings().some((count) => count > 0), 60_000);
  assert.ok(listener.errors.length > 0, "the client is told as well");
  const figures = await world.figures("superbot_unknown_sessions_total");
  assert.ok(figures.some((count) => count >= 5), String(figures));
  assert.ok(warnings().every((count) => count <= 1), String(warnings()));
  listener.close();
});

test("WebSockets work all the same", async () => {
  const listener = new Listener(proxy, world.token, ["websocket"]);
  await listener.connected;
  assert.deepEqual(listener.errors, []);
  listener.close();
});
