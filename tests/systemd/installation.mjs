// A machine-wide installation as docs/DEPLOY.md describes it, in a mount namespace of its own: /etc, /var/lib and
// /usr/local/bin are the test's, and users are those that the shipped sysusers file makes, with nobody beside them.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { required } from "../program.mjs";
import { shipped } from "../proxies/proxy.mjs";

/** How each of those who type commands is become, in words for setpriv. */
const WHO = {
  root: [],
  service: ["--reuid=superbot", "--regid=superbot", "--init-groups"],
  other: ["--reuid=nobody", "--regid=nogroup", "--clear-groups"],
};

const SET_UP = `
  mkdir "$FOLDER/etc"
  cp -a /etc/. "$FOLDER/etc"
  mount --bind "$FOLDER/etc" /etc
  mount -t tmpfs -o mode=755 tmpfs /var/lib
  mount -t tmpfs -o mode=755 tmpfs /usr/local/bin
  install -m 755 "$SUPERBOT_BIN" /usr/local/bin/superbot
  install -D -m 644 "$SYSUSERS" /etc/sysusers.d/superbot.conf
  systemd-sysusers
  install -d -m 700 -o superbot -g superbot /var/lib/superbot /var/lib/superbot-backups
  install -D -m 640 -o root -g superbot "$SETTINGS" /etc/superbot/superbot.toml
  echo ready
  exec sleep infinity`;

export class Installation {
  #folder;
  #keeper;
  #running = new Set();

  static async make() {
    if (process.getuid() !== 0) throw new Error("this test becomes several users and mounts folders: run it as root");
    const installation = new Installation();
    installation.#folder = await mkdtemp(join(tmpdir(), "superbot-installation-"));
    const env = {
      ...process.env,
      FOLDER: installation.#folder,
      SUPERBOT_BIN: required("SUPERBOT_BIN"),
      SYSUSERS: shipped("systemd/superbot.sysusers"),
      SETTINGS: shipped("systemd/superbot.toml"),
    };
    const args = ["--mount", "--propagation=private", "bash", "-euc", SET_UP];
    const keeper = spawn("unshare", args, { env, stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(keeper, "exit").then(([code]) => Promise.reject(new Error(`the set-up ended with ${code}`)));
    ended.catch(() => {});
    await Promise.race([once(keeper.stdout, "data"), ended]);
    installation.#keeper = keeper;
    return installation;
  }

  async remove() {
    for (const child of this.#running) child.kill("SIGKILL");
    this.#keeper?.kill("SIGKILL");
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Starts a program as somebody; the environment is what `sudo` leaves of it, and the folder one that only root may enter. */
  start(who, program, args, { env = {}, input = "" } = {}) {
    const home = { root: "/root", service: "/var/lib/superbot", other: "/nonexistent" }[who];
    const become = ["nsenter", `--mount=/proc/${this.#keeper.pid}/ns/mnt`, "--wd=/root", "setpriv", ...WHO[who], program, ...args];
    const stdio = [input === "" ? "ignore" : "pipe", "pipe", "pipe"];
    const child = spawn(become[0], become.slice(1), { env: { PATH: process.env.PATH, HOME: home, ...env }, stdio });
    child.stdin?.end(input);
    child.said = "";
    for (const stream of ["stdout", "stderr"]) {
      child[stream].text = "";
      child[stream].on("data", (text) => {
        child[stream].text += text;
        child.said += text;
      });
    }
    this.#running.add(child);
    child.once("close", () => this.#running.delete(child));
    return child;
  }

  /** Runs a program to its end. */
  async run(who, program, args, options) {
    const child = this.start(who, program, args, options);
    const [code] = await once(child, "close");
    return { code, stdout: child.stdout.text, stderr: child.stderr.text };
  }

  /** Runs a superbot command to its end. */
  superbot(who, args, options) {
    return this.run(who, "superbot", args, options);
  }

  /** Runs a superbot command that must succeed; what it printed. */
  async done(who, args, options) {
    const { code, stdout, stderr } = await this.superbot(who, args, options);
    if (code !== 0) throw new Error(`superbot ${args.join(" ")} as ${who} ended with ${code}:\n${stderr}`);
    return { stdout, stderr };
  }

  /** Runs a shell script as root. */
  async shell(script) {
    const { code, stdout, stderr } = await this.run("root", "sh", ["-euc", script]);
    if (code !== 0) throw new Error(`${script} ended with ${code}:\n${stderr}`);
    return stdout.trim();
  }

  /** The command of a shipped unit and what systemd sets for it: the service's user and environment. */
  async unit(file) {
    const unit = await readFile(shipped(`systemd/${file}`), "utf8");
    const env = Object.fromEntries([...unit.matchAll(/^Environment=(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]));
    return { command: /^ExecStart=(.*)$/m.exec(unit)[1].replaceAll("%%", "%"), env };
  }

  /** Starts the server as superbot.service does, on a free port. */
  async serve() {
    const { command, env } = await this.unit("superbot.service");
    const server = this.start("service", "sh", ["-c", `exec ${command} --listen 127.0.0.1:0`], { env });
    const ended = once(server, "close").then(() => Promise.reject(new Error(`the server ended:\n${server.said}`)));
    ended.catch(() => {});
    const listening = new Promise((resolve) => {
      server.stdout.on("data", () => {
        const found = /Super-Bot is at (http:\S+)\//.exec(server.stdout.text);
        if (found) resolve(found[1]);
      });
    });
    const url = await Promise.race([listening, ended]);
    const stop = async () => {
      server.kill("SIGTERM");
      await once(server, "close");
    };
    return { url, stop };
  }
}
