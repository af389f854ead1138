// What a proxy makes of pages and of who asks for them.
import assert from "node:assert/strict";
import { once } from "node:events";
import http2 from "node:http2";
import { test } from "node:test";
import { launch, session } from "../browser/chromium.mjs";
import { PASSWORD, until } from "../program.mjs";
import { ask, askJson } from "./client.mjs";
import { SIGN_INS } from "./world.mjs";

/** Tries a site's outside. */
export function tryOutside(name, site) {
  test(`${name} serves pages over https and HTTP/2, and leads there from http`, async () => {
    const page = await ask(site.proxy, "GET", "/login");
    assert.equal(page.status, 200);
    assert.match(page.headers["content-type"], /^text\/html/);
    const redirected = await ask({ url: site.proxy.http }, "GET", "/alerts?new");
    assert.ok([301, 308].includes(redirected.status), String(redirected.status));
    assert.match(redirected.headers.location, /^https:\/\/localhost(:\d+)?\/alerts\?new$/);
    assert.equal((await ask(site.proxy, "GET", "/metrics")).status, 404);
    const client = http2.connect(site.proxy.url, { ca: site.proxy.ca });
    const [head] = await once(client.request({ ":path": "/login" }), "response");
    assert.equal(head[":status"], 200);
    client.close();
  });

  test(`${name} passes on who a client is, and nothing a client made up`, async () => {
    const from = "127.0.8.1";
    const headers = { "X-Forwarded-For": "6.6.6.6", Origin: site.proxy.url };
    const signedIn = await askJson(site.proxy, "POST", "/api/auth/login", { username: "ann", password: PASSWORD }, { from, headers });
    assert.equal(signedIn.status, 200, signedIn.text);
    const cookie = signedIn.headers["set-cookie"].find((cookie) => cookie.includes("superbot_session="));
    assert.match(cookie, /; Secure/);
    assert.match(cookie, /; HttpOnly/);
    const sessions = await ask(site.proxy, "GET", "/api/sessions", { from, headers: { Cookie: cookie.split(";")[0] } });
    assert.equal(JSON.parse(sessions.text).items[0].address, from);
    const guess = (from) =>
      askJson(site.proxy, "POST", "/api/auth/login", { username: "guess", password: PASSWORD }, { from });
    let guesses = 0;
    await until("guesses to be refused", async () => (guesses += 1) && (await guess("127.0.8.2")).status === 429);
    assert.ok(guesses <= SIGN_INS * site.world.nodes.length + 1, String(guesses));
    assert.equal((await guess("127.0.8.3")).status, 401);
  });

  test(`${name} keeps the secrets in addresses out of its log`, async () => {
    const secret = "sbt_secret-in-an-address";
    for (const path of [`/api/events?token=${secret}`, `/socket.io/?EIO=4&transport=polling&sid=${secret}`]) {
      const answer = await ask(site.proxy, "GET", path);
      assert.ok(answer.status >= 400, String(answer.status));
    }
    await ask(site.proxy, "GET", "/nothing-after-secrets");
    // Caddy, as shipped, logs no requests.
    if (name !== "Caddy") await until("the log", () => site.proxy.log.includes("GET /nothing-after-secrets"));
    assert.ok(!site.proxy.log.includes(secret), site.proxy.log);
  });

  test(`${name} lets pages of this site connect, and no others`, async () => {
    const open = (origin) => ask(site.proxy, "GET", "/socket.io/?EIO=4&transport=polling", { headers: { Origin: origin } });
    assert.equal((await open(site.proxy.url)).status, 200);
    const refused = await open("https://evil.example");
    assert.deepEqual([refused.status, JSON.parse(refused.text).code], [403, 4]);
  });

  test(`${name} serves the dashboard to a browser, which becomes live and stays so`, async () => {
    const browser = await launch();
    const { context, faults } = await session(browser, { ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.goto(`${site.proxy.url}/`);
    await page.fill("#username", "ann");
    await page.fill("#password", PASSWORD);
    await page.keyboard.press("Enter");
    await page.waitForSelector("[data-state=live]", { state: "attached" });
    assert.equal(await page.evaluate(() => isSecureContext), true);
    await site.post("seen in a browser");
    await page.getByText("seen in a browser").first().waitFor();
    assert.deepEqual(faults, []);
    await browser.close();
  });
}
