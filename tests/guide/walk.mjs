// The way through the guide: the reader, the server they have started, and what they saw last.
import assert from "node:assert/strict";
import { launch, openLive, session } from "../browser/chromium.mjs";
import { describedFetch } from "../description.mjs";
import { blocks, substituted } from "./blocks.mjs";
import { Hearing, shape, signIn } from "./hearing.mjs";
import { Reader } from "./reader.mjs";

const MASKED = [/sbt_[\w-]+/g, /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g];

export class Walk {
  /** What the last snippet that said something has said. */
  said = "";
  #server;
  #browser;
  #cookie;

  static async begin() {
    const walk = new Walk();
    walk.reader = await Reader.arrive();
    return walk;
  }

  async end() {
    await this.#browser?.close();
    await this.reader.leave();
  }

  get url() {
    return `http://127.0.0.1:${this.reader.machine.port}`;
  }

  get flaskUrl() {
    return `http://127.0.0.1:${this.reader.machine.flaskPort}`;
  }

  /** A snippet as it is run here. */
  text(block) {
    return substituted(block.text, this.reader.machine);
  }

  /** The text of a snippet that another one needs again. */
  snippet(language, name) {
    return this.text(blocks().find((block) => block.language === language && block.name === name));
  }

  /** Starts a server as a line of the guide says, in place of the one before. */
  async serve(line, options) {
    await this.#server?.stop();
    this.#server = this.reader.startLine(line, options);
    await this.#server.says(/Super-Bot is at \S+\n/);
    this.line = line;
    return this.#server;
  }

  /** Runs commands in the reader's terminal. */
  async shell(text, options) {
    this.said = await this.reader.shell(text, options);
    return this.said;
  }

  async python(name, text) {
    await this.reader.write(`${name}.py`, text);
    this.said = await this.reader.run("python", [`${name}.py`]);
    return this.said;
  }

  async node(name, text) {
    await this.reader.write(`${name}.mjs`, text);
    this.said = await this.reader.run(process.execPath, [`${name}.mjs`]);
    return this.said;
  }

  /** Checks what the guide says that the last snippet said; secrets are others each time. */
  checkSaid(text) {
    const masked = (said) => MASKED.reduce((done, pattern) => done.replace(pattern, "***"), said);
    assert.equal(masked(this.said), masked(text));
  }

  /** Checks that the last line that was said is JSON like this sample: the same fields, the same kinds of values. */
  checkSaidJson(sample, line = -1) {
    const said = JSON.parse(this.said.trim().split("\n").at(line));
    assert.deepEqual(shape(said), shape(JSON.parse(sample)));
    return said;
  }

  async cookie() {
    this.#cookie ??= await signIn(this.url);
    return this.#cookie;
  }

  /** Does something, and hands what is heard meanwhile to the check. */
  async hearing(act, auth) {
    const hearing = await Hearing.begin(this.url, await this.cookie(), auth);
    try {
      return await act(hearing);
    } finally {
      hearing.end();
    }
  }

  /** Calls the REST API, as the reader's program or as the signed-in user. */
  async request(method, path, body, { asUser = false } = {}) {
    const who = asUser ? { Cookie: await this.cookie() } : { Authorization: `Bearer ${this.reader.env.SUPERBOT_TOKEN}` };
    const headers = { "Content-Type": "application/json", ...who };
    const response = await describedFetch(this.url + path, { method, headers, body: JSON.stringify(body) });
    assert.ok(response.ok, `${method} ${path}: ${response.status}`);
    return response.json();
  }

  publish(listing) {
    const link = `https://example.org/${encodeURIComponent(listing.title)}`;
    return this.request("POST", "/api/listings", { source: "ksl", link, ...listing });
  }

  /** Does something with a page that the signed-in user has opened in Chromium; `console` holds what it logged. */
  async inBrowser(url, act, { permissions, before } = {}) {
    this.#browser ??= await launch();
    const { context, faults } = await session(this.#browser, { url: this.url, cookie: await this.cookie(), permissions });
    if (before !== undefined) await context.addInitScript(before);
    const page = await context.newPage();
    const logged = [];
    page.on("console", (message) => logged.push(message.text()));
    try {
      await page.goto(url);
      await page.waitForFunction(() => wsClient.connected);
      await act(page, logged);
    } finally {
      await context.close();
    }
    assert.deepEqual(faults, []);
  }

  /** Does something with the server's own dashboard. */
  async inDashboard(act) {
    this.#browser ??= await launch();
    const { page, context } = await openLive(this.#browser, { url: this.url }, "/", { cookie: await this.cookie() });
    try {
      await act(page);
    } finally {
      await context.close();
    }
  }

  /** Puts a page into the folder of the reader's own pages, and opens it. */
  async ownPage(name, html, act, options) {
    await this.reader.write(`pages/${name}.html`, html);
    await this.inBrowser(`${this.url}/my/${name}.html`, act, options);
  }
}
