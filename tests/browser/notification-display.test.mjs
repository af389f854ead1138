// How notifications are shown: sound, the browser's own notifications, quiet hours, floods, accessibility.
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../program.mjs";
import { inAllLooks } from "./axe.mjs";
import { inboxFixture } from "./inbox.mjs";

const bed = inboxFixture();
const { open, api, notify, alert, row, arrival, unreadIn } = bed;

/** Counts what the page does with the loudspeaker and the browser's notifications. */
const COUNTED = () => {
  // An empty page has no storage.
  if (location.protocol !== "http:") return;
  window.__tones = 0;
  window.__shown = [];
  AudioContext.prototype.createOscillator = new Proxy(AudioContext.prototype.createOscillator, {
    apply: (target, self, args) => (window.__tones++, Reflect.apply(target, self, args)),
  });
  window.Notification = class {
    static permission = localStorage.getItem("permission") ?? "default";
    static async requestPermission() {
      localStorage.setItem("permission", "granted");
      return (window.Notification.permission = "granted");
    }
    constructor(title, options) {
      window.__shown.push([title, options.body]);
    }
    close() {}
  };
  document.hasFocus = () => false;
};

test("the sound is off until it is wished for, and the browser shows nothing until it is asked to", async () => {
  await alert("lamp");
  const { page, context, faults } = await open("/notifications", { init: COUNTED });
  const told = async (title) => {
    await bed.superbot.post({ title, price: 10 }, bed.publish);
    await row(page, title).waitFor();
    return page.evaluate(() => [window.__tones > 0, window.__shown.length]);
  };
  assert.deepEqual(await told("Lamp one"), [false, 0]);
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("switch", { name: "Make a sound" }).click();
  await page.getByRole("button", { name: "Ask the browser to show them" }).click();
  await page.getByRole("switch", { name: "For price alerts and saved searches" }).waitFor();
  await until("the preference", async () => (await api("GET", "/api/preferences")).sound === true);
  await page.keyboard.press("Escape");
  await page.evaluate(() => (window.__tones = 0));
  assert.deepEqual(await told("Lamp two"), [true, 1]);
  // Whoever looks at the page sees it there.
  await page.evaluate(() => (document.hasFocus = () => true));
  assert.deepEqual((await told("Lamp at sight"))[1], 1);
  await page.evaluate(() => (document.hasFocus = () => false));
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("switch", { name: "For price alerts and saved searches" }).click();
  await page.getByRole("switch", { name: "Make a sound" }).click();
  await page.keyboard.press("Escape");
  await page.evaluate(() => { window.__tones = 0; localStorage.removeItem("superbot:last-sound"); });
  assert.deepEqual(await told("Lamp three"), [false, 1]);
  assert.deepEqual(faults, []);
  await context.close();
});

test("nothing pops up or sounds in the quiet hours, but it is in the inbox", async () => {
  await alert("owl");
  await api("PATCH", "/api/preferences", { quiet_hours: { from: "00:00", to: "00:00" }, sound: true });
  const { page, context } = await open("/alerts", { init: COUNTED });
  await page.evaluate(() => (window.Notification.permission = "granted"));
  await notify("custom", { message: "in the night" });
  await bed.superbot.post({ title: "Night owl", price: 20 }, bed.publish);
  await unreadIn(page, 2);
  assert.equal(await page.locator(".arrival").count(), 0);
  assert.deepEqual(await page.evaluate(() => [window.__tones, window.__shown.length]), [0, 0]);
  await page.goto(`${bed.superbot.url}/notifications`);
  await row(page, "in the night").waitFor();
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByText("It is quiet now").waitFor();
  await page.getByRole("switch", { name: "Do not disturb" }).click();
  await page.keyboard.press("Escape");
  await page.goto(`${bed.superbot.url}/alerts`);
  await page.waitForSelector("[data-state=live]", { state: "attached" });
  await page.evaluate(() => (window.Notification.permission = "granted"));
  await bed.superbot.post({ title: "Morning owl", price: 20 }, bed.publish);
  await arrival(page, "Morning owl").waitFor();
  await page.waitForFunction(() => window.__shown.length === 1);
  await context.close();
});

test("what keeps the browser from showing notifications is said plainly", async () => {
  for (const [init, words] of [
    [() => Object.defineProperty(window, "isSecureContext", { value: false }), /only for pages opened over https/],
    [() => void (window.Notification = undefined), /has no notifications for pages/],
    [() => void (window.Notification = class { static permission = "denied"; }), /You have blocked notifications for this page/],
  ]) {
    const { page, context } = await open("/notifications", { init });
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByText(words).waitFor();
    assert.equal(await page.getByRole("button", { name: "Ask the browser" }).count(), 0);
    await context.close();
  }
});

test("of a flood a few are shown and the rest are counted", async () => {
  const { page, context } = await open("/alerts");
  for (let number = 1; number <= 8; number += 1) await notify("custom", { message: `flood ${number}` });
  await page.locator(".arrival-more", { hasText: "and 5 more" }).waitFor();
  assert.equal(await page.locator(".arrival:not(.arrival-more)").count(), 3);
  await page.getByRole("link", { name: "and 5 more" }).click();
  await page.waitForURL("**/notifications");
  await row(page, "flood 1").waitFor();
  assert.equal(await page.locator(".arrival").count(), 0);
  await context.close();
});

test("the pages keep to the rules of accessibility", async () => {
  await alert("bike");
  const { id } = await api("POST", "/api/saved-searches", { name: "Bikes", keywords: "bike", cadence: "daily" });
  await bed.superbot.post({ title: "Bike", price: 10, location: "Provo" }, bed.publish);
  const listing = (number) => ({ id: number, title: `Tent ${number}`, price: 1, currency: "USD", link: "https://example.org/t", source: "ksl" });
  await notify("saved_search", { message: "2 new", search_id: id, search_name: "Bikes", results_count: 2, listings: [listing(1), listing(2)] });
  await notify("source_status", { message: "no alerts from ksl", source: "ksl", state: "blocked" });
  await notify("source_status", { message: "ksl is back", source: "ksl", state: "ok" });
  await notify("custom", { message: "hello" });
  const inbox = await inAllLooks(async (options) => {
    const opened = await open("/notifications", options);
    await row(opened.page, "Bike").first().waitFor();
    await opened.page.getByRole("button", { name: "2 new" }).click();
    await opened.page.keyboard.press("j");
    return opened;
  });
  assert.deepEqual(inbox, [], "the inbox");
  const settings = await inAllLooks(async (options) => {
    const opened = await open("/notifications", options);
    await opened.page.getByRole("button", { name: "Settings" }).click();
    if ((await opened.page.locator("input[type=time]").count()) === 0) await opened.page.getByRole("switch", { name: "Do not disturb" }).click();
    await opened.page.getByLabel("from").waitFor();
    return opened;
  });
  assert.deepEqual(settings, [], "the settings");
  await api("PATCH", "/api/preferences", { quiet_hours: null });
  let number = 0;
  const arriving = await inAllLooks(async (options) => {
    const opened = await open("/alerts", options);
    await bed.superbot.post({ title: `Bike ${++number}`, price: 10 }, bed.publish);
    for (const message of ["a", "b", "c", "d"]) await notify("custom", { message });
    await bed.superbot.post({ title: `Bike ${++number}`, price: 10 }, bed.publish);
    await arrival(opened.page, `Bike ${number}`).waitFor();
    return opened;
  });
  assert.deepEqual(arriving, [], "what arrives");
});
