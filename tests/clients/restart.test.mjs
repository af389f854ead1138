// Clients that reconnect by themselves after a planned stop, whatever carries their packets.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { io as newest } from "socket.io-client";
import { io as oldest } from "socket.io-client-4.5.4";
import { required, until } from "../program.mjs";
import { startWorld, TRANSPORTS } from "./matrix.mjs";

const PYTHON_CLIENT = fileURLToPath(new URL("returning.py", import.meta.url));

/** Each starts a client that appends "connected" and titles to `heard`, and gives what ends it. */
const CLIENTS = {
  "socket.io-client 4.5.4": (...args) => startJavaScript(oldest, ...args),
  "socket.io-client newest": (...args) => startJavaScript(newest, ...args),
  "python-socketio": startPython,
};

function startJavaScript(io, order, heard) {
  const socket = io(order.url, { ...order, forceNew: true });
  socket.on("connection_status", () => heard.push("connected"));
  socket.on("new_listing", ({ title }) => heard.push(title));
  return () => socket.disconnect();
}

function startPython(order, heard) {
  const client = spawn(required("SUPERBOT_PYTHON"), [PYTHON_CLIENT, JSON.stringify(order)], { stdio: ["ignore", "pipe", "inherit"] });
  createInterface({ input: client.stdout }).on("line", (line) => heard.push(line));
  return () => client.kill("SIGKILL");
}

test("clients reconnect after a planned stop, and hear what is posted then", async () => {
  const { superbot, publish, token } = await startWorld();
  const clients = [];
  for (const [name, start] of Object.entries(CLIENTS)) {
    for (const [carried, transports] of Object.entries(TRANSPORTS)) {
      const heard = [];
      const end = start({ url: superbot.url, auth: { token }, transports }, heard);
      clients.push({ name: `${name}, ${carried}`, heard, end });
    }
  }
  try {
    await untilAllHeard(clients, ["connected"]);
    await superbot.post({ title: "before" }, publish);
    await untilAllHeard(clients, ["connected", "before"]);
    await superbot.stop("SIGTERM");
    await superbot.resume();
    await untilAllHeard(clients, ["connected", "before", "connected"]);
    await superbot.post({ title: "after" }, publish);
    await untilAllHeard(clients, ["connected", "before", "connected", "after"]);
  } finally {
    for (const { end } of clients) end();
    await superbot.remove();
  }
});

async function untilAllHeard(clients, expected) {
  const all = clients.map(({ name }) => [name, expected]);
  const now = () => clients.map(({ name, heard }) => [name, [...heard]]);
  try {
    await until("all clients", () => JSON.stringify(now()) === JSON.stringify(all), 40_000);
  } catch {
    assert.deepEqual(now(), all);
  }
}
