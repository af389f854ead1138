// The browser script in pages that stay open, are left, lie elsewhere, or may show notifications.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { SuperBot, until } from "../program.mjs";
import { launch, session } from "./chromium.mjs";

const PAGES = fileURLToPath(new URL("pages", import.meta.url));

let superbot, browser, publish, cookie, elsewhere;

before(async () => {
  elsewhere = await startElsewhere();
  superbot = await SuperBot.start({ "web.public_dir": PAGES, "realtime.allowed_origins": elsewhere.url });
  browser = await launch();
  await superbot.addUser("ann");
  publish = await superbot.token("publish");
  cookie = await superbot.signIn("ann");
});

after(async () => {
  await browser?.close();
  elsewhere?.server.close();
  await superbot?.remove();
});

/** A web server of somebody else's, whose page asks for Super-Bot's events. */
async function startElsewhere() {
  const pages = new Map();
  const server = createServer((request, response) => {
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    response.end(pages.get(request.url) ?? "");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, pages, url: `http://127.0.0.1:${server.address().port}` };
}

async function open(address, options = {}) {
  const { context, warnings } = await session(browser, { url: superbot.url, cookie, ...options });
  // Writes down what the page is told, from its first moment on.
  await context.addInitScript(() => {
    window.told = [];
    document.addEventListener("DOMContentLoaded", () => {
      for (const name of ["new_listing", "status", "error", "notification"]) {
        wsClient.on(name, (data) => told.push({ name, ...data }));
      }
    });
  });
  const page = await context.newPage();
  await page.goto(address);
  return { page, context, warnings };
}

const titles = (page) => page.evaluate(() => told.filter(({ name }) => name === "new_listing").map(({ title }) => title));
const states = (page) => page.evaluate(() => told.filter(({ name }) => name === "status"));
const connected = (page) => page.waitForFunction(() => wsClient.connected);
/**
 * `connection_status` has come too, and with it the place in the log; and the transport is the one that stays. While it
 * is being upgraded, a client that is told to disconnect waits for the end of that, and hears events meanwhile.
 */
const inPlace = (page, times = 1) =>
  page.waitForFunction((n) => told.filter(({ status }) => status === "connected").length === n
    && (window.wsClient?.socket?.io?.engine?.transport?.name ?? "websocket") === "websocket", times);

test("what a page missed is replayed, in order and once", async () => {
  const { page, context } = await open(`${superbot.url}/my/guide.html`);
  await inPlace(page);
  await page.evaluate(() => wsClient.disconnect());
  for (const title of ["one", "two", "three"]) await superbot.post({ title }, publish);
  await page.evaluate(() => wsClient.connect());
  await until("the replay", async () => (await titles(page)).length === 3);
  await superbot.post({ title: "four" }, publish);
  await until("the live event", async () => (await titles(page)).length === 4);
  assert.deepEqual(await titles(page), ["one", "two", "three", "four"]);
  const last = (await states(page)).at(-1);
  assert.deepEqual([last.recovered, last.replayed, last.gap], [true, 3, false]);
  await context.close();
});

test("what came while a page was being reloaded is replayed to it", async () => {
  const { page, context } = await open(`${superbot.url}/my/guide.html`);
  await inPlace(page);
  await page.goto("about:blank");
  await superbot.post({ title: "between" }, publish);
  await page.goto(`${superbot.url}/my/guide.html`);
  await until("the replay", async () => (await titles(page)).length === 1);
  assert.deepEqual(await titles(page), ["between"]);
  await context.close();
});

test("a page that is left is kept by the browser, and catches up when one goes back", async () => {
  const { page, context } = await open(`${superbot.url}/my/guide.html`);
  await inPlace(page);
  await page.goto(`${superbot.url}/login`);
  await until("the page to disconnect", async () =>
    (await (await superbot.request("GET", "/api/connected-users", undefined, publish)).json()).connections === 0);
  await superbot.post({ title: "while away" }, publish);
  // A restored page does not load again.
  await page.goBack({ waitUntil: "commit" });
  await until("the replay", async () => (await titles(page)).length === 1);
  assert.deepEqual((await states(page)).slice(-3).map(({ status }) => status), ["disconnected", "connecting", "connected"]);
  await context.close();
});

test("a killed server loses no page anything", async () => {
  const { page, context } = await open(`${superbot.url}/my/guide.html`);
  await inPlace(page);
  const posted = [];
  for (let round = 0; round < 3; round += 1) {
    for (const half of ["before", "after"]) {
      const title = `${half} kill ${round}`;
      await superbot.post({ title }, publish);
      posted.push(title);
      if (half === "before") {
        await superbot.stop("SIGKILL");
        await superbot.resume();
      }
    }
  }
  await until("all of them", async () => (await titles(page)).length >= posted.length, 30_000);
  assert.deepEqual(await titles(page), posted);
  await context.close();
});

test("a planned restart says when to return", async () => {
  const { page, context } = await open(`${superbot.url}/my/guide.html`);
  await inPlace(page);
  await superbot.stop("SIGTERM");
  await until("the announcement", async () => (await states(page)).some(({ status }) => status === "going_away"));
  await superbot.resume();
  await inPlace(page, 2);
  await context.close();
});

test("nobody signed in: one attempt, a slow retry, and a warning that says what to do", async () => {
  const { page, context, warnings } = await open(`${superbot.url}/my/guide.html`, { cookie: undefined });
  await until("the refusal", async () => (await states(page)).at(-1)?.status === "unauthenticated");
  const { retry_in_ms } = (await states(page)).at(-1);
  assert.ok(retry_in_ms >= 60_000);
  await page.evaluate(() => wsClient.connect());
  const errors = () => page.evaluate(() => told.filter(({ name }) => name === "error"));
  await until("a second refusal", async () => (await errors()).length === 2);
  assert.equal(warnings.length, 1, warnings.join("\n"));
  assert.ok(warnings[0].includes(`Sign in at ${superbot.url}/login`), warnings[0]);
  assert.ok((await errors()).every(({ code, hint }) => code === "unauthenticated" && warnings[0].endsWith(hint)));
  await context.close();
});

test("a page of another origin that is not signed in, or not listed, is told which setting lacks", async () => {
  const script = `<!doctype html><script src="${superbot.url}/static/js/websocket-client.js"></script>`;
  elsewhere.pages.set("/without-credentials", script);
  elsewhere.pages.set("/with-credentials", script.replace("<script ", "<script data-credentials "));
  const stranger = await startElsewhere();
  stranger.pages.set("/", script);
  for (const [address, advice] of [
    [`${elsewhere.url}/without-credentials`, "data-credentials"],
    [`${elsewhere.url}/with-credentials`, `Sign in at ${superbot.url}/login`],
    [stranger.url, `add "${stranger.url}" to realtime.allowed_origins`],
  ]) {
    const { context, warnings } = await open(address, { cookie: undefined });
    await until("a warning", () => warnings.length > 0);
    assert.ok(warnings[0].includes(advice), warnings[0]);
    await context.close();
  }
  stranger.server.close();
});

test("beside Socket.IO 2.x the script loads the server's own copy, and leaves the page its io", async () => {
  const { page, context } = await open(`${superbot.url}/my/old-socket-io.html`);
  await inPlace(page);
  await superbot.post({ title: "across versions" }, publish);
  await until("the listing", async () => (await titles(page)).includes("across versions"));
  assert.equal(await page.evaluate(() => io.protocol), 4);
  await context.close();
});

test("a page of a listed origin connects with a token, one of another origin does not", async () => {
  const token = await superbot.token("user", "ann");
  elsewhere.pages.set("/", `<!doctype html><script src="${superbot.url}/static/js/websocket-client.js"
    data-url="${superbot.url}" data-token="${token}"></script>`);
  const { page, context } = await open(elsewhere.url, { cookie: undefined });
  await inPlace(page);
  await superbot.post({ title: "far away" }, publish);
  await until("the listing", async () => (await titles(page)).includes("far away"));
  await context.close();

  const stranger = await startElsewhere();
  stranger.pages.set("/", elsewhere.pages.get("/"));
  const other = await open(stranger.url, { cookie: undefined });
  await until("the refusal", async () => (await states(other.page)).some(({ status }) => status === "reconnecting"));
  assert.equal(await other.page.evaluate(() => wsClient.connected), false);
  await other.context.close();
  stranger.server.close();
});

test("a page of another origin needs no token where anybody may listen", async () => {
  const openHouse = await SuperBot.start({ "realtime.allow_anonymous": true, "realtime.allowed_origins": "*" });
  const token = await openHouse.token("publish");
  elsewhere.pages.set("/anonymous", `<!doctype html><script src="${openHouse.url}/static/js/websocket-client.js"></script>`);
  const { page, context } = await open(`${elsewhere.url}/anonymous`, { cookie: undefined });
  await inPlace(page);
  assert.equal((await states(page)).at(-1).authenticated, false);
  await openHouse.post({ title: "for everybody" }, token);
  await until("the listing", async () => (await titles(page)).includes("for everybody"));
  await page.evaluate(() => wsClient.subscribeScraperStatus());
  await until("the refusal", () => page.evaluate(() => told.some(({ name, code }) => name === "error" && code === "forbidden")));
  await context.close();
  await openHouse.remove();
});

test("a page may use the module instead of the script", async () => {
  const { context } = await session(browser, { url: superbot.url, cookie });
  const page = await context.newPage();
  await page.goto(`${superbot.url}/my/module.html`);
  await page.waitForFunction(() => window.moduleConnected === true);
  await context.close();
});

test("notifications are shown only where they are allowed, each with its id as tag", async () => {
  const { context } = await session(browser, { url: superbot.url, cookie, permissions: ["notifications"] });
  await context.addInitScript(() => {
    window.shown = [];
    window.Notification = class {
      static permission = "granted";
      constructor(title, options) { shown.push({ title, ...options }); }
    };
  });
  const page = await context.newPage();
  await page.goto(`${superbot.url}/my/guide.html`);
  await connected(page);
  const data = { message: "under $200", listing: { title: "Bike", link: "https://example.org/bike" } };
  await superbot.request("POST", "/api/users/ann/notifications", { type: "price_alert", data }, publish);
  await superbot.request("POST", "/api/users/ann/notifications", { type: "custom", data }, publish);
  await superbot.post({ title: "not asked for" }, publish);
  await page.waitForSelector(".listing-card");
  await page.evaluate(() => { wsClient.notifyListings = true; });
  await superbot.post({ title: "asked for" }, publish);
  const shown = await until("two notifications", () => page.evaluate(() => shown.length === 2 && shown));
  assert.deepEqual(shown.map(({ title }) => title), ["Price alert", "asked for"]);
  assert.match(shown[0].tag, /^\d+$/);
  assert.equal(shown[0].body, "under $200");
  await context.close();
});

test("permission is never asked for without a click", async () => {
  const { context } = await session(browser, { url: superbot.url, cookie });
  const page = await context.newPage();
  await page.goto(`${superbot.url}/my/asks-by-itself.html`);
  await page.waitForFunction(() => window.answer !== undefined);
  assert.deepEqual(await page.evaluate(() => [answer, asked]), ["default", 0]);
  await page.click("#ask");
  await page.waitForFunction(() => asked === 1);
  await context.close();
});
