// What must hold behind every proxy.
import assert from "node:assert/strict";
import { once } from "node:events";
import http2 from "node:http2";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { launch, session } from "../browser/chromium.mjs";
import { PASSWORD, until } from "../program.mjs";
import { agent, ask, askJson, begin, Listener } from "./client.mjs";
import { SIGN_INS, World } from "./world.mjs";

const TRANSPORTS = { polling: ["polling"], websocket: ["websocket"], upgrade: ["polling", "websocket"] };

/** Addresses of this machine, one for each client of a crowd. */
const addresses = (count) => Array.from({ length: count }, (_, index) => `127.0.7.${index + 1}`);

const listing = (title) => ({ title, source: "ksl", price: 100, link: `https://example.org/${encodeURIComponent(title)}` });

/**
 * Makes the tests of one proxy; `start(ports)` starts it. One that cannot send a request's body again answers 502 where the
 * server that it chose first is gone.
 */
export function tryProxy(name, start, { repeatsBodies = true } = {}) {
  let world, proxy;

  before(async () => {
    world = await World.start();
    proxy = await start(world.ports);
  });

  after(async () => {
    await proxy?.stop();
    await world?.remove();
  });

  const publishing = () => ({ headers: { Authorization: `Bearer ${world.publish}` } });
  const post = (title) => askJson(proxy, "POST", "/api/listings", listing(title), publishing());

  /** Posts one listing after the other, and each until it is answered; gives what was answered otherwise. */
  async function postAll(titles, afterEach = () => {}) {
    const failures = [];
    for (const [index, title] of titles.entries()) {
      await until(`${title} to be taken`, async () => {
        const { status, text } = await post(title).catch((error) => ({ status: 0, text: String(error) }));
        if (status >= 300 || status === 0) failures.push(`${title}: ${status} ${text}`);
        return status === 200 || status === 201;
      });
      afterEach(index);
    }
    return failures;
  }

  /** Clients of every kind, each from an address of its own. */
  async function crowd(each) {
    const kinds = Object.values(TRANSPORTS).flatMap((transports) => Array(each).fill(transports));
    const from = addresses(kinds.length);
    const listeners = kinds.map((transports, index) => new Listener(proxy, world.token, transports, from[index]));
    await Promise.all(listeners.map((listener) => listener.connected));
    return listeners;
  }

  async function allHeard(listeners, titles) {
    await until("everybody to hear of everything", () => listeners.every((one) => one.titles.length >= titles.length), 60_000)
      .catch((error) => {
        throw new Error(`${error.message}: ${listeners.map((one) => one.titles.length)} of ${titles.length}\n${proxy.log}`);
      });
    for (const { titles: heard } of listeners) assert.deepEqual(heard, titles);
  }

  test(`${name} serves pages over https and HTTP/2, and leads there from http`, async () => {
    const page = await ask(proxy, "GET", "/login");
    assert.equal(page.status, 200);
    assert.match(page.headers["content-type"], /^text\/html/);
    const redirected = await ask({ url: proxy.http }, "GET", "/alerts?new");
    assert.ok([301, 308].includes(redirected.status), String(redirected.status));
    assert.match(redirected.headers.location, /^https:\/\/localhost(:\d+)?\/alerts\?new$/);
    assert.equal((await ask(proxy, "GET", "/metrics")).status, 404);
    const client = http2.connect(proxy.url, { ca: proxy.ca });
    const [head] = await once(client.request({ ":path": "/login" }), "response");
    assert.equal(head[":status"], 200);
    client.close();
  });

  test(`${name} passes on who a client is, and nothing a client made up`, async () => {
    const from = "127.0.8.1";
    const headers = { "X-Forwarded-For": "6.6.6.6", Origin: proxy.url };
    const signedIn = await askJson(proxy, "POST", "/api/auth/login", { username: "ann", password: PASSWORD }, { from, headers });
    assert.equal(signedIn.status, 200, signedIn.text);
    const cookie = signedIn.headers["set-cookie"][0];
    assert.match(cookie, /; Secure/);
    assert.match(cookie, /; HttpOnly/);
    const sessions = await ask(proxy, "GET", "/api/sessions", { from, headers: { Cookie: cookie.split(";")[0] } });
    assert.equal(JSON.parse(sessions.text).items[0].address, from);
    const guess = (number, from) =>
      askJson(proxy, "POST", "/api/auth/login", { username: `guess${number}`, password: PASSWORD }, { from });
    let guesses = 0;
    await until("guesses to be refused", async () => (await guess((guesses += 1), "127.0.8.2")).status === 429);
    assert.ok(guesses <= SIGN_INS * world.nodes.length + 1, String(guesses));
    assert.equal((await guess(0, "127.0.8.3")).status, 401);
  });

  test(`${name} lets pages of this site connect, and no others`, async () => {
    const open = (origin) => ask(proxy, "GET", "/socket.io/?EIO=4&transport=polling", { headers: { Origin: origin } });
    assert.equal((await open(proxy.url)).status, 200);
    const refused = await open("https://evil.example");
    assert.deepEqual([refused.status, JSON.parse(refused.text).code], [403, 4]);
  });

  for (const [carried, transports] of Object.entries(TRANSPORTS)) {
    test(`${name} carries many clients with ${carried}, each of which stays`, async () => {
      const listeners = addresses(30).map((from) => new Listener(proxy, world.token, transports, from));
      await Promise.all(listeners.map((listener) => listener.connected));
      const settled = carried === "polling" ? "polling" : "websocket";
      await until(`everybody to be on ${settled}`, () => listeners.every(({ transport }) => transport === settled));
      const figures = await world.figures(`superbot_connections_${settled}`);
      assert.ok(figures.every((count) => count > 0), `both servers have their part: ${figures}`);
      const titles = Array.from({ length: 5 }, (_, number) => `${carried} ${number}`);
      assert.deepEqual(await postAll(titles), []);
      await allHeard(listeners, titles);
      for (const { greetings, errors, socket } of listeners) {
        assert.equal(greetings.length, 1, "nobody had to come back");
        assert.deepEqual(errors, []);
        socket.disconnect();
      }
    });
  }

  test(`${name} passes on an event stream as it comes, and its end`, async () => {
    const { request, answered } = begin(proxy, "GET", "/api/events", { headers: { Authorization: `Bearer ${world.token}` } });
    request.end();
    const response = await answered;
    assert.equal(response.headers["content-type"], "text/event-stream");
    const lines = createInterface({ input: response })[Symbol.asyncIterator]();
    const next = async (wanted) => {
      for (;;) {
        const { value, done } = await lines.next();
        assert.ok(!done, `the stream ended before ${wanted}`);
        if (value.includes(wanted)) return;
      }
    };
    await next("connection_status");
    for (const title of ["first of the stream", "second of the stream"]) {
      await post(title);
      await next(title);
    }
    assert.equal((await world.figures("superbot_event_streams")).reduce((sum, count) => sum + count), 1);
    request.on("error", () => {});
    response.on("error", () => {});
    request.destroy();
    await until("the server to hear of the end", async () =>
      (await world.figures("superbot_event_streams")).every((count) => count === 0));
  });

  const beginLines = () =>
    begin(proxy, "POST", "/api/listings", { headers: { ...publishing().headers, "Content-Type": "application/x-ndjson" } });

  test(`${name} passes on a stream of listings that is longer than any other request may be`, async () => {
    const { request, answered } = beginLines();
    const line = `${JSON.stringify({ ...listing("long"), unknown: "x".repeat(100_000) })}\n`;
    const count = 300;
    const written = (async () => {
      for (let number = 0; number < count; number += 1) {
        if (!request.write(line)) await once(request, "drain");
      }
      request.end();
    })();
    const statuses = [];
    for await (const answer of createInterface({ input: await answered })) statuses.push(JSON.parse(answer).status);
    await written;
    assert.deepEqual(statuses, ["created", ...Array(count - 1).fill("unchanged")]);
  });

  test(`${name} passes on listings and the answers to them line by line`, async () => {
    const { request, answered } = beginLines();
    request.write(`${JSON.stringify(listing("line 0"))}\n`);
    const answers = createInterface({ input: await answered })[Symbol.asyncIterator]();
    for (let number = 1; number <= 5; number += 1) {
      assert.equal(JSON.parse((await answers.next()).value).status, "created");
      request.write(`${JSON.stringify(listing(`line ${number}`))}\n`);
    }
    request.end();
  });

  test(`${name} serves the dashboard to a browser, which becomes live and stays so`, async () => {
    const browser = await launch();
    const { context, faults } = await session(browser, { ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.goto(`${proxy.url}/`);
    await page.fill("#username", "ann");
    await page.fill("#password", PASSWORD);
    await page.keyboard.press("Enter");
    await page.waitForSelector("[data-state=live]", { state: "attached" });
    assert.equal(await page.evaluate(() => isSecureContext), true);
    await post("seen in a browser");
    await page.getByText("seen in a browser").first().waitFor();
    assert.deepEqual(faults, []);
    await browser.close();
  });

  test(`${name} loses nothing when a server is stopped as planned`, async () => {
    const listeners = await crowd(4);
    const titles = Array.from({ length: 60 }, (_, number) => `planned ${number}`);
    let stopped;
    const failures = await postAll(titles, (index) => {
      if (index === 20) stopped = world.nodes[1].stop();
    });
    await stopped;
    const excused = (failure) => !repeatsBodies && failure.includes(": 502 ");
    assert.deepEqual(failures.filter((failure) => !excused(failure)), [], "every posting was taken at the first try");
    await allHeard(listeners, titles);
    assert.ok(listeners.some(({ greetings }) => greetings.length > 1), "somebody had to move");
    for (const { greetings } of listeners) assert.ok(greetings.slice(1).every(({ recovered }) => recovered));
    for (const listener of listeners) listener.close();
    await world.nodes[1].resume();
    await world.ready();
  });

  test(`${name} loses nothing when a server dies`, async () => {
    await world.ready();
    // It is known again that both are there.
    await until("both to be used", async () => {
      const before = await world.figures("superbot_sessions_opened_total");
      const both = await Promise.all(addresses(8).map((from) => ask(proxy, "GET", "/socket.io/?EIO=4&transport=polling", { from })));
      assert.ok(both.every(({ status }) => status === 200));
      const now = await world.figures("superbot_sessions_opened_total");
      return now.every((count, index) => count > before[index]);
    });
    const listeners = await crowd(4);
    const titles = Array.from({ length: 60 }, (_, number) => `died ${number}`);
    let killed;
    await postAll(titles, (index) => {
      if (index === 20) killed = world.nodes[0].stop("SIGKILL");
    });
    await killed;
    await allHeard(listeners, titles);
    assert.ok(listeners.some(({ greetings }) => greetings.length > 1), "somebody had to move");
    for (const listener of listeners) listener.close();
    await world.nodes[0].resume();
  });
}
