// What the commands of a machine-wide installation do as root, as the service's user and as somebody else.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { describedFetch } from "../description.mjs";
import { until } from "../program.mjs";
import { Installation } from "./installation.mjs";

const STORE = "/var/lib/superbot/superbot.db";
const SETTINGS = "/etc/superbot/superbot.toml";
const BACKUP = "/var/lib/superbot-backups/superbot.db";

/** Those who may work on the service's store. */
const TRUSTED = ["root", "service"];

let installed;

before(async () => {
  installed = await Installation.make();
});

after(() => installed?.remove());

/** Who owns what is in the data directory. */
const owners = async () => new Set((await installed.shell("find /var/lib/superbot -printf '%u\\n'")).split("\n"));

const makeToken = (who) => installed.done(who, ["token", "create", "--name", who, "--scope", "publish"]);

/** What a server says to a token. */
const status = async ({ url }, token) =>
  (await describedFetch(`${url}/api/connected-users`, { headers: { Authorization: `Bearer ${token.trim()}` } })).status;

/** Checks that somebody else is refused, with the file and the user that are meant. */
async function assertRefused(args, path) {
  const { code, stdout, stderr } = await installed.superbot("other", args);
  assert.notEqual(code, 0, `${args}: ${stdout}`);
  assert.equal(stdout, "");
  assert.ok(stderr.includes(path) && stderr.includes("superbot"), stderr);
}

test("no command makes a store before the service has made it", async () => {
  for (const who of TRUSTED) {
    const { code, stdout, stderr } = await installed.superbot(who, ["token", "create", "--name", "x", "--scope", "publish"]);
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /there is no store at \/var\/lib\/superbot\/superbot\.db/);
  }
  assert.equal(await installed.shell("ls -A /var/lib/superbot"), "");
});

test("everybody sees which settings are read", async () => {
  for (const who of TRUSTED) {
    const { stdout } = await installed.done(who, ["config", "show"]);
    assert.match(stdout, /^# read from \/etc\/superbot\/superbot\.toml$/m);
    assert.match(stdout, /^url = "sqlite:\/var\/lib\/superbot\/superbot\.db"/m);
  }
  await assertRefused(["config", "show"], SETTINGS);
});

test("a token is one of the running server's, whoever of those who may makes it", async () => {
  const server = await installed.serve();
  for (const who of TRUSTED) {
    const { stdout, stderr } = await makeToken(who);
    assert.equal(await status(server, stdout), 200, who);
    assert.ok(stderr.includes(`changed the store ${STORE}`), stderr);
  }
  await assertRefused(["token", "create", "--name", "x", "--scope", "admin"], SETTINGS);
  await installed.shell(`chmod 644 ${SETTINGS}`);
  for (const args of [["token", "create", "--name", "x", "--scope", "admin"], ["user", "list"], ["worker", "all"]]) {
    await assertRefused(args, STORE);
  }
  await installed.shell(`chmod 640 ${SETTINGS}`);
  await server.stop();
  assert.deepEqual(await owners(), new Set(["superbot"]));
});

test("what root's commands leave, or lose their life over, is the service's", async () => {
  const worker = installed.start("root", "superbot", ["worker", "price-alerts"]);
  await until("the worker", () => /working/.test(worker.said));
  assert.match(await installed.shell("ls /var/lib/superbot"), /superbot\.db-wal/);
  assert.deepEqual(await owners(), new Set(["superbot"]));
  worker.kill("SIGKILL");
  await once(worker, "close");
  assert.deepEqual(await owners(), new Set(["superbot"]));
  await (await installed.serve()).stop();

  await installed.shell("mv /var/lib/superbot /var/lib/old && install -d -m 700 -o superbot -g superbot /var/lib/superbot");
  await installed.done("root", ["user", "add", "ann", "--admin", "--password-stdin"], { input: "correct horse\n" });
  assert.deepEqual(await owners(), new Set(["superbot"]));
  await (await installed.serve()).stop();
  await installed.shell("rm -r /var/lib/superbot && mv /var/lib/old /var/lib/superbot");
});

test("the backup unit saves the store that the server uses, and says which", async () => {
  const unit = await installed.unit("superbot-backup.service");
  const backUp = () => installed.run("service", "sh", ["-c", unit.command], { env: unit.env });
  const first = await backUp();
  assert.equal(first.code, 0, first.stderr);
  assert.ok(first.stdout.includes(`backed up ${STORE}`), first.stdout);
  // The server moves to another store, and the old one stays where it is.
  await installed.done("service", ["store", "copy", "sqlite:superbot.db", "sqlite:moved.db"]);
  await installed.shell(`printf '[store]\\nurl = "sqlite:moved.db"\\n' >> ${SETTINGS}`);
  const second = await backUp();
  assert.equal(second.code, 0, second.stderr);
  assert.ok(second.stdout.includes("backed up /var/lib/superbot/moved.db"), second.stdout);
  await installed.shell(`sed -i '/store/,$d' ${SETTINGS} && rm /var/lib/superbot/moved.db`);
});

for (const who of TRUSTED) {
  test(`a backup comes back into the server's store as ${who}`, async () => {
    await installed.done("service", ["store", "backup", "--force", BACKUP]);
    const { stdout: late } = await makeToken("service");
    const { stdout, stderr } = await installed.done(who, ["store", "restore", "--force", BACKUP]);
    assert.ok(stdout.includes(`restored ${BACKUP}`) && stdout.includes(`to ${STORE}`), stdout);
    assert.ok(stderr.includes(`changed the store ${STORE}`), stderr);
    assert.deepEqual(await owners(), new Set(["superbot"]));
    const server = await installed.serve();
    assert.equal(await status(server, late), 401, "what was made after the backup is gone");
    const { stdout: token } = await makeToken(who);
    assert.equal(await status(server, token), 200);
    await server.stop();
  });
}

test("somebody else restores nothing", async () => {
  await installed.shell(`chmod 644 ${SETTINGS} && install -m 644 ${BACKUP} /var/lib/readable.db`);
  await assertRefused(["store", "restore", "--force", "/var/lib/readable.db"], STORE);
  await assertRefused(["store", "backup", "/var/lib/other.db"], STORE);
  await installed.shell(`chmod 640 ${SETTINGS}`);
});

test("settings in the service's environment file count for commands, or stop them", async () => {
  const file = "/etc/superbot/environment";
  await installed.shell(`install -m 600 /dev/null ${file} && echo 'SUPERBOT__STORE__URL=sqlite:other.db' > ${file}`);
  const { stdout } = await installed.done("root", ["config", "show"]);
  assert.match(stdout, /url = "sqlite:\/var\/lib\/superbot\/other\.db" {2}# set in the file \/etc\/superbot\/environment/);
  const { code, stderr } = await installed.superbot("service", ["token", "create", "--name", "x", "--scope", "publish"]);
  assert.equal(code, 2);
  assert.ok(stderr.includes(file) && stderr.includes("as root"), stderr);
  await installed.shell(`rm ${file}`);
});
