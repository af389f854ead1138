// The forms of publishing; each is heard by somebody who listens.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { PASSWORD, required } from "../../program.mjs";
import { Hearing, signIn } from "../hearing.mjs";
import { freePort } from "../reader.mjs";

const EMBEDDED = new URL("../../../examples/embedded.rs", import.meta.url);

export const publishing = {
  "python many": (walk, text) =>
    walk.hearing(async (heard) => {
      await walk.python("many", text);
      await heard.next("new_listing", ({ title, price }) => title === "Road bike" && price === 250);
      await heard.next("new_listing", ({ title, price }) => title === "Kitchen table" && price === 0);
    }),

  "text many-says": (walk, text) => walk.checkSaid(text),

  "sh http": (walk, text) =>
    walk.hearing(async (heard) => {
      // The answers have no newline at their end.
      walk.said = (await walk.shell(text)).replaceAll("}{", "}\n{");
      await heard.next("listing_updated", ({ title, previous_price }) => title === "Road bike" && previous_price === 250);
      await heard.next("notification", ({ type, data }) => type === "custom" && data.message === "The backup is done");
      await heard.next("scraper_status_update", ({ facebook, ksl, seq }) => facebook && !ksl && seq !== undefined);
      await heard.next("system_message", ({ message }) => message === "Back in 5 minutes");
      assert.equal(JSON.parse(walk.said.split("\n").at(-1)).users[0].username, "ann");
    }),

  "json http-listing": (walk, sample) => {
    const { id, ...said } = walk.checkSaidJson(sample, 0);
    const { id: _, ...written } = JSON.parse(sample);
    assert.deepEqual(said, written);
    assert.ok(id > 0);
  },

  "sh ndjson": (walk, text) =>
    walk.hearing(async (heard) => {
      const lines = (await walk.shell(text)).trim().split("\n").map(JSON.parse);
      assert.deepEqual(lines.map(({ status }) => status), ["created", "created"]);
      await heard.next("new_listing", ({ title }) => title === "Sofa");
      await heard.next("new_listing", ({ title }) => title === "Lamp");
    }),

  "sh refusal": (walk, text) => walk.shell(text),

  "json refusal-says": (walk, sample) => assert.deepEqual(walk.checkSaidJson(sample), JSON.parse(sample)),

  "sh command-line": (walk, text) =>
    walk.hearing(async (heard) => {
      assert.match(await walk.shell(text), /^1 created, 0 updated, 0 unchanged, 0 rejected$/m);
      assert.match(walk.said, /^1 users, 1 connections$/m);
      await heard.next("new_listing", ({ title, price }) => title === "Desk" && price === 60);
      await heard.next("notification", ({ data }) => data.message === "A desk came in");
      await heard.next("scraper_status_update", ({ facebook, ksl, seq }) => facebook && !ksl && seq !== undefined);
      await heard.next("system_message", ({ level }) => level === "success");
    }),

  "js publish": (walk, text) =>
    walk.hearing(async (heard) => {
      assert.equal(await walk.node("publish", text), "1\n");
      const { id } = await heard.next("new_listing", ({ title, price }) => title === "Canoe" && price === 400);
      await heard.next("notification", ({ data }) => data.message === `Listing ${id} was created`);
      await heard.next("scraper_status_update", ({ craigslist }) => craigslist);
      await heard.next("system_message", ({ message }) => message === "The river is open");
    }),

  "rust embedded": async (walk, text) => {
    assert.ok((await readFile(EMBEDDED, "utf8")).includes(text), "the snippet stands in examples/embedded.rs");
    const { reader } = walk;
    await reader.run("superbot", ["--data-dir", "embedded", "user", "add", "ann", "--password-stdin"], { input: `${PASSWORD}\n` });
    const port = await freePort();
    // The example asks the file alone, which is looked for where it is started.
    await reader.write("embedded/superbot.toml", `[server]\nlisten = "127.0.0.1:${port}"\n`);
    const program = reader.startLine(`cd embedded && exec "$EMBEDDED" .`, { env: { EMBEDDED: required("SUPERBOT_EMBEDDED_BIN") } });
    const url = `http://127.0.0.1:${port}`;
    await program.answers(`${url}/readyz`);
    // It publishes before it serves: who comes later is sent it from the log.
    const heard = await Hearing.begin(url, await signIn(url), { since: 0 });
    await heard.next("new_listing", ({ title, price }) => title === "Road bike" && price === 250);
    await heard.next("notification", ({ data }) => data.message === "Hello from Rust");
    await heard.next("scraper_status_update", ({ mine }) => mine);
    await heard.next("system_message", ({ message }) => message === "No users are connected");
    heard.end();
    await program.stop("SIGINT");
    assert.equal(program.process.exitCode, 0);
  },
};
