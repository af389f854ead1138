// The first minutes, and the Flask app.
import assert from "node:assert/strict";
import { PASSWORD } from "../../program.mjs";

export const start = {
  "sh build": async (walk, text) => {
    // There is no terminal here to ask for the password on.
    const piped = text.replace("--admin", "--admin --password-stdin");
    assert.match(await walk.shell(piped, { input: `${PASSWORD}\n` }), /^made ann$/m);
  },

  "sh serve": async (walk, text) => {
    // The guide shows what is printed, without the lines of the log.
    walk.said = (await walk.serve(text)).said.replaceAll(/^\d{4}-\d\d-\d\dT.*\n/gm, "");
  },

  "text serve-says": (walk, text) => walk.checkSaid(text),

  "sh connect": async (walk, text) => {
    walk.reader.openTerminal();
    await walk.shell(text);
    assert.match(walk.reader.env.SUPERBOT_TOKEN, /^sbt_/);
    assert.equal(walk.reader.env.SUPERBOT_URL, walk.url);
  },

  "sh move-away": async (walk, text) => {
    await walk.reader.write("websocket_manager.py", "def broadcast_new_listing(listing): pass\n");
    await walk.shell("mkdir -p static/js && touch static/js/websocket-client.js");
    const check = text.split("\n").find((line) => line.startsWith("python"));
    assert.doesNotMatch(await walk.shell(check), /__init__\.py$/m);
    assert.match(await walk.shell(text), /websocket_manager\/__init__\.py$/m);
  },

  "python five": (walk, text) =>
    walk.hearing(async (heard) => {
      // The page that was opened before, and the one who listens here, are one user.
      await walk.inDashboard(async (page) => {
        assert.equal(await walk.python("five", text), "Connected users: 1\n");
        for (const seen of ["2002 Corvette Z06", "Maintenance in 10 minutes"]) await page.getByText(seen).first().waitFor();
      });
      const listing = await heard.next("new_listing");
      assert.deepEqual([listing.title, listing.price, listing.link], ["2002 Corvette Z06", 28000, "https://..."]);
      const notification = await heard.next("notification");
      assert.deepEqual([notification.type, notification.data.listing.id], ["price_alert", 123]);
      await heard.next("scraper_status_update", ({ facebook, craigslist, ksl }) => facebook && !craigslist && ksl);
      const { message, level } = await heard.next("system_message");
      assert.deepEqual([message, level], ["Maintenance in 10 minutes", "warning"]);
    }),

  "python old-app": async (walk, text) => {
    const app = await startApp(walk, "old_app", text);
    assert.equal(await (await fetch(walk.flaskUrl)).text(), "My own page");
    assert.match(app.said, /FutureWarning: init_socketio does nothing/);
    await app.stop();
  },

  "toml superbot.toml": async (walk, text) => {
    await walk.reader.write("superbot.toml", text);
    await walk.serve(walk.snippet("sh", "serve"));
  },

  "python app": async (walk, text) => {
    const app = await startApp(walk, "app", text);
    await walk.inBrowser(walk.flaskUrl, async (page) => {
      const listing = { title: "Tent", price: 45, link: "https://example.org/tent", source: "ksl" };
      const headers = { "Content-Type": "application/json" };
      const answer = await fetch(`${walk.flaskUrl}/found`, { method: "POST", headers, body: JSON.stringify(listing) });
      assert.equal((await answer.json()).status, "created");
      await page.waitForFunction(() => document.querySelector("#found li")?.textContent === "Tent: 45 USD");
    });
    await app.stop();
  },
};

async function startApp(walk, name, text) {
  await walk.reader.write(`${name}.py`, text);
  return walk.reader.start("python", [`${name}.py`]).says(/Running on http/);
}
