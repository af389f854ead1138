// Runs the program under test as its users do: a data folder of its own, commands, and HTTP.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describedFetch } from "./description.mjs";

export const PASSWORD = "correct horse battery";

const STARTS_WITHIN_MS = 20_000;

/** A file that the tests cannot do without, named by an environment variable. */
export function required(variable) {
  const path = process.env[variable];
  if (!path) throw new Error(`${variable} must name what is to be tested; \`cargo xtask test\` sets it`);
  return path;
}

/** Waits until a condition holds, and says what it was when it never does. */
export async function until(what, condition, within_ms = 15_000) {
  const deadline = performance.now() + within_ms;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`waited ${within_ms} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** One installation of Super-Bot. */
export class SuperBot {
  #folder;
  #settings;
  #flags;
  #process;
  #port;
  #isGuest = false;
  /** What the server has written, for when a test fails. */
  log = "";

  /**
   * Starts one in an empty folder; `settings` are its environment variables without their prefix, `flags` those of `serve`.
   * One that is known to the world under another address needs a port.
   */
  static async start(settings = {}, flags = [], port = 0) {
    const superbot = new SuperBot();
    superbot.#flags = flags;
    superbot.#port = port;
    superbot.#folder = await mkdtemp(join(tmpdir(), "superbot-test-"));
    superbot.#settings = Object.fromEntries(
      Object.entries(settings).map(([key, value]) => [`SUPERBOT__${key.toUpperCase().replace(".", "__")}`, String(value)]),
    );
    await superbot.resume();
    return superbot;
  }

  /** Starts another server on the same data, with the same settings. */
  async startBeside(port = 0) {
    const other = new SuperBot();
    other.#isGuest = true;
    [other.#flags, other.#folder, other.#settings, other.#port] = [this.#flags, this.#folder, this.#settings, port];
    await other.resume();
    return other;
  }

  get url() {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Starts the server, where it was before. */
  async resume() {
    const server = this.#spawn(["serve", "--listen", `127.0.0.1:${this.#port}`, ...this.#flags]);
    this.#process = server;
    server.stderr.on("data", (text) => (this.log += text));
    const lines = createInterface({ input: server.stdout });
    const address = new Promise((resolve, reject) => {
      lines.on("line", (line) => {
        this.log += `${line}\n`;
        const found = /^Super-Bot is at (?:http:\/\/127\.0\.0\.1:(\d+))?/.exec(line);
        if (found) resolve(Number(found[1] ?? this.#port));
      });
      server.once("exit", (code) => reject(new Error(`the server ended with ${code}:\n${this.log}`)));
      setTimeout(() => reject(new Error(`the server did not start:\n${this.log}`)), STARTS_WITHIN_MS).unref();
    });
    this.#port = await address;
  }

  /** Ends the server, with a signal that it may or may not notice. */
  async stop(signal = "SIGTERM") {
    const server = this.#process;
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, "exit");
    server.kill(signal);
    await ended;
  }

  /** Ends the server and removes everything it kept. */
  async remove() {
    await this.stop("SIGKILL");
    if (this.#isGuest) return;
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Runs a command beside the server and gives what it printed. */
  async command(args, input = "") {
    const command = this.#spawn(args);
    let printed = "";
    let complained = "";
    command.stdout.on("data", (text) => (printed += text));
    command.stderr.on("data", (text) => (complained += text));
    // A command that wants no input may be gone before it is written; its exit code tells how it went.
    command.stdin.on("error", () => {});
    command.stdin.end(input);
    const [code] = await once(command, "close");
    if (code !== 0) throw new Error(`superbot ${args.join(" ")} ended with ${code}: ${complained}`);
    return printed.trim();
  }

  async addUser(name, ...flags) {
    await this.command(["user", "add", name, ...flags, "--password-stdin"], `${PASSWORD}\n`);
  }

  async token(scope, user) {
    const owner = user === undefined ? [] : ["--user", user];
    return this.command(["token", "create", "--name", `test ${scope}`, "--scope", scope, ...owner]);
  }

  /** Signs a user in and gives the session cookie, as `name=value`. */
  async signIn(username) {
    const response = await this.request("POST", "/api/auth/login", { username, password: PASSWORD });
    return response.headers.getSetCookie().find((cookie) => cookie.includes("superbot_session=")).split(";")[0];
  }

  /** Calls the REST API; anything but success is an error of the test, and so is an answer that is not as described. */
  async request(method, path, body, token) {
    const headers = { "Content-Type": "application/json", ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }) };
    const response = await describedFetch(this.url + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }

  /** Posts a listing and gives its outcome. */
  async post(listing, token) {
    const defaults = { source: "ksl", price: 100, link: `https://example.org/${encodeURIComponent(listing.title)}` };
    return (await this.request("POST", "/api/listings", { ...defaults, ...listing }, token)).json();
  }

  #spawn(args) {
    return spawn(required("SUPERBOT_BIN"), ["--data-dir", this.#folder, ...args], {
      env: { PATH: process.env.PATH, HOME: this.#folder, ...this.#settings },
      cwd: this.#folder,
    });
  }
}
