// Takes the README's pictures of the dashboard, from the demo: `npm run screenshots` in tests/, with SUPERBOT_BIN set.
import { fileURLToPath } from "node:url";
import { launch, session } from "./browser/chromium.mjs";
import { SuperBot } from "./program.mjs";

const DOCS = fileURLToPath(new URL("../docs/", import.meta.url));
const DEMO = { username: "demo", password: "demo-demo" };
const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 780 };

/** File, address, window, colours, and what makes the page worth looking at. */
const PICTURES = [
  ["dashboard.png", "/", DESK, "light", (page) => page.locator(".feed-row").nth(7).waitFor()],
  ["alert.png", "/alerts/new", PHONE, "dark", fillAlert],
  ["sources.png", "/sources", DESK, "light", (page) => page.locator("[data-tone=bad]").first().waitFor({ timeout: 150_000 })],
];

const superbot = await SuperBot.start({}, ["--demo"]);
const browser = await launch();
try {
  const answer = await superbot.request("POST", "/api/auth/login", DEMO);
  const cookie = answer.headers.getSetCookie().find((cookie) => cookie.includes("superbot_session=")).split(";")[0];
  for (const [file, path, viewport, colorScheme, prepare] of PICTURES) {
    const { context } = await session(browser, { url: superbot.url, cookie, viewport, colorScheme, reducedMotion: "reduce" });
    const page = await context.newPage();
    await page.goto(superbot.url + path);
    await prepare(page);
    await page.evaluate(() => Promise.all([...document.images].map((image) => image.decode().catch(() => {}))));
    await page.screenshot({ path: DOCS + file });
    console.log(`docs/${file}`);
    await context.close();
  }
} finally {
  await browser.close();
  await superbot.remove();
}

async function fillAlert(page) {
  await page.getByLabel("What to look for").fill("(trek, schwinn) bike -kids");
  await page.getByLabel("Price", { exact: true }).fill("300");
  await page.getByText(/would have told you/i).first().waitFor({ timeout: 20_000 });
}
