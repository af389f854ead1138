// The page of one listing, and favourites.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
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

async function open(path) {
  const { context, faults, errors } = await session(browser, { url: superbot.url, cookie });
  const page = await context.newPage();
  await page.goto(superbot.url + path);
  await page.waitForSelector("[data-state=live]");
  return { page, context, faults, errors };
}

const row = (page, hasText) => page.locator(".feed-row", { hasText });

test("a listing's page shows its prices as a line and as a table, and follows a change", async () => {
  const kayak = { title: "Kayak", price: 900, link: "https://example.org/kayak", description: "Two seats.\nNo leaks." };
  const { id } = await superbot.post(kayak, publish);
  await superbot.post({ ...kayak, price: 800 }, publish);
  const { page, context, faults, errors } = await open(`/listings/${id}`);
  await page.getByRole("heading", { level: 1, name: "Kayak" }).waitFor();
  assert.equal(await page.title(), "Kayak · Super-Bot");
  await page.waitForSelector(".price-chart canvas");
  const prices = () => page.locator(".listing table .price").allTextContents();
  assert.deepEqual(await prices(), ["$800", "$900"]);
  await superbot.post({ ...kayak, price: 700 }, publish);
  await until("the third price", async () => (await prices()).join() === "$700,$800,$900");
  const ad = page.getByRole("link", { name: "Open the ad" });
  assert.deepEqual([await ad.getAttribute("href"), await ad.getAttribute("rel")], [kayak.link, "noopener noreferrer"]);
  assert.deepEqual([faults, errors], [[], []]);
  await context.close();
});

test("a listing's page says which alerts it matched, and why", async () => {
  await superbot.request("POST", "/api/price-alerts", { keywords: "canoe -toy", threshold_price: 500 }, await superbot.token("user", "ann"));
  const { id } = await superbot.post({ title: "Old Town canoe", price: 400 }, publish);
  const { page, context } = await open(`/listings/${id}`);
  const match = page.locator(".matches li", { hasText: "canoe -toy" });
  await match.waitFor();
  assert.match(await match.getByRole("link").getAttribute("href"), /^\/alerts\/\d+$/);
  assert.notEqual((await match.locator("p").textContent()).trim(), "");
  await context.close();
});

test("a listing that is not there is said to be so", async () => {
  for (const id of ["999999", "nonsense", "-1"]) {
    const { page, context } = await open(`/listings/${id}`);
    await page.getByRole("heading", { name: "There is no such listing" }).waitFor();
    await context.close();
  }
});

test("favourites are kept with notes, also after a reload, and leaving one can be undone", async () => {
  await superbot.post({ title: "Drum kit", price: 350 }, publish);
  const { page, context, faults, errors } = await open("/");
  await row(page, "Drum kit").getByRole("button", { name: "Favourite" }).click();
  await row(page, "Drum kit").locator("[aria-pressed=true]").waitFor();
  await page.getByRole("link", { name: "Favourites" }).click();
  const card = page.locator(".favorite-card", { hasText: "Drum kit" });
  await card.locator("textarea").fill("Ask for the cymbals <b>");
  await page.keyboard.press("Tab");
  await card.locator(".notes-state", { hasText: "Saved" }).waitFor();
  await page.reload();
  assert.equal(await card.locator("textarea").inputValue(), "Ask for the cymbals <b>");
  await card.getByRole("button", { name: "Favourite" }).click();
  await page.getByRole("heading", { name: "No favourites yet" }).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await card.waitFor();
  await until("the notes to be back", async () => {
    await page.reload();
    await card.waitFor();
    return (await card.locator("textarea").inputValue()) === "Ask for the cymbals <b>";
  });
  assert.deepEqual([faults, errors], [[], []]);
  await context.close();
});
