// What docs/GUIDE.md names between its snippets is there.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readFile } from "node:fs/promises";
import { describedFetch } from "../description.mjs";
import { SuperBot, until } from "../program.mjs";
import { GUIDE } from "./blocks.mjs";

const PROSE = GUIDE.replace(/^ *```.*?^ *```$/gms, "");

const DOCS = new URL("../../docs/", import.meta.url);

let superbot;

before(async () => {
  superbot = await SuperBot.start();
});

after(() => superbot?.remove());

/** All that the pattern's group finds in the guide, each once. */
function named(pattern, text = PROSE) {
  const found = [...new Set([...text.matchAll(pattern)].map((match) => match[1]))];
  assert.notEqual(found.length, 0);
  return found;
}

test("every figure is in /metrics", async () => {
  await causeFigures();
  const shown = await figures();
  const missing = named(/`(superbot_\w+)`/g).filter((name) => !shown.includes(`# TYPE ${name} `));
  assert.deepEqual(missing, []);
});

/** Figures with labels are there once there is something to count. */
async function causeFigures() {
  await superbot.addUser("ann");
  await superbot.post({ title: "Road bike" }, await superbot.token("publish"));
  const headers = { Authorization: `Bearer ${await superbot.token("user", "ann")}`, "Last-Event-ID": "0" };
  const left = new AbortController();
  const stream = await describedFetch(`${superbot.url}/api/events`, { headers, signal: left.signal });
  await stream.body.getReader().read();
  left.abort();
  // A client of a protocol that is no longer spoken is refused.
  await fetch(`${superbot.url}/socket.io/?EIO=3&transport=polling`);
  await until("the event to be delivered", async () => (await figures()).includes("superbot_events_total{"));
}

async function figures() {
  return (await fetch(`${superbot.url}/metrics`)).text();
}

test("every setting is among the defaults", async () => {
  const defaults = await readFile(new URL("../src/config/superbot.default.toml", DOCS), "utf8");
  const sections = defaults.split(/^\[(\w+)\]$/m);
  const settings = new Set();
  for (let at = 1; at < sections.length; at += 2) {
    for (const [, key] of sections[at + 1].matchAll(/^(\w+) = /gm)) settings.add(`${sections[at]}.${key}`);
  }
  const known = [...settings].map((setting) => setting.split(".")[0]);
  const written = named(/`(\w+\.\w+)`/g).filter((name) => known.includes(name.split(".")[0]));
  assert.ok(written.length > 5);
  assert.deepEqual(written.filter((name) => !settings.has(name)), []);
});

test("every path of the REST API is described in openapi.json", async () => {
  const { paths } = JSON.parse(await readFile(new URL("openapi.json", DOCS), "utf8"));
  const written = named(/(?:`|(?:GET|PUT|POST) |URL|')(\/api\/[\w{}/-]+)/g, GUIDE)
    .map((path) => path.replace("/users/ann/", "/users/{username}/"));
  const pages = ["/api/docs", "/api/openapi.json", "/api/openapi"];
  assert.deepEqual(written.filter((path) => !pages.includes(path) && paths[path] === undefined), []);
});

test("every command is one of the program's", async () => {
  const helps = named(/`superbot ([a-z][a-z-]*(?: [a-z][a-z-]*)?)/g);
  for (const words of helps) {
    const help = await superbot.command([...words.split(" ").filter((word) => !word.startsWith("-")), "--help"]);
    assert.match(help, /Usage: superbot/);
  }
});

test("every link to a heading leads to one", async () => {
  for (const target of named(/\]\(((?!http)[^)]*#[^)]*)\)/g)) {
    const [file, anchor] = target.split("#");
    const text = await readFile(new URL(file || "GUIDE.md", DOCS), "utf8");
    const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading));
    assert.ok(headings.includes(anchor), `${target} leads to none of ${headings}`);
  }
});

/** What a heading is called in the addresses of links to it. */
function anchorOf(heading) {
  return heading.toLowerCase().replace(/[^\w\s-]/g, "").replace(/\s/g, "-");
}
