// The program's own pages: set-up, sign-in, and the live page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PASSWORD, SuperBot, until } from "../program.mjs";
import { launch, session } from "./chromium.mjs";

const EVIL = `<img src=x onerror="window.__pwned=1"><b>bold</b>`;

let superbot, browser, publish;

before(async () => {
  superbot = await SuperBot.start({ "auth.registration": "open" });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await superbot?.remove();
});

async function signedIn(username) {
  const cookie = await superbot.signIn(username);
  const { context, faults } = await session(browser, { url: superbot.url, cookie });
  const page = await context.newPage();
  await page.goto(superbot.url);
  await page.waitForSelector("[data-state=live]");
  return { page, context, faults };
}

test("the link of the first run makes the admin, who is signed in at once", async () => {
  const { context, faults } = await session(browser);
  const page = await context.newPage();
  await page.goto(superbot.url);
  await page.waitForURL("**/login");
  await page.waitForSelector("#setup-needed:not([hidden])");
  await page.goto(/\S+\/setup#\S+/.exec(superbot.log)[0]);
  await page.fill("#username", "root");
  await page.fill("#password", "short");
  await page.click("button[type=submit]");
  await page.waitForSelector("#password[aria-invalid=true]");
  await page.fill("#password", PASSWORD);
  await page.click("button[type=submit]");
  await page.waitForSelector("[data-state=live]");
  assert.equal(await page.textContent("#account-name"), "root");
  assert.equal(await page.isVisible("#feed-empty"), true);
  await page.goto(`${superbot.url}/setup`);
  await page.waitForSelector("#done:not([hidden])");
  assert.deepEqual(faults, []);
  await context.close();
  publish = await superbot.token("publish");
});

test("signing in leads to where one wanted to go, and nowhere else; signing out ends it", async () => {
  await superbot.addUser("ann");
  const { context, faults } = await session(browser);
  const page = await context.newPage();
  await page.goto(`${superbot.url}/?from=mail`);
  await page.waitForURL("**/login?next=*");
  await page.fill("#username", "ann");
  await page.fill("#password", "wrong");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#sign-in .problem:not([hidden])");
  await page.fill("#password", PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/?from=mail");
  await page.waitForSelector("[data-state=live]");
  await page.click("#sign-out");
  await page.waitForURL("**/login");
  await page.goto(`${superbot.url}/login?next=//evil.example/`);
  await page.fill("#username", "ann");
  await page.fill("#password", PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${superbot.url}/`);
  assert.deepEqual(faults, []);
  await context.close();
});

test("an account can be made where registration is open", async () => {
  const { context } = await session(browser);
  const page = await context.newPage();
  await page.goto(`${superbot.url}/login`);
  await page.click("text=Make an account");
  await page.fill("#new-username", "bob");
  await page.fill("#new-password", PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-state=live]");
  assert.equal(await page.textContent("#account-name"), "bob");
  await context.close();
});

test("listings arrive live, as text, and show when they became cheaper", async () => {
  const { page, context, faults } = await signedIn("ann");
  await superbot.post({ title: `Civic ${EVIL}`, price: 9_900, link: "https://example.org/civic", location: "Ogden" }, publish);
  const card = page.locator(".listing", { hasText: "Civic" });
  await card.waitFor();
  assert.equal(await card.locator("h2").textContent(), `Civic ${EVIL}`);
  assert.equal(await card.locator(".price").textContent(), "$9,900");
  assert.equal(await card.locator("a").getAttribute("href"), "https://example.org/civic");
  assert.equal(await card.locator("a").getAttribute("rel"), "noopener noreferrer");
  await superbot.post({ title: `Civic ${EVIL}`, price: 8_900, link: "https://example.org/civic", location: "Ogden" }, publish);
  await card.locator("s", { hasText: "$9,900" }).waitFor();
  assert.match(await card.locator(".price").textContent(), /\$8,900.*10% less/);
  await page.reload();
  await card.locator("s", { hasText: "$9,900" }).waitFor();
  assert.equal(await page.locator(".listing").count(), 1);
  assert.equal(await page.evaluate(() => window.__pwned), undefined);
  assert.deepEqual(faults, []);
  await context.close();
});

test("a picture that does not load becomes a tile", async () => {
  const { page, context } = await signedIn("ann");
  await superbot.post({ title: "Sofa", image_url: `${superbot.url}/favicon.svg` }, publish);
  await superbot.post({ title: "Lamp", image_url: `${superbot.url}/missing.png` }, publish);
  await page.locator(".listing", { hasText: "Sofa" }).locator("img.picture").waitFor();
  await page.locator(".listing", { hasText: "Lamp" }).locator("div.picture", { hasText: "K" }).waitFor();
  await context.close();
});

test("notifications are counted, and reading them in one tab clears the other", async () => {
  const { page, context } = await signedIn("bob");
  const second = await context.newPage();
  await second.goto(superbot.url);
  await second.waitForSelector("[data-state=live]");
  for (const message of [`first ${EVIL}`, "second"]) {
    await superbot.request("POST", "/api/users/bob/notifications", { type: "custom", data: { message } }, publish);
  }
  for (const tab of [page, second]) {
    await tab.locator("#unread-count", { hasText: "2" }).waitFor();
    assert.equal(await tab.title(), "(2) Super-Bot");
  }
  assert.equal(await page.locator(".notification p", { hasText: "first" }).textContent(), `first ${EVIL}`);
  await page.locator(".notification", { hasText: "second" }).getByRole("button").click();
  for (const tab of [page, second]) await tab.locator("#unread-count", { hasText: "1" }).waitFor();
  await second.click("#read-all");
  for (const tab of [page, second]) await tab.waitForSelector("#unread-count[hidden]", { state: "attached" });
  await page.reload();
  await page.locator(".notification", { hasText: "second" }).waitFor();
  assert.equal(await page.locator(".notification.unread").count(), 0);
  assert.equal(await page.evaluate(() => window.__pwned), undefined);
  await context.close();
});

test("sources and system messages are shown", async () => {
  const { page, context } = await signedIn("ann");
  await page.locator(".source[data-running=false]", { hasText: "Craigslist stopped" }).waitFor();
  await superbot.request("PUT", "/api/scraper-status", { craigslist: true }, publish);
  await page.locator(".source[data-running=true]", { hasText: "Craigslist running" }).waitFor();
  await superbot.request("POST", "/api/system-messages", { message: EVIL, level: "warning" }, publish);
  const banner = page.locator(".banner[data-level=warning]");
  await banner.waitFor();
  assert.match(await banner.textContent(), /<img src=x/);
  await banner.getByRole("button").click();
  assert.equal(await banner.count(), 0);
  await context.close();
});

test("the page says when it is not live, and is again after the server's return", async () => {
  const { page, context } = await signedIn("ann");
  await superbot.stop("SIGKILL");
  await page.waitForSelector("[data-state=waiting]");
  await superbot.resume();
  await page.waitForSelector("[data-state=live]");
  await superbot.post({ title: "After the crash" }, publish);
  await page.locator(".listing", { hasText: "After the crash" }).waitFor();
  await context.close();
});

test("whoever is signed out elsewhere is sent to the sign-in page", async () => {
  const { page, context } = await signedIn("bob");
  await context.request.post(`${superbot.url}/api/auth/logout`, { headers: { Origin: superbot.url } });
  await page.waitForURL("**/login");
  await context.close();
});

test("a narrow window shows everything without scrolling sideways", async () => {
  const cookie = await superbot.signIn("bob");
  const { context } = await session(browser, { url: superbot.url, cookie, viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  await page.goto(superbot.url);
  await page.waitForSelector("[data-state=live]");
  assert.equal(await page.isVisible("#notifications"), false);
  await page.click("#bell");
  assert.equal(await page.isVisible("#notifications"), true);
  await until("the layout to fit", () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await context.close();
});
