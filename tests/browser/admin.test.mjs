// The admin's page: who is connected, messages to everyone, users, and how the server fares.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PASSWORD, SuperBot, until } from "../program.mjs";
import { inAllLooks } from "./axe.mjs";
import { launch, openLive } from "./chromium.mjs";

const EVIL = `<img src=x onerror="window.__pwned=1">`;

let superbot, browser, publish;

before(async () => {
  superbot = await SuperBot.start();
  browser = await launch();
  await superbot.addUser("root", "--admin");
  await superbot.addUser("ann");
  publish = await superbot.token("publish");
});

after(async () => {
  await browser?.close();
  await superbot?.remove();
});

async function open(name, path, options = {}) {
  return openLive(browser, superbot, path, { cookie: await superbot.signIn(name), ...options });
}

test("a message at each level looks as its preview did, and arrives in another user's tab as text", async () => {
  const ann = await open("ann", "/");
  const { page, context, faults, errors } = await open("root", "/admin?part=message");
  await page.getByRole("button", { name: "Send to everyone" }).click();
  await page.getByText("Write something first.").waitFor();
  for (const [level, words] of [["info", "Information"], ["success", "Good news"], ["warning", "Warning"], ["error", "Trouble"]]) {
    await page.getByRole("textbox", { name: "Message" }).fill(`${level} ${EVIL}`);
    await page.getByLabel(words).check();
    const preview = page.locator(`[data-preview][data-level=${level}]`);
    assert.equal(await preview.textContent(), `${level} ${EVIL}`);
    const colour = await preview.evaluate((box) => getComputedStyle(box).backgroundColor);
    await page.getByRole("button", { name: "Send to everyone" }).click();
    const banner = ann.page.locator(`.banners .alert[data-level=${level}]`, { hasText: `${level} ${EVIL}` });
    await banner.waitFor();
    assert.equal(await banner.evaluate((box) => getComputedStyle(box).backgroundColor), colour);
    assert.equal(await page.getByRole("textbox", { name: "Message" }).inputValue(), "");
  }
  assert.equal(await ann.page.evaluate(() => window.__pwned), undefined);
  assert.deepEqual([faults, errors, ann.faults, ann.errors], [[], [], [], []]);
  await Promise.all([context.close(), ann.context.close()]);
});

test("who is connected is shown while they come and go", async () => {
  const { page, context, errors } = await open("root", "/admin");
  const connected = page.locator("section", { has: page.getByRole("heading", { name: /Connected now/ }) });
  await connected.getByText("root").waitFor();
  const ann = await open("ann", "/");
  await connected.getByText("ann").waitFor();
  await ann.context.close();
  await connected.getByText("ann").waitFor({ state: "detached" });
  assert.deepEqual(errors, []);
  await context.close();
});

test("rates and latencies are those of what happens, also after the server has begun anew", async () => {
  const { page, context, faults } = await open("root", "/admin");
  const chart = (title) => page.locator(".admin-chart", { has: page.getByRole("heading", { name: title }) });
  await chart("Events a second").locator("canvas").waitFor();
  const post = async (count, name) => {
    for (let number = 0; number < count; number += 1) await superbot.post({ title: `${name} ${number}` }, publish);
  };
  const rate = async () => Number((await chart("Events a second").locator("strong").textContent()).replace("–", "0"));
  await post(40, "before");
  await until("a rate", async () => (await rate()) > 0);
  for (const title of ["Delivery", "Intake"]) {
    await until(title, async () => /\d ms|\d s/.test(await chart(title).locator("strong").first().textContent()));
  }
  await superbot.stop("SIGTERM");
  await superbot.resume();
  await page.waitForSelector("[data-state=live]", { state: "attached" });
  await until("no rate", async () => (await rate()) === 0, 30_000);
  await post(20, "after");
  await until("a rate again", async () => (await rate()) > 0);
  await until("the problems to be gone", async () => (await page.getByRole("main").getByRole("alert").count()) === 0);
  assert.deepEqual(faults, []);
  await context.close();
});

test("the figures are those of the store, and each worker says whether it works", async () => {
  const { page, context, errors } = await open("root", "/admin");
  const figure = (name) => page.locator(".admin-figures div", { hasText: name }).locator("dd");
  const stats = await (await superbot.request("GET", "/api/admin/stats", undefined, await superbot.token("admin"))).json();
  assert.equal(await figure("Listings").textContent(), String(stats.listings));
  assert.equal(await figure("Version").textContent(), stats.version);
  assert.match(await figure("Store on disk").textContent(), /^[\d.,]+ (kB|MB)$/);
  const workers = page.locator("section", { has: page.getByRole("heading", { name: "Workers" }) }).locator("li");
  assert.equal(await workers.count(), stats.workers.length);
  assert.ok(stats.workers.length > 0);
  assert.match(await workers.first().textContent(), /Works/);
  assert.deepEqual(errors, []);
  await context.close();
});

test("a user is made, shut out at once, and let in again by undoing it", async () => {
  const { page, context, faults } = await open("root", "/admin?part=people");
  await page.getByText("Make a user").click();
  await page.getByLabel("Name").fill("x/y");
  await page.getByLabel("First password").fill("short");
  await page.getByRole("button", { name: "Make the user" }).click();
  await page.getByText(/^The (name|password) .+/).first().waitFor();
  await page.getByLabel("Name").fill(EVIL.replaceAll("/", ""));
  await page.getByLabel("First password").fill(PASSWORD);
  await page.getByRole("button", { name: "Make the user" }).click();
  await page.locator(".admin-row", { hasText: EVIL.replaceAll("/", "") }).waitFor();
  await page.getByLabel("Name").fill("dora");
  await page.getByLabel("First password").fill(PASSWORD);
  await page.getByRole("button", { name: "Make the user" }).click();
  const row = page.locator('[data-user="dora"]');
  await row.waitFor();

  const dora = await open("dora", "/");
  await row.getByRole("button", { name: "Shut out" }).click();
  await dora.page.waitForURL("**/login**");
  await row.getByText("Shut out", { exact: true }).first().waitFor();
  await page.locator(".toast-card", { hasText: "dora is shut out" }).getByRole("button", { name: "Undo" }).click();
  await row.getByRole("button", { name: "Shut out" }).waitFor();
  await superbot.signIn("dora");
  // Nobody shuts themselves out.
  assert.equal(await page.locator('[data-user="root"]').getByRole("button", { name: "Shut out" }).count(), 0);
  assert.equal(await page.evaluate(() => window.__pwned), undefined);
  assert.deepEqual(faults, []);
  await Promise.all([context.close(), dora.context.close()]);
});

test("an admin, and a reset link of an admin, are made with one's own password only", async () => {
  const { page, context, faults } = await open("root", "/admin?part=people");
  await page.getByText("Make a user").click();
  await page.getByLabel("Name").fill("second");
  await page.getByLabel("First password").fill(PASSWORD);
  assert.equal(await page.getByLabel("Your password").count(), 0, "an ordinary user needs none");
  await page.getByText("Admin: may do everything").click();
  await page.getByLabel("Your password").fill("wrong");
  await page.getByRole("button", { name: "Make the user" }).click();
  await page.getByText("This is not your password.").waitFor();
  await page.getByLabel("Your password").fill(PASSWORD);
  await page.getByRole("button", { name: "Make the user" }).click();
  const row = page.locator('[data-user="second"]');
  await row.waitFor();
  await row.getByRole("button", { name: "Reset link" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Your password").fill("wrong");
  await dialog.getByRole("button", { name: "Make the link" }).click();
  await dialog.getByText("This is not your password.").waitFor();
  await dialog.getByLabel("Your password").fill(PASSWORD);
  await dialog.getByRole("button", { name: "Make the link" }).click();
  assert.match(await page.getByLabel("Link", { exact: true }).inputValue(), /\/reset#\S+$/);
  assert.deepEqual(faults, []);
  await context.close();
});

test("everybody's tokens are listed with their owners", async () => {
  await superbot.token("user", "ann");
  const { page, context, errors } = await open("root", "/admin?part=tokens");
  await page.locator(".account-row", { hasText: "test user" }).getByText("ann’s").waitFor();
  await page.locator(".account-row", { hasText: "test publish" }).getByText("nobody’s").first().waitFor();
  assert.deepEqual(errors, []);
  await context.close();
});

test("the page is for admins, and asks for nothing when somebody else opens it", async () => {
  const { page, context, errors } = await open("ann", "/admin");
  await page.getByRole("heading", { name: "This page is for admins" }).waitFor();
  assert.deepEqual(errors, []);
  await context.close();
});

test("every part of it keeps to WCAG 2.2 AA", async () => {
  const looks = (path, prepare) => inAllLooks(async (options) => {
    const { page, context } = await open("root", path, options);
    await prepare(page);
    return { page, context };
  });
  const found = [
    ...(await looks("/admin", (page) => page.locator("canvas").nth(2).waitFor())),
    ...(await looks("/admin?part=message", async (page) => {
      await page.getByLabel("Trouble").check();
      await page.getByRole("button", { name: "Send to everyone" }).click();
      await page.getByText("Write something first.").waitFor();
    })),
    ...(await looks("/admin?part=people", async (page) => {
      await page.getByText("Make a user").click();
      await page.getByRole("button", { name: "Make an invitation" }).click();
      await page.getByLabel("The invitation’s link").waitFor();
      await page.locator('[data-user="ann"]').getByRole("button", { name: "Reset link" }).click();
      await page.getByRole("dialog").waitFor();
    })),
    ...(await looks("/admin?part=tokens", (page) => page.locator(".account-row").first().waitFor())),
  ];
  assert.deepEqual(found, []);
});
