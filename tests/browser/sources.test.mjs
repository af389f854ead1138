// Sources: added, set up, started, watched while they fail and come back, tried on a page, deleted and not deleted.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { SuperBot, until } from "../program.mjs";
import { inAllLooks } from "./axe.mjs";
import { launch, openLive } from "./chromium.mjs";

const EVIL = `<img src=x onerror="window.__pwned=1">`;

let superbot, browser, site, admin;

before(async () => {
  site = await startSite();
  superbot = await SuperBot.start({ "sources.private_addresses": "127.0.0.1", "sources.seconds_between_requests": 1 });
  browser = await launch();
  await superbot.addUser("root", "--admin");
  await superbot.addUser("ann");
  admin = await superbot.token("admin");
});

after(async () => {
  await browser?.close();
  site?.server.close();
  await superbot?.remove();
});

/** A site on loopback that serves a feed, until it answers with something else. */
async function startSite() {
  const site = { status: 200, titles: ["Kayak", "Canoe"] };
  site.server = createServer((request, response) => {
    response.statusCode = request.url === "/robots.txt" ? 404 : site.status;
    const items = site.titles.map((title) => `<item><title><![CDATA[${title}]]></title><link>/ad/${encodeURIComponent(title)}</link></item>`);
    response.end(`<rss version="2.0"><channel><title>t</title>${items.join("")}</channel></rss>`);
  });
  site.server.listen(0, "127.0.0.1");
  await once(site.server, "listening");
  site.url = `http://127.0.0.1:${site.server.address().port}`;
  return site;
}

async function open(name, path, options = {}) {
  return openLive(browser, superbot, path, { cookie: await superbot.signIn(name), ...options });
}

/** A source that was made behind the page's back. */
async function make(name, settings = { urls: [`${site.url}/feed`] }, kind = "feed") {
  await superbot.request("POST", "/api/sources", { name, kind, settings }, admin);
}

const source = async (name) => (await superbot.request("GET", `/api/sources/${name}`, undefined, admin)).json();
const card = (page, name) => page.locator(`[data-source="${name}"]`);
const badge = (place, words, tone) => place.locator(`.state-badge[data-tone=${tone}]`, { hasText: words });

test("a source is added, started, turns red when its site refuses, and is back again, all of it live", async () => {
  const { page, context, faults, errors } = await open("root", "/sources");
  const other = await open("ann", "/sources");
  await page.getByRole("link", { name: "Add a source" }).click();
  await page.getByRole("link", { name: /^Feed/ }).click();
  await page.getByLabel("Name").fill("Boats");
  await page.getByLabel("Address 1").fill(`${site.url}/feed`);
  await page.getByRole("button", { name: "Add it, stopped" }).click();
  await page.waitForURL("**/sources/boats");
  await page.getByRole("button", { name: "Start Boats" }).click();
  await badge(page, "Fine", "good").waitFor();
  await page.getByText("2 listings", { exact: false }).first().waitFor();
  await badge(other.page.locator(".source-flag", { hasText: "Boats" }), "Running", "good").waitFor();

  site.status = 403;
  await page.getByRole("button", { name: "Run now Boats" }).click();
  await badge(page, "Blocked", "bad").waitFor();
  await badge(other.page.locator(".source-flag", { hasText: "Boats" }), "Not running", "plain").waitFor();
  await page.getByRole("link", { name: "Sources", exact: true }).first().click();
  await badge(card(page, "boats"), "Blocked", "bad").waitFor();
  await card(page, "boats").locator("dt", { hasText: "Next run" }).waitFor();

  site.status = 200;
  await card(page, "boats").getByRole("button", { name: "Run now" }).click();
  await badge(card(page, "boats"), "Fine", "good").waitFor();
  await card(page, "boats").locator("svg.sparkline").waitFor();
  await badge(other.page.locator(".source-flag", { hasText: "Boats" }), "Running", "good").waitFor();
  await card(page, "boats").getByRole("button", { name: "Stop" }).click();
  await badge(card(page, "boats"), "Stopped", "plain").waitFor();
  assert.deepEqual([faults, errors, other.faults, other.errors], [[], [], [], []]);
  await Promise.all([context.close(), other.context.close()]);
});

test("who is no admin sees whether sources run, and nothing to change them", async () => {
  const { page, context, errors } = await open("ann", "/sources/craigslist");
  await badge(page.locator(".source-flag", { hasText: "Craigslist" }), "Not running", "plain").waitFor();
  assert.equal(await page.getByRole("main").getByRole("button").count(), 0);
  assert.deepEqual(errors, []);
  await context.close();
});

test("a site's terms are shown whole, and nothing is asked of it before they are acknowledged", async () => {
  await superbot.request("PATCH", "/api/sources/craigslist", { settings: { area: "nowhere-at-all" } }, admin);
  const { page, context, errors } = await open("root", "/sources");
  await card(page, "craigslist").getByRole("button", { name: "Start" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("forbid robots").waitFor();
  const link = dialog.getByRole("link");
  assert.deepEqual([await link.getAttribute("href"), await link.getAttribute("rel")], [
    "https://www.craigslist.org/about/terms.of.use", "noopener noreferrer",
  ]);
  const start = dialog.getByRole("button", { name: "Start" });
  assert.equal(await start.isDisabled(), true);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  assert.deepEqual([(await source("craigslist")).running, (await source("craigslist")).terms_accepted_at], [false, null]);

  await card(page, "craigslist").getByRole("link", { name: "Craigslist" }).click();
  await page.getByLabel("I have read these terms").check();
  await page.getByRole("button", { name: "Acknowledge" }).click();
  await page.getByText("Acknowledged now").waitFor();
  assert.deepEqual([(await source("craigslist")).running, typeof (await source("craigslist")).terms_accepted_at], [false, "string"]);
  assert.deepEqual(errors, []);
  await context.close();
});

test("the keyboard goes from source to source", async () => {
  const { page, context } = await open("root", "/sources");
  await card(page, "craigslist").waitFor();
  const names = await page.locator(".source-card h2").allTextContents();
  const focused = () => page.evaluate(() => document.activeElement.textContent);
  await page.keyboard.press("j");
  assert.equal(await focused(), names[0]);
  await page.keyboard.press("j");
  assert.equal(await focused(), names[1]);
  await page.keyboard.press("k");
  await page.keyboard.press("k");
  assert.equal(await focused(), names[0]);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: names[0] }).waitFor();
  await context.close();
});

test("what is wrong with a source's settings is said at the field, also when it is found at the start", async () => {
  await make("yard", {});
  const { page, context } = await open("root", "/sources");
  await card(page, "yard").getByRole("button", { name: "Start" }).click();
  await page.waitForURL("**/sources/yard");
  await page.getByText("The addresses are missing; give at least one").waitFor();

  await page.getByLabel("Address 1").fill("ftp://yard.example/");
  await page.getByRole("button", { name: "Add a search" }).click();
  await page.getByLabel("Lowest price").fill("90");
  await page.getByLabel("Highest price").fill("10");
  await page.getByLabel("Seconds between runs").fill("1");
  await page.getByRole("button", { name: "Save" }).click();
  const wrong = page.locator("[aria-invalid=true]");
  await wrong.nth(2).waitFor();
  const described = await wrong.evaluateAll((fields) => fields.map((field) =>
    (field.getAttribute("aria-describedby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent).join(" ")));
  assert.match(described[0], /Address 1 is "ftp:\/\/yard.example\/"; give an http/);
  assert.match(described[1], /Lowest price is more than max_price/);
  assert.match(described[2], /Seconds between runs is 1; give a whole number from 2/);
  assert.equal(await wrong.first().evaluate((field) => field === document.activeElement), true);

  await page.getByLabel("Address 1").fill(`${site.url}/feed?q={query}`);
  await page.getByLabel("Lowest price").fill("10");
  await page.getByLabel("Highest price").fill("90");
  await page.getByLabel("Seconds between runs").fill("3600");
  await page.getByText("Every hour.").waitFor();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  const { settings } = await source("yard");
  assert.deepEqual([settings.interval_seconds, settings.searches], [3_600, [{ query: "", min_price: 10, max_price: 90 }]]);

  // The same as JSON, in which one may write what has no field, and is told so.
  await page.getByRole("button", { name: "Advanced: JSON" }).click();
  const json = page.getByLabel("Settings as JSON");
  assert.deepEqual(JSON.parse(await json.inputValue()), {
    urls: [`${site.url}/feed?q={query}`], searches: [{ query: "", min_price: 10, max_price: 90 }], interval_seconds: 3_600,
  });
  await json.fill('{"intervall_seconds": 60}');
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator(".source-problems", { hasText: "intervall_seconds" }).waitFor();
  await json.fill(`{"urls": ["${site.url}/other"]}`);
  await page.getByRole("button", { name: "Save" }).click();
  await until("the settings to be saved", async () => (await source("yard")).settings.urls[0] === `${site.url}/other`);
  assert.deepEqual([(await source("yard")).settings.interval_seconds, (await source("yard")).settings.searches], [300, []]);
  await context.close();
});

test("a pasted page is read without asking anybody, and its listings stay text", async () => {
  const fields = { row: "li", title: "b", link: "a", price: "i" };
  await make("flea", { urls: ["https://flea.example/"], fields }, "html");
  const { page, context, faults, errors } = await open("root", "/sources/flea");
  const ad = (number, title) => `<li><b>${title.replaceAll("<", "&lt;")}</b> <a href="/ad/${number}">ad</a> <i>$${number}</i></li>`;
  const html = `<ul>${ad(5, EVIL)}${ad(6, "x".repeat(10_000))}${ad(7, "Chair")}</ul>`;
  await page.getByLabel("The page’s source").fill(html);
  assert.equal(await page.getByLabel("Its address").inputValue(), "https://flea.example/");
  await page.getByRole("button", { name: "Read it" }).click();
  const found = page.locator(".source-found li");
  await found.nth(2).waitFor();
  await badge(page.locator(".source-reading"), "Fine", "good").waitFor();
  assert.equal(await found.first().locator("a").textContent(), EVIL);
  assert.equal(await found.nth(2).locator("a").getAttribute("href"), "https://flea.example/ad/7");
  assert.match(await found.nth(2).textContent(), /\$7/);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  assert.equal((await (await superbot.request("GET", "/api/listings?source=flea", undefined, admin)).json()).items.length, 0);
  await page.getByRole("button", { name: "Take all 3 in" }).click();
  await page.locator(".source-reading", { hasText: "Taken in: " }).waitFor();
  const { items } = await (await superbot.request("GET", "/api/listings?source=flea", undefined, admin)).json();
  assert.ok(items.some(({ title }) => title === "Chair"));

  await page.getByLabel("The page’s source").fill("<p>We have moved.</p>");
  await page.getByRole("button", { name: "Read it" }).click();
  await badge(page.locator(".source-reading"), "Not understood", "bad").waitFor();
  assert.equal(await page.evaluate(() => window.__pwned), undefined);
  assert.deepEqual([faults, errors], [[], []]);
  await context.close();
});

test("a deleted source can be had back until the time for that is over", async () => {
  await make("gone");
  const { page, context, errors } = await open("root", "/sources/gone");
  const remove = async () => {
    await page.getByRole("button", { name: "Delete" }).click();
    await page.waitForURL("**/sources");
    await card(page, "gone").waitFor({ state: "detached" });
    await card(page, "craigslist").waitFor();
  };
  await remove();
  await page.getByRole("button", { name: "Undo" }).click();
  await card(page, "gone").waitFor();
  assert.equal((await source("gone")).name, "gone");
  await card(page, "gone").getByRole("link", { name: "Gone" }).click();
  await remove();
  // Whoever leaves the page does not want it back.
  await page.goto("about:blank");
  await until("the deletion", async () => {
    const { items } = await (await superbot.request("GET", "/api/sources", undefined, admin)).json();
    return items.every(({ name }) => name !== "gone");
  });
  assert.deepEqual(errors, []);
  await context.close();
});

test("a source's own words are text", async () => {
  await make("evil");
  const { page, context, faults } = await open("root", "/sources/flea");
  // As a site could make the server say, were it careless.
  const words = { kind: EVIL, reason: `${EVIL} ${"long".repeat(2_500)}`, warning: EVIL, terms: `${EVIL} javascript:alert(1)`, state: EVIL };
  await page.route("**/api/sources**", async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    await route.fulfill({ json: body.items ? { ...body, items: body.items.map((item) => ({ ...item, ...words })) } : { ...body, ...words } });
  });
  await page.goto(`${superbot.url}/sources/evil`);
  await page.locator(".source-reason-whole", { hasText: EVIL }).waitFor();
  assert.equal(await page.getByRole("link", { name: /javascript/ }).count(), 0);
  await page.goto(`${superbot.url}/sources`);
  assert.match(await card(page, "evil").textContent(), /<img src=x.*<img src=x/);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  // The page asks again and again, also at the moment when it is left.
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.goto(`${superbot.url}/sources/${encodeURIComponent(EVIL)}`);
  await page.getByRole("heading", { name: "There is no such source" }).waitFor();
  assert.match(await page.textContent("h1"), /<img src=x/);
  assert.equal(await page.evaluate(() => window.__pwned), undefined);
  assert.deepEqual(faults, []);
  await context.close();
});

test("every part of it keeps to WCAG 2.2 AA", async () => {
  const looks = (name, path, prepare) => inAllLooks(async (options) => {
    const { page, context } = await open(name, path, options);
    await prepare(page);
    return { page, context };
  });
  const found = [
    ...(await looks("ann", "/sources", (page) => page.locator(".source-flag").first().waitFor())),
    ...(await looks("root", "/sources", (page) => card(page, "evil").waitFor())),
    ...(await looks("root", "/sources?add", (page) => page.getByRole("link", { name: /^JSON/ }).waitFor())),
    ...(await looks("root", "/sources?add=json", (page) => page.getByRole("button", { name: "Add a search" }).click())),
    ...(await looks("root", "/sources/facebook", async (page) => {
      await page.getByLabel("Seconds between runs").fill("1");
      await page.getByRole("button", { name: "Save" }).click();
      await page.waitForSelector("[aria-invalid=true]");
    })),
    ...(await looks("root", "/sources/flea", async (page) => {
      await page.getByLabel("The page’s source").fill('<ul><li><b>Chair</b> <a href="/ad/7">ad</a> <i>$7</i></li></ul>');
      await page.getByRole("button", { name: "Read it" }).click();
      await page.locator(".source-found").waitFor();
      await page.getByRole("button", { name: "Advanced: JSON" }).click();
    })),
    ...(await looks("root", "/sources", async (page) => {
      await card(page, "facebook").getByRole("button", { name: "Start" }).click();
      await page.getByRole("dialog").waitFor();
    })),
  ];
  assert.deepEqual(found, []);
});
