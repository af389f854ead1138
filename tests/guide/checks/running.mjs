// Settings, workers, security, production, monitoring, testing.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { until } from "../../program.mjs";

export const running = {
  "toml settings": checkSettings,

  "sh environment": (walk, text) => walk.shell(text),
  "text environment-says": (walk, text) => walk.checkSaid(text),

  "sh misspelt": (walk, text) => walk.shell(text, { code: 2 }),
  "text misspelt-says": (walk, text) => walk.checkSaid(text),

  "sh workers": async (walk, text) => {
    const [serve, ...workers] = text.trim().split("\n");
    // So that only a worker can tell.
    await walk.serve(serve, { env: { SUPERBOT__LISTINGS__MATCH_ON_ARRIVAL: "false" } });
    assert.equal(workers.length, 2);
    await walk.hearing(async (heard) => {
      await walk.publish({ title: "Folding kayak", price: 450 });
      const started = workers.map((line) => walk.reader.startLine(line));
      for (const worker of started) await worker.says(/working/);
      await heard.next("notification", ({ data }) => data.listing?.title === "Folding kayak");
      await heard.next("notification", ({ data }) => data.search_name === "Boats");
      for (const worker of started) await worker.stop();
    });
    await walk.serve(walk.snippet("sh", "serve-pages"));
  },

  "sh revoke": (walk, text) =>
    walk.hearing(async (heard) => {
      const listener = walk.reader.startLine(walk.snippet("sh", "stream"));
      await listener.says(/event: connection_status/);
      await walk.shell(text);
      // The stream ends, and with it curl; the session that listens here is another credential.
      await until("the end of the stream", () => listener.process.exitCode !== null);
      assert.equal(heard.socket.connected, true);
    }),
  "text revoke-says": (walk, text) => walk.checkSaid(text),

  "sh forgery": async (walk, text) => {
    walk.said = (await walk.shell(text)).replaceAll("}{", "}\n{");
  },
  "json forgery-says": (walk, sample) => assert.deepEqual(walk.checkSaidJson(sample), JSON.parse(sample)),

  "toml production": checkSettings,

  "sh health": (walk, text) => walk.shell(text),
  "text health-says": (walk, text) => assert.equal(walk.said.trim(), text.trim()),

  "sh metrics": (walk, text) =>
    walk.hearing(async () => {
      assert.match(await walk.shell(text), /^superbot_sockets 1$/m);
      assert.match(walk.said, /^ann +1 +\d{4}-\d\d-\d\dT/m);
    }),

  "python test_scraper.py": (walk, text) => walk.reader.write("test_scraper.py", text),
  "sh pytest": async (walk, text) => assert.match(await walk.shell(text), /^1 passed in /m),

  "js console": (walk, text) =>
    walk.inBrowser(`${walk.url}/my/hello.html`, async (page, logged) => {
      await page.evaluate(text);
      await walk.request("POST", "/api/system-messages", { message: "Test notification", level: "info" });
      await until("the message in the console", () => logged.some((line) => line.startsWith("system_message ")));
      assert.ok(logged.includes("connected: true"));
    }),
};

async function checkSettings(walk, text) {
  // The folders that the settings name are on the reader's machine.
  await mkdir(walk.reader.path("pages"), { recursive: true });
  await walk.reader.write("checked.toml", text.replace("/srv/superbot/pages", walk.reader.path("pages")));
  assert.equal(await walk.reader.run("superbot", ["--config", "checked.toml", "config", "check"]), "the settings are fine\n");
}
