// The program's own pages against the rules of WCAG 2.2 AA, in light and dark, wide and narrow.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { SuperBot } from "../program.mjs";
import { launch, session } from "./chromium.mjs";

const AXE = readFileSync(fileURLToPath(new URL("../node_modules/axe-core/axe.min.js", import.meta.url)), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

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

async function check(path, signedIn, prepare) {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 390]) {
      const viewport = { width, height: 900 };
      const { context } = await session(browser, {
        url: superbot.url, cookie: signedIn ? cookie : undefined, colorScheme, viewport, reducedMotion: "reduce",
      });
      const page = await context.newPage();
      await page.goto(superbot.url + path);
      await prepare(page, width);
      await page.evaluate(`${AXE};0`);
      const { violations } = await page.evaluate((rules) => axe.run(document, { runOnly: rules }), RULES);
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
      assert.deepEqual(found, [], `${path}, ${colorScheme}, ${width} px`);
      await context.close();
    }
  }
}

test("the set-up page", () => check("/setup", false, (page) => page.waitForSelector("#token")));

test("the sign-in page", async () => {
  // Accounts can be made as soon as there is an admin.
  await superbot.addUser("root", "--admin");
  await check("/login", false, async (page) => {
    await page.waitForSelector("#to-register:not([hidden])");
    await page.click("#sign-in button[type=submit]");
    await page.waitForSelector("#username[aria-invalid=true]");
  });
});

test("the live page while there is nothing", () =>
  check("/", true, (page) => page.waitForSelector("#feed-empty:not([hidden])")));

test("the live page with all there can be", async () => {
  const publish = await superbot.token("publish");
  const post = (price, title) => superbot.post({ title, price, link: `https://example.org/${title}`, location: "Provo" }, publish);
  await post(500, "cheaper");
  await post(400, "cheaper");
  await post(undefined, "unstated");
  for (const type of ["price_alert", "saved_search", "custom"]) {
    const data = { message: "hello", listing: { title: "bike", link: "https://example.org/bike" } };
    await superbot.request("POST", "/api/users/ann/notifications", { type, data }, publish);
  }
  await check("/", true, async (page, width) => {
    await page.waitForSelector("[data-state=live]");
    await page.waitForSelector(".fall");
    if (width === 390) await page.click("#bell");
    await page.waitForSelector(".notification");
    for (const level of ["success", "warning", "error"]) {
      await superbot.request("POST", "/api/system-messages", { message: "hello", level }, publish);
      await page.waitForSelector(`.banner[data-level=${level}]`);
    }
  });
});
