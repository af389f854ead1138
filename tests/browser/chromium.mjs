// Chromium as it is installed, with nothing of its own on the network.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { checkAnswer } from "../description.mjs";

const PROGRAMS = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/google-chrome"];

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

/** What pages load from a CDN: the guide's Socket.IO, and an older one, each by the file of its package. */
const CDN = {
  "https://cdn.socket.io/4.5.4/socket.io.min.js": "socket.io-client-4.5.4/dist/socket.io.min.js",
  "https://cdn.socket.io/2.5.0/socket.io.js": "socket.io-client-2.5.0/dist/socket.io.js",
};

/** Starts Chromium, which keeps pages that were left, as it does for users. */
export async function launch() {
  const executablePath = PROGRAMS.find((program) => program && existsSync(program));
  if (executablePath === undefined) throw new Error("Chromium is missing: install it, or name it in CHROMIUM");
  return chromium.launch({ executablePath, args: FLAGS, ignoreDefaultArgs: ["--disable-back-forward-cache"] });
}

/**
 * Opens a browser session of its own, in which `cookie` is set and everything that goes wrong is written down: in `faults`
 * what a page must never do, in `errors` whatever the console shows in red, in `warnings` those of our own script.
 */
export async function session(browser, { url, cookie, ...options } = {}) {
  const context = await browser.newContext({ locale: "en-US", ...options });
  if (cookie !== undefined) {
    const [name, value] = cookie.split("=");
    await context.addCookies([{ name, value, url }]);
  }
  // Only these scripts are brought from here; every document comes from the server under test.
  for (const [address, file] of Object.entries(CDN)) {
    const path = fileURLToPath(new URL(`../node_modules/${file}`, import.meta.url));
    await context.route(address, (route) => route.fulfill({ contentType: "text/javascript", body: readFileSync(path) }));
  }
  const faults = [];
  const errors = [];
  const warnings = [];
  context.on("weberror", (event) => faults.push(String(event.error())));
  context.on("console", (message) => {
    if (message.type() === "warning" && message.text().startsWith("Super-Bot: ")) warnings.push(message.text());
    if (message.type() === "error") errors.push(`${message.text()} ${message.location().url}`);
    if (/content security policy|trusted/i.test(message.text())) faults.push(message.text());
  });
  context.on("response", (response) => void checkResponse(response).catch((error) => faults.push(String(error))));
  return { context, faults, errors, warnings };
}

/** Checks an answer that a page was given against the API's description. */
async function checkResponse(response) {
  // An answer that the test gives in the server's place comes from no address, and a page that was left takes bodies with it.
  const address = await response.serverAddr().catch(() => null);
  const contentType = await response.headerValue("content-type").catch(() => null);
  if (address === null || contentType === "text/event-stream") return;
  const body = response.status() === 204 ? "" : await response.text().catch(() => undefined);
  if (body !== undefined) checkAnswer(response.request().method(), new URL(response.url()).pathname, response.status(), contentType, body);
}

/** Opens a page of the dashboard in a browser session of its own, and waits until it is live. */
export async function openLive(browser, { url }, path, options) {
  const opened = await session(browser, { url, ...options });
  const page = await opened.context.newPage();
  await page.goto(url + path);
  await page.waitForSelector("[data-state=live]", { state: "attached" });
  return { page, ...opened };
}
