// Pages and programs that listen.
import assert from "node:assert/strict";
import { until } from "../../program.mjs";

export const listening = {
  // The page is there before the folder is served.
  "html hello": (walk, text) => walk.reader.write("pages/hello.html", text),

  "sh serve-pages": async (walk, text) => {
    await walk.serve(text);
    await walk.inBrowser(`${walk.url}/my/hello.html`, async (page) => {
      await walk.publish({ title: "Bookshelf", price: 30 });
      await page.waitForFunction(() => document.querySelector("#listings li")?.textContent === "Bookshelf: 30 USD");
    });
  },

  "js page-events": (walk, text) =>
    walk.ownPage("events", page(text), async (page, logged) => {
      await walk.request("PUT", "/api/scraper-status", { facebook: true });
      const { id } = await publishAllKinds(walk, "Armchair");
      await page.evaluate((read) => wsClient.markRead(read), id);
      await until("a notification that was read", () => logged.some((line) => line.startsWith("still unread: ")));
      await page.evaluate(() => wsClient.socket.emit("notification_read", "nonsense"));
      await page.evaluate(() => wsClient.disconnect());
      const expected = [
        "connected", "facebook runs: true", "new: Armchair 70", "was 70 is 60", "custom An armchair", "success Sit down",
        "bad_request notification_read takes {ids: [...]}, at most 1000 whole numbers", "disconnected: io client disconnect",
      ];
      for (const line of expected) {
        await until(`${line} in the console`, () => logged.includes(line));
      }
    }),

  // As in the console of a page that is open already.
  "js page-controls": (walk, text) =>
    walk.inBrowser(`${walk.url}/my/hello.html`, async (page, logged) => {
      await page.evaluate(text);
      await until("the pong", () => logged.some((line) => /^the connection is healthy: \d{4}-/.test(line)));
      await walk.request("POST", "/api/users/ann/notifications", { type: "custom", data: { message: "Read me" } });
      await until("the answer to markRead", () => logged.some((line) => /^read; \d+ are left$/.test(line)));
    }),

  "js page-connection": (walk, text) =>
    walk.inBrowser(`${walk.url}/my/hello.html`, async (page) => {
      await page.evaluate("wsClient.on('connected', () => { window.again = true; })");
      await page.evaluate(text);
      await page.waitForFunction(() => window.again && wsClient.connected);
    }),

  "sh user-token": (walk, text) => walk.shell(text),

  "js listen": async (walk, text) => {
    await walk.reader.write("listen.mjs", text);
    const program = walk.reader.start(process.execPath, ["listen.mjs"]);
    await program.says(/live from now on/);
    await publishAllKinds(walk, "Bench");
    await program.says(/new_listing Bench\n/);
    await program.says(/listing_updated Bench\n/);
    await program.says(/notification An armchair\n/);
    await program.says(/system_message Sit down\n/);
    await walk.serve(walk.line);
    await program.says(/caught up with \d+ events/);
    await program.stop();
  },

  "python listen": async (walk, text) => {
    await walk.reader.write("listen.py", text);
    const program = walk.reader.start("python", ["listen.py"]);
    await program.says(/connected as ann/);
    await walk.publish({ title: "Hammock", price: 20 });
    await program.says(/Hammock 20/);
    await program.stop();
  },

  "sh stream": async (walk, text) => {
    const program = walk.reader.startLine(text);
    await program.says(/event: connection_status/);
    await program.says(/event: new_listing\ndata: .*"title":"2002 Corvette Z06"/);
    await walk.publish({ title: "Ladder", price: 25 });
    await program.says(/event: new_listing\ndata: .*"title":"Ladder"/);
    await program.stop();
  },
};

/** A page of the reader's own with this script. */
function page(script) {
  return `<!DOCTYPE html>\n<script src="/static/js/websocket-client.js"></script>\n<script>\n${script}</script>\n`;
}

/** Publishes one of everything, and gives the notification. */
async function publishAllKinds(walk, title) {
  await walk.publish({ title, price: 70 });
  await walk.publish({ title, price: 60 });
  await walk.request("POST", "/api/system-messages", { message: "Sit down", level: "success" });
  return walk.request("POST", "/api/users/ann/notifications", { type: "custom", data: { message: "An armchair" } });
}
