// Price alerts: made in seconds, previewed while one types, paused, deleted, undone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { SuperBot, until } from "../program.mjs";
import { inAllLooks } from "./axe.mjs";
import { launch, openLive } from "./chromium.mjs";

let superbot, browser, publish;
const tokens = {};

before(async () => {
  superbot = await SuperBot.start();
  browser = await launch();
  publish = await superbot.token("publish");
  for (const name of ["ann", "bob", "cleo", "dora", "eve", "fay"]) {
    await superbot.addUser(name);
    tokens[name] = await superbot.token("user", name);
  }
  // What previews find.
  for (const [title, price] of [["Trek road bike", 250], ["Giant road bike", 280], ["Cannondale road bike", 900], ["Kids road bike", 40]]) {
    await superbot.post({ title, price }, publish);
  }
});

after(async () => {
  await browser?.close();
  await superbot?.remove();
});

async function open(name, path, options = {}) {
  return openLive(browser, superbot, path, { cookie: await superbot.signIn(name), ...options });
}

async function api(name, method, path, body) {
  const response = await superbot.request(method, path, body, tokens[name]);
  return response.status === 204 ? undefined : response.json();
}

const make = (name, fields) => api(name, "POST", "/api/price-alerts", { threshold_price: 300, ...fields });
const stored = async (name) => (await api(name, "GET", "/api/price-alerts")).items;
const row = (page, hasText) => page.locator(".query-row", { hasText });
const headline = (page, hasText) => page.locator(".preview-headline", { hasText });

test("the first alert is made in one field, and tells of the next ad that fits", async () => {
  const { page, context, faults, errors } = await open("ann", "/alerts");
  await page.getByLabel("What you look for, and for how much").fill("corvette -parts under 30,000");
  await page.keyboard.press("Enter");
  await row(page, "corvette -parts under $30,000").getByText("has told nothing yet").waitFor();
  await superbot.post({ title: "1998 Corvette", price: 28_000 }, publish);
  await row(page, "corvette -parts").getByText("last told").waitFor();
  assert.deepEqual((await stored("ann")).map(({ keywords, threshold_price, alert_type }) => [keywords, threshold_price, alert_type]), [
    ["corvette -parts", 30_000, "under"],
  ]);
  assert.deepEqual([faults, errors], [[], []]);
  await context.close();
});

test("the preview says while one types what the alert would have told, and what it only just would not", async () => {
  const { page, context } = await open("ann", "/alerts");
  await page.keyboard.press("n");
  await page.waitForURL("**/alerts/new");
  // The field has the keyboard by itself.
  await page.waitForFunction(() => document.activeElement.tagName === "TEXTAREA");
  await page.keyboard.type("road bike -kids");
  await headline(page, "The words fit 3 listings of the last 30 days").waitFor();
  await page.getByLabel("Price", { exact: true }).fill("300");
  await headline(page, "Would have told you 2 times in the last 30 days").waitFor();
  await page.locator(".listing-line", { hasText: "Giant road bike" }).getByText("$280").waitFor();
  await page.locator(".listing-line", { hasText: "Cannondale" }).locator(".because", { hasText: /The price .*900.* is over .*300/ }).waitFor();
  await page.locator(".listing-line", { hasText: "Kids road bike" }).locator(".because", { hasText: 'Excluded: "kids"' }).waitFor();
  await page.getByLabel("On which side of the price").selectOption("over");
  await headline(page, "Would have told you once").waitFor();
  await page.getByRole("button", { name: "Create alert" }).click();
  await row(page, "road bike -kids over $300").waitFor();
  await page.keyboard.press("n");
  await page.waitForFunction(() => document.activeElement.tagName === "TEXTAREA");
  await context.close();
});

test("a preview that is refused because another is under way is asked for again", async () => {
  const { page, context } = await open("ann", "/alerts/new?keywords=giant&threshold_price=300");
  await headline(page, "Would have told you once").waitFor();
  let refused = 0;
  await page.route("**/api/price-alerts/preview", (route) => {
    if (refused++ > 0) return route.continue();
    const body = JSON.stringify({ status: 429, code: "rate_limited", title: "Too many requests", detail: "a preview of yours is still under way" });
    return route.fulfill({ status: 429, contentType: "application/problem+json", headers: { "Retry-After": "1" }, body });
  });
  await page.getByLabel("What to look for").fill("trek, giant");
  await headline(page, "Would have told you 2 times").waitFor();
  assert.equal(refused, 2);
  await context.close();
});

test("the word that is wrong is marked where it stands, and chosen when one tries to save", async () => {
  const { page, context, faults, errors } = await open("ann", "/alerts/new?threshold_price=300");
  const field = page.getByLabel("What to look for");
  await field.fill("road co*rvette bike");
  await page.locator(".keywords mark", { hasText: /^co\*rvette$/ }).waitFor();
  await page.locator(".keywords-field .field-error", { hasText: "A * may stand only at the beginning and at the end of a word" }).waitFor();
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  // The mark lies exactly under the word.
  const box = await page.locator(".keywords mark").boundingBox();
  const area = await field.boundingBox();
  assert.ok(box.x > area.x + 40 && box.y >= area.y && box.y + box.height <= area.y + area.height, JSON.stringify([box, area]));
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => {
    const { value, selectionStart, selectionEnd } = document.activeElement;
    return value?.slice(selectionStart, selectionEnd) === "co*rvette";
  });
  await field.fill("(road bike");
  await page.locator(".keywords-field .field-error", { hasText: "parenthesis is not closed" }).waitFor();
  await field.fill("road bike");
  await page.locator(".keywords mark").waitFor({ state: "detached" });
  await page.getByLabel("Price", { exact: true }).fill("cheap");
  await page.getByText("The price is no amount").waitFor();
  await page.getByLabel("Price", { exact: true }).fill("");
  await page.getByRole("button", { name: "Create alert" }).click();
  await page.getByText("The price is missing").waitFor();
  await page.waitForFunction(() => document.activeElement?.getAttribute("aria-invalid") === "true");
  assert.deepEqual([faults, errors], [[], []], "what is typed is no error of the page");
  await context.close();
});

test("an alert is changed, paused, resumed and duplicated", async () => {
  const { id } = await make("bob", { keywords: "canoe", cooldown_minutes: 90, include_free: true, sources: ["ksl"] });
  const { page, context } = await open("bob", `/alerts/${id}`);
  await page.getByLabel("What to look for").fill("canoe, kayak");
  await page.getByRole("checkbox", { name: "Craigslist" }).click();
  await page.getByLabel("How often").selectOption("60");
  await page.getByRole("button", { name: "Save" }).click();
  await row(page, "canoe, kayak").getByText("Craigslist, KSL").waitFor();
  const [changed] = await stored("bob");
  assert.deepEqual([changed.keywords, changed.sources, changed.cooldown_minutes, changed.include_free], ["canoe, kayak", ["craigslist", "ksl"], 60, true]);
  await page.getByRole("switch", { name: "Tells: canoe, kayak" }).click();
  await row(page, "canoe").getByText("Paused").waitFor();
  await until("the pause", async () => !(await stored("bob"))[0].active);
  await page.getByRole("switch", { name: "Tells: canoe, kayak" }).click();
  await until("the resumption", async () => (await stored("bob"))[0].active);
  await page.getByRole("link", { name: "Duplicate canoe, kayak" }).click();
  await page.waitForURL("**/alerts/new?*");
  await page.getByLabel("Price", { exact: true }).fill("$1.5k");
  await page.getByRole("button", { name: "Create alert" }).click();
  await row(page, "under $1,500").waitFor();
  assert.deepEqual((await stored("bob")).map(({ threshold_price, sources }) => [threshold_price, sources]), [
    [1_500, ["craigslist", "ksl"]], [300, ["craigslist", "ksl"]],
  ]);
  await context.close();
});

test("a deletion can be undone; it is done when the page is left", async () => {
  await make("cleo", { keywords: "sofa" });
  await make("cleo", { keywords: "table" });
  const { page, context } = await open("cleo", "/alerts");
  const names = () => page.locator(".query-name a").allTextContents();
  await page.getByRole("button", { name: "Delete table" }).click();
  await row(page, "table").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await row(page, "table").waitFor();
  assert.deepEqual(await names(), ["table", "sofa"]);
  assert.equal((await stored("cleo")).length, 2);
  await page.getByRole("button", { name: "Delete sofa" }).click();
  await row(page, "sofa").waitFor({ state: "detached" });
  await page.goto(`${superbot.url}/api/docs`);
  await until("the deletion", async () => (await stored("cleo")).map(({ keywords }) => keywords).join() === "table");
  await context.close();
});

test("a deletion is done by itself when the time to undo it is over", async () => {
  const { id } = await make("cleo", { keywords: "lamp" });
  const { page, context } = await open("cleo", `/alerts/${id}`);
  await page.getByRole("button", { name: "Delete" }).click();
  await page.waitForURL("**/alerts");
  await row(page, "table").waitFor();
  assert.equal(await row(page, "lamp").count(), 0);
  assert.equal((await stored("cleo")).length, 2);
  await until("the deletion", async () => (await stored("cleo")).length === 1);
  await context.close();
});

test("what was typed and not saved can be gone back to", async () => {
  const { page, context } = await open("eve", "/alerts/new");
  await page.getByLabel("What to look for").fill("half a wish");
  await page.getByRole("link", { name: "Cancel" }).click();
  await page.getByText("What you typed was not saved.").waitFor();
  await page.getByRole("button", { name: "Go on" }).click();
  await page.waitForURL("**/alerts/new");
  assert.equal(await page.getByLabel("What to look for").inputValue(), "half a wish");
  await page.getByLabel("What to look for").fill("");
  await page.getByRole("link", { name: "Cancel" }).click();
  await page.getByRole("heading", { name: "What are you looking for" }).waitFor();
  assert.equal(await page.getByText("What you typed was not saved.").count(), 0);
  await context.close();
});

test("users see their own alerts only, and an address of another's is no alert", async () => {
  const { id } = await make("dora", { keywords: "secret wish" });
  const { page, context } = await open("eve", "/alerts");
  await page.getByRole("heading", { name: "What are you looking for, and for how much?" }).waitFor();
  await page.goto(`${superbot.url}/alerts/${id}`);
  await page.getByRole("heading", { name: "There is no such alert" }).waitFor();
  assert.equal(await page.getByText("secret wish").count(), 0);
  await context.close();
});

test("what was typed elsewhere fills the form, and markup in it stays text", async () => {
  const evil = `<img src=x onerror="window.__pwned=1">`;
  const { page, context, faults } = await open("eve", `/alerts/new?keywords=${encodeURIComponent(evil)}&threshold_price=5&sources=ksl`);
  assert.equal(await page.getByLabel("What to look for").inputValue(), evil);
  assert.equal(await page.locator(".keywords-behind img").count(), 0);
  assert.equal(await page.getByRole("checkbox", { name: "KSL" }).isChecked(), true);
  assert.equal(await page.evaluate(() => window.__pwned), undefined);
  assert.deepEqual(faults, []);
  await context.close();
});

test("the list is gone through by keyboard", async () => {
  await make("eve", { keywords: "first" });
  await make("eve", { keywords: "second" });
  const { page, context } = await open("eve", "/alerts");
  await row(page, "first").waitFor();
  for (const key of ["j", "j", "j", "k", "j"]) await page.keyboard.press(key);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "first");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/alerts\/\d+$/);
  assert.equal(await page.getByLabel("What to look for").inputValue(), "first");
  await context.close();
});

test("saved searches are made, run, paused, changed and deleted", async () => {
  const { page, context, faults, errors } = await open("dora", "/searches");
  await page.getByLabel("What to look for").fill("road bike");
  await page.keyboard.press("Enter");
  await headline(page, "Finds 4 listings of the last 30 days").waitFor();
  await page.getByLabel("Highest price").fill("much");
  await page.getByRole("button", { name: "Save search" }).click();
  await page.getByText("This is no amount").waitFor();
  await page.getByLabel("Lowest price").fill("500");
  await page.getByLabel("Highest price").fill("300");
  await page.locator(".field-error", { hasText: "more than max_price" }).waitFor();
  await page.getByLabel("Lowest price").fill("");
  await headline(page, "Finds 3 listings").waitFor();
  await page.getByLabel("How often").selectOption("instant");
  await page.getByRole("button", { name: "Save search" }).click();
  await row(page, "road bike").getByText("up to $300").waitFor();
  await page.getByRole("button", { name: "Run now: road bike" }).click();
  await page.locator(".query-results").getByText("Found 3 listings").waitFor();
  await page.locator(".query-results .listing-line", { hasText: "Trek road bike" }).waitFor();
  await page.getByRole("switch", { name: "Tells: road bike" }).click();
  await row(page, "road bike").getByText("Paused").waitFor();
  await page.getByRole("link", { name: "road bike", exact: true }).click();
  await page.getByLabel("Name").fill("Bikes");
  await page.getByRole("button", { name: "Save" }).click();
  await row(page, "Bikes").waitFor();
  const { items } = await api("dora", "GET", "/api/saved-searches");
  assert.deepEqual(items.map(({ name, max_price, notify_new, cadence }) => [name, max_price, notify_new, cadence]), [["Bikes", 300, false, "instant"]]);
  await page.getByRole("button", { name: "Delete Bikes" }).click();
  await page.getByRole("heading", { name: "Keep a search" }).waitFor();
  await page.getByRole("button", { name: "Dismiss" }).last().click();
  await until("the deletion", async () => (await api("dora", "GET", "/api/saved-searches")).items.length === 0);
  assert.deepEqual(faults, []);
  assert.deepEqual(errors, []);
  await context.close();
});

test("the pages keep to the rules of accessibility", async () => {
  for (let look = 0; look < 4; look += 1) await make("fay", { keywords: "spare" });
  await make("fay", { keywords: "second" });
  const { id } = await make("fay", { keywords: "road bike -kids", sources: ["ksl"], cooldown_minutes: 60 });
  const search = await api("fay", "POST", "/api/saved-searches", { name: "Bikes", keywords: "road bike", max_price: 300 });
  const looks = async (path, prepare) => {
    const found = await inAllLooks(async (options) => {
      const opened = await open("fay", path, options);
      await prepare(opened.page);
      return opened;
    });
    assert.deepEqual(found, [], path);
  };
  await looks("/alerts", async (page) => {
    await page.getByRole("switch", { name: "Tells: second" }).click();
    await page.getByRole("button", { name: "Delete spare" }).first().click();
    await page.getByRole("button", { name: "Undo" }).waitFor();
  });
  await looks(`/alerts/${id}`, (page) => headline(page, "Would have told you 2 times").waitFor());
  await looks("/alerts/new?keywords=road+(bike&threshold_price=x", (page) => page.locator(".keywords mark").waitFor());
  await looks(`/searches/${search.id}`, (page) => headline(page, "Finds 3 listings").waitFor());
  await looks("/searches", async (page) => {
    await page.getByRole("button", { name: "Run now: Bikes" }).click();
    await page.locator(".query-results .listing-line").first().waitFor();
  });
});
