// The live feed: what arrives, what is held back, filters, keys, and what strangers write.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { SuperBot, until } from "../program.mjs";
import { launch, openLive } from "./chromium.mjs";

const EVIL = `<img src=x onerror="window.__pwned=1"><b>bold</b>`;

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

async function open(path = "/", options = {}) {
  return openLive(browser, superbot, path, { cookie, ...options });
}

const row = (page, hasText) => page.locator(".feed-row", { hasText });

/** Posts many listings, each named by its number. */
async function postMany(count, name) {
  const made = Array.from({ length: count }, (_, index) => ({
    title: `${name} ${index}`, price: index, source: "ksl", link: `https://example.org/${name}/${index}`,
  }));
  for (let start = 0; start < count; start += 1_000) {
    await superbot.request("POST", "/api/listings", made.slice(start, start + 1_000), publish);
  }
}

test("listings arrive live, as text, and show when they became cheaper", async () => {
  const { page, context, faults, errors } = await open();
  await page.getByRole("heading", { name: "No listings yet" }).waitFor();
  const civic = { title: `Civic ${EVIL}`, price: 9_900, link: "https://example.org/civic", location: "Ogden" };
  await superbot.post(civic, publish);
  const card = row(page, "Civic");
  await card.waitFor();
  assert.equal(await card.locator("h2").textContent(), `Civic ${EVIL}`);
  assert.equal(await card.locator(".price").textContent(), "$9,900");
  assert.equal(await card.locator(".feed-outward").getAttribute("href"), "https://example.org/civic");
  assert.equal(await card.locator(".feed-outward").getAttribute("rel"), "noopener noreferrer");
  await superbot.post({ ...civic, price: 8_900 }, publish);
  await card.locator("s", { hasText: "$9,900" }).waitFor();
  assert.match(await card.locator(".price").textContent(), /\$8,900.*10% less/);
  await page.reload();
  await card.locator("s", { hasText: "$9,900" }).waitFor();
  assert.equal(await page.locator(".feed-row").count(), 1);
  assert.equal(await page.evaluate(() => window.__pwned), undefined);
  assert.deepEqual([faults, errors], [[], []]);
  await context.close();
});

test("hostile listings stay text and break no layout, in the feed and on their own page", async () => {
  const hostile = [
    { title: EVIL, location: EVIL, link: "https://example.org/evil" },
    { title: "W".repeat(500), location: "L".repeat(150), link: "https://example.org/long" },
    { title: `\u202Eesrever \u05E9\u05DC\u05D5\u05DD ${"\u0645\u0631\u062D\u0628\u0627 ".repeat(40)}`, link: "https://example.org/rtl" },
    { title: "broken picture", image_url: `${superbot.url}/missing.png`, link: "https://example.org/broken" },
  ];
  for (const listing of hostile) await superbot.post(listing, publish);
  for (const width of [1920, 1280, 768, 390]) {
    const { page, context, faults } = await open("/", { viewport: { width, height: 900 } });
    await row(page, "broken picture").waitFor();
    await row(page, "broken picture").locator(".picture", { hasText: "K" }).waitFor();
    const heights = await page.locator(".feed-row").evaluateAll((rows) => rows.map((row) => row.getBoundingClientRect().height));
    assert.equal(new Set(heights).size, 1, `rows of one height at ${width} px: ${heights}`);
    const fits = () => document.documentElement.scrollWidth <= innerWidth;
    assert.equal(await page.evaluate(fits), true, `the feed fits ${width} px`);
    for (let index = 0; index < hostile.length; index += 1) {
      await page.locator(".feed-title a").nth(index).click();
      await page.waitForSelector(".listing h1");
      assert.equal(await page.evaluate(fits), true, `listing ${index} fits ${width} px`);
      await page.goBack();
      await page.waitForSelector(".feed-row");
    }
    assert.equal(await page.evaluate(() => window.__pwned), undefined);
    assert.deepEqual(faults, []);
    await context.close();
  }
});

test("a condition is shown as a badge where the ad states it", async () => {
  await superbot.post({ title: "Rowing boat", condition: "like_new", link: "https://example.org/row" }, publish);
  await superbot.post({ title: "Outboard motor", link: "https://example.org/motor" }, publish);
  const { page, context } = await open();
  await row(page, "Rowing boat").locator(".badge", { hasText: "Like new" }).waitFor();
  assert.equal(await row(page, "Outboard motor").locator(".badge").count(), 1, "its source alone");
  await context.close();
});

test("a picture is shown where it loads", async () => {
  await superbot.post({ title: "Sofa", image_url: `${superbot.url}/favicon.svg` }, publish);
  const { page, context } = await open();
  await row(page, "Sofa").locator(".picture img").waitFor();
  await context.close();
});

test("what arrives while one reads waits, and moves nothing, until one asks for it", async () => {
  await postMany(100, "shelf");
  const { page, context } = await open();
  await row(page, "shelf 99").waitFor();
  await page.mouse.wheel(0, 2_000);
  await until("the page to be scrolled", () => page.evaluate(() => scrollY >= 2_000));
  const place = () => page.evaluate(() => {
    const shown = [...document.querySelectorAll(".feed-row")].find((row) => row.getBoundingClientRect().top > 100);
    return [shown.dataset.id, Math.round(shown.getBoundingClientRect().top)];
  });
  const before = await place();
  for (const title of ["late one", "late two"]) await superbot.post({ title }, publish);
  const pill = page.getByRole("button", { name: "2 new" });
  await pill.waitFor();
  assert.deepEqual(await place(), before);
  await pill.click();
  await row(page, "late two").waitFor();
  assert.equal(await page.evaluate(() => scrollY), 0);
  assert.equal(await pill.count(), 0);
  await context.close();
});

test("nothing moves under a pointer that is about to press, nor under the keyboard", async () => {
  await postMany(30, "stack");
  const { page, context } = await open();
  await row(page, "stack 29").hover();
  await page.mouse.move(400, 300);
  await superbot.post({ title: "under the pointer" }, publish);
  await page.getByRole("button", { name: "1 new" }).waitFor();
  // A pointer that rests is not about to press anything.
  await row(page, "under the pointer").waitFor();
  await page.mouse.move(0, 0);
  await page.locator("#feed-max").focus();
  await page.keyboard.press("Tab");
  await superbot.post({ title: "under the keyboard" }, publish);
  await page.getByRole("button", { name: "1 new" }).waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await row(page, "under the keyboard").count(), 0);
  await page.keyboard.press("Escape");
  await row(page, "under the keyboard").waitFor();
  await context.close();
});

test("going back leads to where one was, on every page", async () => {
  const { page, context } = await open("/?source=ksl");
  await page.waitForSelector(".feed-row");
  await page.mouse.wheel(0, 1_500);
  await until("the page to be scrolled", () => page.evaluate(() => scrollY >= 1_500));
  // Noted when scrolling has paused.
  await until("the place to be noted", () => page.evaluate(() => history.state?.scroll >= 1_500));
  await page.locator(".feed-row:nth-child(12) .feed-title a").click();
  await page.waitForSelector(".listing h1");
  await page.getByRole("button", { name: "Back" }).click();
  await page.waitForURL("**/?source=ksl");
  await until("the reader's place", () => page.evaluate(() => scrollY === history.state.scroll && scrollY >= 1_500));
  await page.goForward();
  await page.waitForSelector(".listing h1");
  await page.reload();
  await page.getByRole("button", { name: "Back" }).click();
  await page.waitForURL("**/?source=ksl");
  await context.close();
});

test("filters stand in the address, apply to what arrives, and say what is wrong with them", async () => {
  const { page, context, faults, errors } = await open();
  await page.keyboard.press("/");
  await page.keyboard.type("canoe");
  await page.waitForURL("**/?q=canoe");
  await page.getByRole("heading", { name: "Nothing matches yet" }).waitFor();
  await superbot.post({ title: "Old Town canoe", price: 300 }, publish);
  await superbot.post({ title: "Bookcase", price: 30 }, publish);
  await row(page, "Old Town canoe").waitFor();
  await page.getByLabel("Highest price").fill("200");
  await page.waitForURL("**/?q=canoe&max_price=200");
  await page.getByRole("heading", { name: "Nothing matches yet" }).waitFor();
  await page.getByLabel("Highest price").fill("");
  await page.waitForURL("**/?q=canoe");
  await page.reload();
  await row(page, "Old Town canoe").waitFor();
  assert.equal(await page.locator(".feed-row").count(), 1);
  await page.getByLabel("Search the listings").fill('canoe "');
  await page.waitForSelector("#feed-search[aria-invalid=true]");
  assert.notEqual(await page.textContent("#feed-q-problem"), "");
  await page.getByLabel("Highest price").fill("cheap");
  await page.waitForSelector("#feed-max[aria-invalid=true]");
  await page.getByRole("link", { name: "Clear" }).click();
  await row(page, "Bookcase").waitFor();
  assert.equal(await page.inputValue("#feed-search"), "");
  await page.getByLabel("Source").selectOption("craigslist");
  await page.waitForURL("**/?source=craigslist");
  await superbot.post({ title: "Craigslist lamp", source: "craigslist" }, publish);
  await row(page, "Craigslist lamp").waitFor();
  assert.equal(await page.locator(".feed-row").count(), 1);
  assert.deepEqual([faults, errors], [[], []], "what is typed is no error of the page");
  await context.close();
});

test("the keyboard leads through the list, to a listing and back to the same row", async () => {
  const { page, context } = await open();
  await page.waitForSelector(".feed-row");
  for (let step = 0; step < 12; step += 1) await page.keyboard.press("j");
  await page.keyboard.press("k");
  const focused = () => page.evaluate(() => document.activeElement?.closest(".feed-row[data-selected=true]")?.dataset.id);
  const id = await until("the chosen row to be focused", focused);
  assert.equal(id, await page.evaluate(() => document.querySelectorAll(".feed-row")[10].dataset.id));
  const scrolled = await page.evaluate(() => scrollY);
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/listings/${id}`);
  await page.waitForSelector(".listing h1");
  await page.keyboard.press("Escape");
  await page.waitForURL(`${superbot.url}/`);
  await until("the reader's place", () => page.evaluate((place) => scrollY === place, scrolled));
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Help" }).waitFor();
  await page.keyboard.press("Escape");
  await until("the dialog to close", async () => (await page.getByRole("dialog").count()) === 0);
  await page.keyboard.press("n");
  await page.waitForURL("**/alerts/new");
  await context.close();
});

test("ten thousand listings are a list like any other, of which only some rows exist", async () => {
  await postMany(10_000, "crate");
  const { page, context, faults } = await open();
  await row(page, "crate 9999").waitFor();
  let rows = 0;
  const seen = new Set();
  const bottom = async () => {
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    for (const id of await page.locator(".feed-row").evaluateAll((shown) => shown.map((one) => Number(one.dataset.id)))) seen.add(id);
    rows = Math.max(rows, await page.locator(".feed-row").count());
    return (await row(page, "Civic").count()) === 1;
  };
  await until("the end of the list", bottom, 60_000);
  assert.ok(rows < 60, `${rows} rows exist at once`);
  await page.locator(".feed-end", { hasText: "These are all." }).waitFor();
  const ids = await page.locator(".feed-row").evaluateAll((shown) => shown.map((one) => Number(one.dataset.id)));
  assert.deepEqual(ids, ids.toSorted((a, b) => b - a));
  await page.evaluate(() => scrollTo(0, 0));
  await row(page, "crate 9999").waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test("a narrow window shows everything without scrolling sideways, and fingers find what they press", async () => {
  const { page, context } = await open("/", { viewport: { width: 390, height: 844 }, hasTouch: true });
  await page.waitForSelector(".feed-row");
  const small = await page.evaluate(() => {
    const pressed = [...document.querySelectorAll("button, .btn, .bottom-bar a, input, select")];
    return pressed
      .map((element) => [element.textContent || element.id, element.getBoundingClientRect()])
      .filter(([, { width, height }]) => width > 0 && (height < 44 || width < 44))
      .map(([name, { width, height }]) => `${name}: ${width} x ${height}`);
  });
  assert.deepEqual(small, []);
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("dialog").getByRole("link", { name: "Favourites" }).click();
  await page.waitForURL("**/favorites");
  assert.equal(await page.getByRole("dialog").count(), 0);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  await context.close();
});
