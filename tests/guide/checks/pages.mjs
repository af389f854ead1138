// Alerts, browser notifications, and the reader's own dashboard.
import assert from "node:assert/strict";
import { until } from "../../program.mjs";

/** Keeps what would be shown on the desktop. */
function recordNotifications() {
  window.shown = [];
  window.Notification = class {
    static permission = "default";
    static requestPermission() {
      Notification.permission = "granted";
      return Promise.resolve("granted");
    }
    constructor(title) {
      shown.push(title);
    }
  };
}

export const pages = {
  "sh alerts": (walk, text) =>
    walk.hearing(async (heard) => {
      assert.match(await walk.shell(text), /"keywords":"kayak -inflatable"/);
      assert.match(walk.said, /matches/);
      await walk.publish({ title: "Inflatable kayak", price: 90 });
      await walk.publish({ title: "Sea kayak", price: 480 });
      const alert = await heard.next("notification", ({ type }) => type === "price_alert");
      assert.equal(alert.data.listing.title, "Sea kayak");
      await heard.next("notification", ({ data }) => data.search_name === "Boats");
    }),

  "html notify": (walk, text) =>
    walk.ownPage("notify", text, async (page) => {
      await page.click("#notify");
      await page.waitForFunction(() => document.querySelector("#answer").textContent === "granted");
      await walk.publish({ title: "Touring kayak", price: 300 });
      for (const title of ["Price alert", "Boats", "Touring kayak"]) {
        await until(`${title} on the desktop`, () => page.evaluate((wanted) => shown.includes(wanted), title));
      }
    }, { before: recordNotifications }),

  "html dashboard": (walk, text) =>
    walk.ownPage("dashboard", text, async (page) => {
      const first = (list) => page.evaluate((id) => document.querySelector(`#${id} li`)?.textContent, list);
      await until("the newest listing", async () => (await first("listings")) === "Touring kayak: 300 USD");
      const title = `<img src=x onerror="window.pwned = true">`;
      await walk.publish({ title, link: "https://example.org/evil", price: 5 });
      await until("the title as text", async () => (await first("listings")) === `${title}: 5 USD`);
      assert.equal(await page.evaluate(() => document.images.length), 0);
      await walk.request("POST", "/api/system-messages", { message: "All is well", level: "success" });
      await until("the message", async () => (await first("messages")) === "success: All is well");
      await walk.request("PUT", "/api/scraper-status", { facebook: false, ksl: true });
      await page.waitForFunction(() => [...document.querySelectorAll("#scrapers .runs")].some((it) => it.textContent === "ksl "));
      await page.waitForFunction(() => document.querySelector("#connection").textContent === "live");
    }),
};
