// A server, a user for each test, and what tests of notifications do with them.
import { after, before, beforeEach } from "node:test";
import { SuperBot } from "../program.mjs";
import { launch, session } from "./chromium.mjs";

/** Starts a server and a browser before the tests of a file, and makes a user before each test. */
export function inboxFixture() {
  let superbot, browser, publish, count = 0;
  /** Each test has a user of its own. */
  let user, token, cookie;

  before(async () => {
    superbot = await SuperBot.start();
    browser = await launch();
    publish = await superbot.token("publish");
  });

  beforeEach(async () => {
    user = `user${++count}`;
    await superbot.addUser(user);
    token = await superbot.token("user", user);
    cookie = await superbot.signIn(user);
  });

  after(async () => {
    await browser?.close();
    await superbot?.remove();
  });

  /** Opens a page of the user's, in a browser session of its own or beside others. */
  async function open(path, { beside, init, ...options } = {}) {
    const { context, faults, errors } = beside ?? (await session(browser, { url: superbot.url, cookie, ...options }));
    if (init !== undefined) await context.addInitScript(init);
    const page = await context.newPage();
    await page.goto(superbot.url + path);
    await page.waitForSelector("[data-state=live]", { state: "attached" });
    return { page, context, faults, errors };
  }

  const api = async (method, path, body) => {
    const response = await superbot.request(method, path, body, token);
    return response.status === 204 ? undefined : response.json();
  };
  const notify = (type, data, to = user) => superbot.request("POST", `/api/users/${to}/notifications`, { type, data }, publish);
  const alert = (keywords, more = {}) => api("POST", "/api/price-alerts", { keywords, threshold_price: 1_000, ...more });
  const alerts = async () => (await api("GET", "/api/price-alerts")).items;
  const row = (page, hasText) => page.locator(".inbox-row", { hasText });
  const arrival = (page, hasText) => page.locator(".arrival", { hasText });
  const unreadIn = (page, number) => page.waitForFunction((expected) => (document.title.match(/^\((\d+)\)/)?.[1] ?? "0") === expected, String(number));

  return {
    get superbot() { return superbot; },
    get browser() { return browser; },
    get publish() { return publish; },
    open, api, notify, alert, alerts, row, arrival, unreadIn,
  };
}
