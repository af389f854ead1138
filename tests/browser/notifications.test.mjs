// Notifications: counted, listed, shown as they arrive, and what can be done about them from there.
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../program.mjs";
import { session } from "./chromium.mjs";
import { inboxFixture } from "./inbox.mjs";

const EVIL = `<img src=x onerror="window.__pwned=1"><b>bold</b>`;

const bed = inboxFixture();
const { open, api, notify, alert, alerts, row, arrival, unreadIn } = bed;

test("the count is in step in two tabs: in the bell, the title and the icon", async () => {
  const first = await open("/alerts");
  const second = await open("/notifications", { beside: first });
  const icon = (page) => page.locator("link[rel=icon]").getAttribute("href");
  assert.equal(await icon(first.page), "/favicon.svg");
  for (const message of ["one", "two", "three"]) await notify("custom", { message });
  for (const { page } of [first, second]) {
    await unreadIn(page, 3);
    await page.locator(".rail .count", { hasText: "3" }).waitFor();
    await until("the icon", async () => (await icon(page)).startsWith("data:image/png"));
  }
  await row(second.page, "two").getByRole("button", { name: "Mark as read" }).click();
  for (const { page } of [first, second]) await unreadIn(page, 2);
  await arrival(first.page, "two").waitFor({ state: "detached" });
  assert.equal(await row(second.page, "two").getAttribute("data-unread"), "false");
  await second.page.getByRole("button", { name: "Mark all as read" }).click();
  for (const { page } of [first, second]) {
    await unreadIn(page, 0);
    await until("the icon", async () => (await icon(page)) === "/favicon.svg");
  }
  await second.page.locator(".inbox-row[data-unread=true]").waitFor({ state: "detached" });
  await first.page.locator(".arrival").first().waitFor({ state: "detached" });
  assert.deepEqual([first.faults, first.errors], [[], []]);
  await first.context.close();
});

test("what was missed is counted once when the page comes back", async () => {
  const { page, context } = await open("/alerts");
  await notify("custom", { message: "seen" });
  await unreadIn(page, 1);
  await page.goto("about:blank");
  for (const message of ["a", "b"]) await notify("custom", { message });
  await page.goto(`${bed.superbot.url}/notifications`);
  await row(page, "b").waitFor();
  await unreadIn(page, 3);
  // The replay of what was missed must not be added to what the server has counted already.
  await page.waitForSelector("[data-state=live]", { state: "attached" });
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await unreadIn(page, 3);
  assert.equal(await page.locator(".inbox-row").count(), 3);
  await context.close();
});

test("two users are told their own only", async () => {
  const mine = await open("/notifications");
  const other = "someone-else";
  await bed.superbot.addUser(other);
  const theirs = await open("/notifications", { beside: await session(bed.browser, { url: bed.superbot.url, cookie: await bed.superbot.signIn(other) }) });
  await notify("custom", { message: "for me" });
  await notify("custom", { message: "for them" }, other);
  await row(mine.page, "for me").waitFor();
  await row(theirs.page, "for them").waitFor();
  await unreadIn(mine.page, 1);
  await unreadIn(theirs.page, 1);
  assert.equal(await mine.page.getByText("for them").count(), 0);
  assert.equal(await theirs.page.getByText("for me").count(), 0);
  await mine.context.close();
  await theirs.context.close();
});

test("an alert's notification shows a hostile listing as text, in the corner and in the inbox", async () => {
  await alert("civic");
  const { page, context, faults, errors } = await open("/alerts");
  const title = `Civic ${EVIL} gnirts`;
  // What would turn the text around is taken out when it is posted.
  const posted = title.replace("gnirts", "\u202egnirts");
  await bed.superbot.post({ title: posted, price: 900, link: "https://example.org/civic", location: EVIL }, bed.publish);
  await arrival(page, "Civic").waitFor();
  assert.equal(await arrival(page, "Civic").locator(".arrival-title").textContent(), title);
  await page.goto(`${bed.superbot.url}/notifications`);
  await row(page, "Civic").waitFor();
  assert.equal(await row(page, "Civic").locator("h2").textContent(), title);
  assert.equal(await row(page, "Civic").getByRole("link", { name: "Open the ad" }).getAttribute("rel"), "noopener noreferrer");
  await notify("price_alert", { message: EVIL, keywords: EVIL, listing: { title: "A".repeat(10_000), link: "javascript:window.__pwned=1", image_url: "javascript:1" } });
  await notify("saved_search", { message: EVIL, search_name: EVIL, listings: [{ title: EVIL, link: "javascript:window.__pwned=1" }] });
  await notify("custom", { message: EVIL, link: "javascript:window.__pwned=1" });
  await notify("strange-type", { anything: { nested: true }, number: 7 });
  await row(page, "number: 7").getByText("Strange type").waitFor();
  assert.equal(await page.locator("a[href^='javascript:']").count(), 0);
  for (const box of await page.locator(".inbox-row").all()) assert.ok((await box.boundingBox()).height < 160, await box.textContent());
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 900 });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `${width} px`);
  }
  assert.equal(await page.evaluate(() => window.__pwned), undefined);
  assert.deepEqual([faults, errors], [[], []]);
  await context.close();
});

test("an alert is paused from what arrives and from the inbox, and undone", async () => {
  await alert("sofa");
  const { page, context } = await open("/alerts");
  await bed.superbot.post({ title: "Sofa one", price: 10 }, bed.publish);
  await arrival(page, "Sofa one").getByRole("button", { name: "Pause this alert" }).click();
  await page.getByText("Paused: sofa").waitFor();
  assert.equal((await alerts())[0].active, false);
  await arrival(page, "Sofa one").waitFor({ state: "detached" });
  await page.getByText("Paused", { exact: true }).waitFor();
  await unreadIn(page, 0);
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("The alert goes on.").waitFor();
  assert.equal((await alerts())[0].active, true);
  await page.goto(`${bed.superbot.url}/notifications`);
  await row(page, "Sofa one").hover();
  await row(page, "Sofa one").getByRole("button", { name: "Pause this alert" }).click();
  await until("the pause", async () => !(await alerts())[0].active);
  // Pausing what is paused already must not set it going.
  await row(page, "Sofa one").getByRole("button", { name: "Pause this alert" }).click();
  await page.getByText("Paused: sofa").nth(1).waitFor();
  assert.equal((await alerts())[0].active, false);
  await context.close();
});

test("a search is paused from its notification, which lists what it found", async () => {
  const search = await api("POST", "/api/saved-searches", { name: "Tents", keywords: "tent", cadence: "instant" });
  const listing = (id) => ({ id, title: `Tent ${id}`, price: id, currency: "USD", link: `https://example.org/tent/${id}`, source: "ksl" });
  const { page, context } = await open("/notifications");
  await notify("saved_search", {
    message: "12 new listings", search_id: search.id, search_name: "Tents", results_count: 12, listings: [listing(901), listing(902)],
  });
  await row(page, "12 new listings").getByRole("button", { name: "12 new listings" }).click();
  await row(page, "12 new listings").getByText("and 10 more").waitFor();
  assert.equal(await row(page, "12 new listings").getByRole("link", { name: "Tent 902" }).getAttribute("href"), "/listings/902");
  await unreadIn(page, 0);
  await row(page, "12 new listings").getByRole("button", { name: "Pause this search" }).click();
  await page.getByText("Paused: Tents").waitFor();
  assert.equal((await api("GET", `/api/saved-searches/${search.id}`)).notify_new, false);
  await page.getByRole("button", { name: "Undo" }).click();
  await until("the undoing", async () => (await api("GET", `/api/saved-searches/${search.id}`)).notify_new);
  await context.close();
});

test("not this one: the alert never tells of that listing again, unless that is undone", async () => {
  await alert("kayak");
  const { page, context } = await open("/alerts");
  const kayak = { title: "Kayak", link: "https://example.org/kayak" };
  await bed.superbot.post({ ...kayak, price: 900 }, bed.publish);
  await arrival(page, "Kayak").getByRole("button", { name: "Not this one" }).click();
  await page.getByText("Not told again: Kayak").waitFor();
  await arrival(page, "Kayak").waitFor({ state: "detached" });
  await unreadIn(page, 0);
  await bed.superbot.post({ ...kayak, price: 500 }, bed.publish);
  await bed.superbot.post({ title: "Another kayak", price: 500 }, bed.publish);
  await arrival(page, "Another kayak").waitFor();
  assert.equal(await page.locator(".arrival").count(), 1);
  await page.goto(`${bed.superbot.url}/notifications`);
  await row(page, "Another kayak").hover();
  await row(page, "Another kayak").getByRole("button", { name: "Not this one" }).click();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("Told again: Another kayak").waitFor();
  await bed.superbot.post({ title: "Another kayak", price: 100 }, bed.publish);
  await row(page, "$100").waitFor();
  await context.close();
});

test("the inbox is loaded page by page, filtered by what is read and by kind", async () => {
  const many = Array.from({ length: 130 }, (_, number) => ({ message: `number ${number}` }));
  for (const data of many) await notify(data.message.endsWith("7") ? "source_status" : "custom", { ...data, source: "ksl", state: "blocked" });
  const { page, context } = await open("/notifications");
  await row(page, "number 129").waitFor();
  await page.keyboard.press("End");
  await until("all", async () => {
    await page.keyboard.press("End");
    return (await page.locator(".inbox-row").count()) === 130;
  });
  await page.getByText("These are all.").waitFor();
  await page.getByLabel("Kind").selectOption("source_status");
  await page.waitForURL("**/notifications?kind=source_status");
  await until("the kind", async () => (await page.locator(".inbox-row").count()) === 13);
  await row(page, "umber 127").getByRole("button", { name: "Mark as read" }).click();
  await unreadIn(page, 129);
  await page.getByRole("button", { name: "Unread" }).click();
  await until("the unread", async () => (await page.locator(".inbox-row").count()) === 12);
  // What arrives while one reads further down waits.
  await page.goto(`${bed.superbot.url}/notifications`);
  await row(page, "number 129").waitFor();
  await page.mouse.wheel(0, 800);
  await page.waitForFunction(() => scrollY > 100);
  await notify("custom", { message: "newest" });
  await page.getByRole("button", { name: "1 new" }).click();
  await row(page, "newest").waitFor();
  assert.equal(await page.evaluate(() => scrollY), 0);
  await context.close();
});

test("the inbox is gone through by keyboard", async () => {
  await alert("tent");
  await bed.superbot.post({ title: "Tent one", price: 10 }, bed.publish);
  await bed.superbot.post({ title: "Tent two", price: 10 }, bed.publish);
  const { page, context } = await open("/notifications");
  await row(page, "Tent one").waitFor();
  for (const key of ["j", "j", "k", "e"]) await page.keyboard.press(key);
  await unreadIn(page, 1);
  assert.equal(await row(page, "Tent two").getAttribute("data-unread"), "false");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/listings\/\d+$/);
  await unreadIn(page, 0);
  // A listing that is not ours leads to its ad, and is read then.
  await page.keyboard.press("2");
  await page.waitForURL("**/notifications");
  await notify("price_alert", { message: "m", listing: { title: "Elsewhere", price: 5, link: `${bed.superbot.url}/api/docs` } });
  await row(page, "Elsewhere").waitFor();
  await page.keyboard.press("j");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Elsewhere");
  await page.keyboard.press("Enter");
  await unreadIn(page, 0);
  await page.keyboard.press("2");
  await page.waitForURL("**/notifications");
  await row(page, "Tent one").waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("?");
  await page.getByText("Mark it as read").waitFor();
  await context.close();
});

