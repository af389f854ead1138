// The guide's own page, byte for byte, in the folder of the user's pages.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { SuperBot, until } from "../program.mjs";
import { launch, session } from "./chromium.mjs";

const PAGES = fileURLToPath(new URL("pages", import.meta.url));

/** Ways for a title to run something, had it the chance. */
const EVIL = [
  `<img src=x onerror="window.__pwned=1">`,
  `<script>window.__pwned=2</script>`,
  `<svg><animate onbegin="window.__pwned=3" attributeName=x dur=1s></svg>`,
  `<iframe srcdoc="<script>parent.__pwned=4</script>"></iframe>`,
  `<details open ontoggle="window.__pwned=5">x</details>`,
  `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.__pwned=6&gt;">`,
  `<form><input name=innerHTML autofocus onfocus="window.__pwned=7"></form>`,
];

let superbot, browser, publish, cookie;

before(async () => {
  superbot = await SuperBot.start({ "web.public_dir": PAGES });
  browser = await launch();
  await superbot.addUser("ann");
  publish = await superbot.token("publish");
  cookie = await superbot.signIn("ann");
});

after(async () => {
  await browser?.close();
  await superbot?.remove();
});

async function open(path) {
  const { context, faults } = await session(browser, { url: superbot.url, cookie });
  const page = await context.newPage();
  await page.goto(superbot.url + path);
  await page.waitForFunction(() => wsClient.connected);
  return { page, context, faults };
}

test("the guide's page receives all four kinds of event", async () => {
  const { page, context, faults } = await open("/my/guide.html");
  await page.evaluate(() => {
    window.got = {};
    for (const name of ["notification", "system_message"]) wsClient.on(name, (data) => (got[name] = data));
    wsClient.ping();
    wsClient.socket.on("pong", (data) => (got.pong = data));
  });
  await superbot.request("PUT", "/api/scraper-status", { facebook: true, ksl: false }, publish);
  await superbot.post({ title: "Road bike", price: "$250" }, publish);
  await superbot.request("POST", "/api/users/ann/notifications", { type: "price_alert", data: { message: "cheap" } }, publish);
  await superbot.request("POST", "/api/system-messages", { message: "hello", level: "info" }, publish);

  await page.waitForSelector(".listing-card");
  assert.equal(await page.textContent(".listing-card h3"), "Road bike");
  assert.match(await page.textContent(".listing-card p"), /^\$250 - ksl$/);
  assert.equal(await page.getAttribute(".listing-card a", "target"), "_blank");
  await page.waitForSelector("#facebook-status.bg-success");
  assert.equal(await page.getAttribute("#ksl-status", "class"), "badge bg-secondary");
  const got = await until("the other events", () =>
    page.evaluate(() => got.notification && got.system_message && got.pong && got));
  assert.equal(got.notification.type, "price_alert");
  assert.equal(got.notification.data.message, "cheap");
  assert.equal(got.system_message.message, "hello");
  assert.ok(got.pong.timestamp);
  assert.deepEqual(faults, []);
  await context.close();
});

test("a title with markup runs nothing where the guide's page inserts it as HTML", async () => {
  const { page, context } = await open("/my/guide.html");
  for (const [index, title] of EVIL.entries()) {
    await superbot.post({ title: `${index} ${title}`, link: `https://example.org/evil/${index}` }, publish);
  }
  await page.waitForFunction((count) => document.querySelectorAll(".listing-card").length === count, EVIL.length);
  // What would run does so at the latest when these have loaded or failed.
  await page.evaluate(() => Promise.all([...document.images].map((image) => image.decode().catch(() => {}))));
  await page.waitForFunction(() => document.querySelectorAll(".listing-card").length > 0);
  assert.equal(await page.evaluate(() => window.__pwned), undefined);
  assert.equal(await page.evaluate(() => document.querySelectorAll("#listings-container :is(script, iframe, form, style)").length), 0);
  await context.close();
});

test("a page without a tag for Socket.IO gets the server's own copy", async () => {
  const { page, context, faults } = await open("/my/without-socket-io.html");
  await superbot.post({ title: "Kitchen table" }, publish);
  await page.waitForFunction(() => document.querySelector("#titles").textContent.includes("Kitchen table"));
  await page.waitForFunction(() => document.querySelector("#pong").textContent !== "");
  assert.deepEqual(faults, []);
  await context.close();
});

test("the page's own scripts run, but no string becomes one", async () => {
  const { page, context } = await open("/my/guide.html");
  const refused = (action) => page.evaluate(`(() => { try { ${action}; return "allowed"; } catch (error) { return error.name; } })()`);
  assert.equal(await refused("document.createElement('script').text = '1'"), "TypeError");
  assert.equal(await refused("document.createElement('script').src = '/x.js'"), "TypeError");
  assert.equal(await refused("document.body.setAttribute('onclick', '1')"), "TypeError");
  assert.equal(await refused("document.body.insertAdjacentHTML('beforeend', '<b>bold</b>')"), "allowed");
  await context.close();
});

test("a browser without Trusted Types cleans HTML too", async () => {
  const { context } = await session(browser, { url: superbot.url, cookie });
  await context.addInitScript(() => Object.defineProperty(window, "trustedTypes", { value: undefined }));
  const page = await context.newPage();
  // A document of this origin that has no policy, as none has any effect in such a browser.
  await page.goto(`${superbot.url}/static/js/websocket-client.d.ts`);
  await page.addScriptTag({ url: "/static/js/websocket-client.js" });
  await page.evaluate((titles) => {
    for (const title of titles) {
      const div = document.createElement("div");
      document.body.append(div);
      div.innerHTML = title;
      div.insertAdjacentHTML("beforeend", title);
      div.append(document.createRange().createContextualFragment(title));
      div.appendChild(document.createElement("p")).outerHTML = title;
    }
    document.body.insertAdjacentHTML("beforeend", `<img id="last" src="/favicon.svg">`);
  }, EVIL);
  await page.waitForFunction(() => document.querySelector("#last").complete);
  await page.evaluate(() => Promise.all([...document.images].map((image) => image.decode().catch(() => {}))));
  assert.equal(await page.evaluate(() => window.__pwned), undefined);
  assert.ok(await page.evaluate(() => document.images.length > 1), "HTML that runs nothing is kept");
  await context.close();
});
