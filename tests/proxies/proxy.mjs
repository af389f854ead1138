// Runs a proxy with the configuration that deploy/ ships.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "../program.mjs";
import { ask } from "./client.mjs";

/** A file of deploy/, by its path in there. */
export const shipped = (path) => fileURLToPath(new URL(`../../deploy/${path}`, import.meta.url));

/**
 * The text of a shipped file with a few words replaced: a machine under test has other ports and certificates than a
 * server. Words that are not there would mean that something else is tried than what is shipped.
 */
export function substituted(path, table) {
  return table.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`deploy/${path} has no ${JSON.stringify(from)} to be replaced`);
    return text.replaceAll(from, to);
  }, readFileSync(shipped(path), "utf8"));
}

/** Ports that nobody uses. */
export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}

/** Makes a certificate for localhost that nobody but these tests trusts: one PEM file with its key, and one without. */
export async function makeCertificate(folder) {
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  await run("openssl", [
    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate,
  ]);
  return { key, certificate };
}

/** Runs a program to its end and gives what it printed; failing is an error of the test. */
export async function run(program, args, options = {}) {
  const child = spawn(program, args, options);
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (printed += text));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}:\n${printed}`);
  return printed;
}

/** A proxy that runs. */
export class Proxy {
  #printed = "";
  #accessLog;
  #process;
  #folder;

  /**
   * Starts one on two ports of its own. `prepare(folder, ports)` gives the program, its arguments and environment, the
   * certificate that clients are to trust, and the file of its access log where that is not printed.
   */
  static async start(ports, prepare) {
    const proxy = new Proxy();
    proxy.#folder = await mkdtemp(join(tmpdir(), "superbot-proxy-"));
    const { program, args, env = {}, trusted, accessLog } = await prepare(proxy.#folder, ports);
    const child = spawn(program, args, { cwd: proxy.#folder, env: { ...process.env, ...env } });
    proxy.#process = child;
    proxy.#accessLog = accessLog;
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (proxy.#printed += text));
    child.once("error", (error) => (proxy.#printed += String(error)));
    proxy.http = `http://localhost:${ports.http}`;
    proxy.url = `https://localhost:${ports.https}`;
    await until(`${program} to start`, async () => {
      if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}:\n${proxy.log}`);
      try {
        proxy.ca = readFileSync(trusted);
        return (await ask(proxy, "GET", "/readyz")).status === 200;
      } catch {
        return false;
      }
    }).catch((error) => {
      throw new Error(`${error.message}\n${proxy.log}`);
    });
    return proxy;
  }

  /** What it has written. */
  get log() {
    const isThere = this.#accessLog && existsSync(this.#accessLog);
    return this.#printed + (isThere ? readFileSync(this.#accessLog, "utf8") : "");
  }

  async stop() {
    const child = this.#process;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}
