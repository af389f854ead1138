// Somebody who follows the guide: a machine with an empty home folder, and a terminal that keeps what was exported in it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { required, until } from "../program.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const ENDS_WITHIN_MS = 60_000;

/**
 * Commands of the guide that do something else here, as shell scripts: a build has been made already, packages come from what
 * the tests have installed, and Python is the tests' own.
 */
const STAND_INS = {
  cargo: `[ "$*" = "build --release" ] && mkdir -p target/release && ln -sf "$SUPERBOT_BIN" target/release/superbot`,
  pip: `exec python -m pip "$@" --quiet --target "$PYTHONPATH" --no-build-isolation --no-deps --no-index --disable-pip-version-check`,
  python: `exec "$SUPERBOT_PYTHON" "$@"`,
  pytest: `exec python -m pytest "$@"`,
};

export class Reader {
  #ownEnv;
  #programs = [];

  static async arrive() {
    const reader = new Reader();
    reader.folder = await mkdtemp(join(tmpdir(), "superbot-guide-"));
    const commands = reader.path("commands");
    await mkdir(commands);
    await mkdir(reader.path("pages"));
    for (const [name, script] of Object.entries(STAND_INS)) {
      await writeFile(join(commands, name), `#!/bin/sh\n${script}\n`);
      await chmod(join(commands, name), 0o755);
    }
    // As much of a checkout as the guide uses, and what `npm install` would bring.
    await symlink(join(ROOT, "clients"), reader.path("clients"));
    await symlink(join(ROOT, "tests/node_modules"), reader.path("node_modules"));
    reader.machine = { home: reader.folder, port: await freePort(), flaskPort: await freePort() };
    reader.#ownEnv = {
      PATH: `${commands}:${process.env.PATH}`,
      HOME: reader.folder,
      PYTHONPATH: reader.path("packages"),
      PYTHONDONTWRITEBYTECODE: "1",
      SUPERBOT_BIN: required("SUPERBOT_BIN"),
      SUPERBOT_PYTHON: required("SUPERBOT_PYTHON"),
      // Instead of the default, which may be taken.
      SUPERBOT__SERVER__LISTEN: `127.0.0.1:${reader.machine.port}`,
    };
    reader.openTerminal();
    return reader;
  }

  /** A new terminal knows nothing of what was exported in the one before. */
  openTerminal() {
    this.env = this.#ownEnv;
  }

  path(name) {
    return join(this.folder, name);
  }

  write(name, text) {
    return writeFile(this.path(name), text);
  }

  /** Runs lines in the reader's terminal; what they export holds for everything after. */
  async shell(text, { input = "", code = 0 } = {}) {
    const exported = this.path(".exported");
    const said = await this.run("bash", ["-euo", "pipefail", "-c", `${text}\nenv -0 > "${exported}"`], { input, code });
    if (code === 0) {
      const pairs = (await readFile(exported, "utf8")).split("\0").filter(Boolean);
      this.env = Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
    }
    return said;
  }

  /** Runs a command to its end and gives all that it said. */
  async run(command, args, { input = "", code = 0 } = {}) {
    const program = this.start(command, args);
    program.process.stdin.on("error", () => {});
    program.process.stdin.end(input);
    const timer = setTimeout(() => program.process.kill("SIGKILL"), ENDS_WITHIN_MS);
    const [ended] = await once(program.process, "close");
    clearTimeout(timer);
    if (ended !== code) throw new Error(`${command} ${args.join(" ")}\nended with ${ended}, not ${code}:\n${program.said}`);
    return program.said;
  }

  /** Starts what runs until it is stopped. */
  start(command, args, { env = {} } = {}) {
    const program = new Program(spawn(command, args, { cwd: this.folder, env: { ...this.env, ...env }, detached: true }));
    this.#programs.push(program);
    return program;
  }

  /** Starts a line of the guide, in a terminal of its own. */
  startLine(line, options) {
    return this.start("bash", ["-euc", line], options);
  }

  async leave() {
    for (const program of this.#programs) await program.stop("SIGKILL");
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A program that was started, with all that came of it. */
class Program {
  said = "";

  constructor(process) {
    this.process = process;
    for (const stream of [process.stdout, process.stderr]) stream.on("data", (text) => (this.said += text));
  }

  /** Waits until it has said this. */
  async says(pattern) {
    await until(`${pattern} in what was said`, () => {
      if (pattern.test(this.said)) return true;
      if (this.#hasEnded()) throw new Error(`it ended and has not said ${pattern}, but\n${this.said}`);
      return false;
    });
    return this;
  }

  /** Waits until it answers there with success. */
  async answers(url) {
    await until(`an answer of ${url}`, async () => {
      if (this.#hasEnded()) throw new Error(`it ended:\n${this.said}`);
      return fetch(url).then((response) => response.ok, () => false);
    });
  }

  /** Ends it, and what it has started. */
  async stop(signal = "SIGTERM") {
    if (this.#hasEnded()) return;
    const ended = once(this.process, "close");
    process.kill(-this.process.pid, signal);
    await ended;
  }

  #hasEnded() {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }
}

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
