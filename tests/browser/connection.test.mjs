// What the dashboard says of its connection, and what it does about what it missed.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Network } from "../network.mjs";
import { SuperBot, until } from "../program.mjs";
import { launch, session } from "./chromium.mjs";

let superbot, browser, publish, cookie;

before(async () => {
  superbot = await SuperBot.start();
  browser = await launch();
  await superbot.addUser("ann");
  cookie = await superbot.signIn("ann");
  publish = await superbot.token("publish");
});

after(async () => {
  await browser?.close();
  await superbot?.remove();
});

async function signedIn() {
  const { context, faults } = await session(browser, { url: superbot.url, cookie });
  return { context, faults, page: await openTab(context) };
}

async function openTab(context, url = superbot.url) {
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForSelector("[data-state=live]");
  return page;
}

const row = (page, hasText) => page.locator(".feed-row", { hasText });

/** The titles that are shown, newest first. */
const titles = (page) => page.locator(".feed-title").allTextContents();

test("the page says when it is not live, and misses nothing of what came before it is again", async () => {
  const { page, context, faults } = await signedIn();
  await superbot.post({ title: "before the crash" }, publish);
  await row(page, "before the crash").waitFor();
  await superbot.stop("SIGKILL");
  await page.waitForSelector("[data-state=waiting]");
  await page.locator(".rail .connection", { hasText: /Reconnecting in \d s/ }).waitFor();
  await superbot.resume();
  for (let index = 0; index < 6; index += 1) await superbot.post({ title: `after the crash ${index}` }, publish);
  await page.waitForSelector("[data-state=live]");
  await row(page, "after the crash 5").waitFor();
  assert.deepEqual((await titles(page)).slice(0, 7), [5, 4, 3, 2, 1, 0].map((n) => `after the crash ${n}`).concat("before the crash"));
  assert.deepEqual(faults, []);
  await context.close();
});

test("a planned restart is announced and survived", async () => {
  const { page, context } = await signedIn();
  await superbot.stop("SIGTERM");
  await page.waitForSelector("[data-state=waiting]");
  await superbot.resume();
  await page.waitForSelector("[data-state=live]", { timeout: 60_000 });
  await superbot.post({ title: "after the restart" }, publish);
  await row(page, "after the restart").waitFor();
  await context.close();
});

test("cuts of the network lose nothing, repeat nothing, and are told of", async () => {
  const network = await Network.to(new URL(superbot.url).port);
  const { context, faults } = await session(browser, { url: network.url, cookie, viewport: { width: 1280, height: 4_000 } });
  const page = await openTab(context, network.url);
  for (let cut = 0; cut < 3; cut += 1) {
    network.cut();
    await page.waitForSelector("[data-state=waiting]");
    for (let index = 0; index < 6; index += 1) await superbot.post({ title: `cut ${cut} ${index}` }, publish);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    network.mend();
    await page.waitForSelector("[data-state=live]");
    await page.locator(".toast-card", { hasText: "You were away: 6 events replayed." }).first().waitFor();
    await row(page, `cut ${cut} 5`).waitFor();
  }
  const shown = (await titles(page)).filter((title) => title.startsWith("cut"));
  const expected = [2, 1, 0].flatMap((cut) => [5, 4, 3, 2, 1, 0].map((index) => `cut ${cut} ${index}`));
  assert.deepEqual(shown, expected);
  assert.deepEqual(faults, []);
  await context.close();
  await network.remove();
});

test("a page that comes back says how much it caught up with", async () => {
  const { page, context } = await signedIn();
  await page.goto("about:blank");
  for (let index = 0; index < 8; index += 1) await superbot.post({ title: `while away ${index}` }, publish);
  await page.goto(superbot.url);
  await page.locator(".toast-card", { hasText: "You were away: 8 events replayed." }).waitFor();
  await row(page, "while away 7").waitFor();
  assert.equal((await titles(page)).filter((title) => title.startsWith("while away")).length, 8);
  await context.close();
});

test("after events that will not come again, everything is loaded anew", async () => {
  const { page, context } = await signedIn();
  await row(page, "while away 7").waitFor();
  // A store restored from a backup has another epoch than the one that this tab remembers.
  await page.evaluate(() => {
    const key = Object.keys(sessionStorage).find((name) => name.startsWith("superbot:cursor"));
    sessionStorage.setItem(key, JSON.stringify({ ...JSON.parse(sessionStorage.getItem(key)), epoch: "another" }));
  });
  await page.goto("about:blank");
  await superbot.post({ title: "while it was gone" }, publish);
  await page.goto(superbot.url);
  await row(page, "while it was gone").waitFor();
  await page.waitForSelector("[data-state=live]");
  assert.equal(await row(page, "while it was gone").count(), 1);
  await context.close();
});

test("two tabs show the same, each live for itself", async () => {
  const { page, context } = await signedIn();
  const second = await openTab(context);
  for (let index = 0; index < 5; index += 1) await superbot.post({ title: `both ${index}` }, publish);
  for (const tab of [page, second]) {
    await row(tab, "both 4").waitFor();
    assert.deepEqual((await titles(tab)).slice(0, 5), [4, 3, 2, 1, 0].map((index) => `both ${index}`));
  }
  for (const message of ["first", "second"]) {
    await superbot.request("POST", "/api/users/ann/notifications", { type: "custom", data: { message } }, publish);
  }
  for (const tab of [page, second]) await until("the title to count", async () => (await tab.title()).startsWith("(2) "));
  await context.close();
});

test("system messages are shown as text until they are put away", async () => {
  const { page, context, faults } = await signedIn();
  const message = `<img src=x onerror="window.__pwned=1">`;
  await superbot.request("POST", "/api/system-messages", { message, level: "warning" }, publish);
  const banner = page.locator(".banners .alert[data-level=warning]");
  await banner.waitFor();
  assert.match(await banner.textContent(), /<img src=x/);
  await banner.getByRole("button").click();
  assert.equal(await banner.count(), 0);
  assert.equal(await page.evaluate(() => window.__pwned), undefined);
  assert.deepEqual(faults, []);
  await context.close();
});
