// The units that deploy/systemd ships, as systemd reads them, and the commands that they run.
import assert from "node:assert/strict";
import { once } from "node:events";
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { required } from "../program.mjs";
import { freePorts, run, shipped } from "../proxies/proxy.mjs";

/** Systemd's own measure of what a service may do, times ten; below 20 is "OK". */
const MOST_EXPOSURE = 13;

/** Each unit, and what it is started as. */
const UNITS = {
  "superbot.service": "superbot.service",
  "superbot@.service": "superbot@5000.service",
  "superbot-worker@.service": "superbot-worker@price-alerts.service",
  "superbot-backup.service": "superbot-backup.service",
};

let folder;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "superbot-units-"));
  for (const [file, instance] of Object.entries(UNITS)) {
    const unit = await readFile(shipped(`systemd/${file}`), "utf8");
    await writeFile(join(folder, instance), unit.replaceAll("/usr/local/bin/superbot", required("SUPERBOT_BIN")));
  }
});

after(() => rm(folder, { recursive: true, force: true }));

for (const instance of Object.values(UNITS)) {
  test(`systemd understands ${instance}, and finds little that it may do`, async () => {
    const unit = join(folder, instance);
    assert.equal(await run("systemd-analyze", ["verify", "--man=no", "--recursive-errors=no", unit]), "");
    await run("systemd-analyze", ["security", "--offline=yes", `--threshold=${MOST_EXPOSURE}`, "--no-pager", unit]);
  });
}

test("all units are shut in alike", async () => {
  const sandboxes = await Promise.all(
    Object.keys(UNITS).map(async (file) => /\n# Sandbox: denies everything[^]*?\n(?=\n|$)/.exec(await readFile(shipped(`systemd/${file}`), "utf8"))[0]),
  );
  assert.equal(new Set(sandboxes).size, 1);
});

test("systemd makes the user that they run as", async () => {
  await mkdir(join(folder, "etc"));
  await run("systemd-sysusers", [`--root=${folder}`, shipped("systemd/superbot.sysusers")]);
  assert.match(await readFile(join(folder, "etc/passwd"), "utf8"), /^superbot:.*:\/var\/lib\/superbot:/m);
});

test("a server without workers and two workers run as their units say, and stop when they are told to", async () => {
  const [port] = await freePorts(1);
  const data = await mkdtemp(join(folder, "data-"));
  const settings = await readFile(shipped("systemd/without-workers.conf"), "utf8");
  const environment = Object.fromEntries([...settings.matchAll(/^Environment=(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]));
  const start = async (file, instance) => {
    const unit = await readFile(shipped(`systemd/${file}`), "utf8");
    const [program, ...args] = /^ExecStart=(.*)$/m.exec(unit)[1].replaceAll("%i", instance).split(" ");
    assert.equal(program, "/usr/local/bin/superbot");
    assert.match(unit, /^Environment=XDG_DATA_HOME=\/var\/lib$/m);
    const env = { PATH: process.env.PATH, XDG_DATA_HOME: data, ...environment };
    const child = spawn(required("SUPERBOT_BIN"), args, { cwd: folder, env });
    let printed = "";
    const started = new Promise((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (text) => {
          printed += text;
          if (/Super-Bot is at|working/.test(printed)) resolve();
        });
      }
      child.once("exit", (code) => reject(new Error(`${file} ended with ${code}:\n${printed}`)));
    });
    await started;
    return child;
  };
  const children = [
    await start("superbot@.service", String(port)),
    await start("superbot-worker@.service", "price-alerts"),
    await start("superbot-worker@.service", "saved-searches"),
  ];
  assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);
  for (const child of children) {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    assert.deepEqual(await ended, [0, null]);
  }
});
