// All pages against the rules of WCAG 2.2 AA, in light and dark, wide and narrow.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { SuperBot } from "../program.mjs";
import { inAllLooks } from "./axe.mjs";
import { launch, session } from "./chromium.mjs";

let superbot, browser, cookie;

before(async () => {
  superbot = await SuperBot.start({ "auth.registration": "open" });
  browser = await launch();
  await superbot.addUser("ann");
  cookie = await superbot.signIn("ann");
});

after(async () => {
  await browser?.close();
  await superbot?.remove();
});

async function check(path, as, prepare) {
  const found = await inAllLooks(async (options) => {
    const opened = await session(browser, { url: superbot.url, cookie: as, ...options });
    const page = await opened.context.newPage();
    await page.goto(superbot.url + path);
    await prepare(page);
    return { page, ...opened };
  });
  assert.deepEqual(found, [], path);
}

/** A page of the dashboard that has loaded what it shows. */
async function settled(page) {
  await page.waitForSelector("[data-state=live]", { state: "attached" });
  await page.waitForSelector("h1");
  await page.waitForFunction(() => document.querySelector(".skeleton") === null);
}

test("the set-up page", () => check("/setup", undefined, (page) => page.waitForSelector("#token")));

test("the sign-in page", async () => {
  // Accounts can be made as soon as there is an admin.
  await superbot.addUser("root", "--admin");
  await check("/login", undefined, async (page) => {
    await page.waitForSelector("#to-register:not([hidden])");
    await page.click("#sign-in button[type=submit]");
    await page.waitForSelector("#username[aria-invalid=true]");
  });
});

test("the pages while there is nothing", async () => {
  for (const path of ["/", "/favorites", "/alerts", "/searches", "/notifications"]) await check(path, cookie, settled);
});

test("the feed with all there can be", async () => {
  const publish = await superbot.token("publish");
  const post = (price, title) => superbot.post({ title, price, link: `https://example.org/${title}`, location: "Provo" }, publish);
  await post(500, "cheaper");
  await post(400, "cheaper");
  await post(undefined, "unstated");
  await check("/", cookie, async (page) => {
    await settled(page);
    await page.waitForSelector(".fall");
    for (const level of ["success", "warning", "error"]) {
      await superbot.request("POST", "/api/system-messages", { message: "hello", level }, publish);
      await page.waitForSelector(`.banners .alert[data-level=${level}]`);
    }
    // A filter that is wrong, the way out of it, and a row that was chosen.
    await page.keyboard.press("j");
    await page.fill("#feed-search", '"');
    await page.waitForSelector("#feed-search[aria-invalid=true]");
  });
});

test("a listing's page", () =>
  check("/listings/1", cookie, async (page) => {
    await settled(page);
    await page.waitForSelector(".price-chart canvas");
  }));

test("the help dialog", () =>
  check("/", cookie, async (page) => {
    await settled(page);
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
  }));

test("the pages where something is made, and those of an admin", async () => {
  const admin = await superbot.signIn("root");
  for (const path of ["/alerts/new", "/searches/new", "/sources", "/sources/ksl", "/admin", "/account"]) {
    await check(path, admin, settled);
  }
});
