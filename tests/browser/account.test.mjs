// Accounts: invited, lost and found again, signed in at several places, and with tokens for programs.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { describedFetch } from "../description.mjs";
import { PASSWORD, SuperBot, until } from "../program.mjs";
import { inAllLooks } from "./axe.mjs";
import { launch, session } from "./chromium.mjs";

const NEW_PASSWORD = "staple battery horse";
const EVIL = `<img src=x onerror="window.__pwned=1">`;

let superbot, browser;

before(async () => {
  superbot = await SuperBot.start({ "auth.registration": "invite" });
  browser = await launch();
  await superbot.addUser("root", "--admin");
  for (const name of ["ann", "bob", "cleo"]) await superbot.addUser(name);
});

after(async () => {
  await browser?.close();
  await superbot?.remove();
});

/** A page of somebody who is signed in; without a name, of nobody. */
async function open(name, path, options = {}) {
  const cookie = name === undefined ? undefined : await superbot.signIn(name);
  const { context, faults, errors } = await session(browser, { url: superbot.url, cookie, ...options });
  const page = await context.newPage();
  await page.goto(superbot.url + path);
  if (name !== undefined) await page.waitForSelector("[data-state=live]", { state: "attached" });
  return { page, context, faults, errors };
}

const signedInAs = async (page, name) => {
  await page.waitForSelector("[data-state=live]");
  await page.locator(".rail-name", { hasText: name }).waitFor();
};

test("an invitation's link makes one account, and no second one", async () => {
  const admin = await open("root", "/admin?part=people");
  await admin.page.getByText("Whoever has an invitation may make an account").waitFor();
  await admin.page.getByRole("button", { name: "Make an invitation" }).click();
  const link = await admin.page.getByLabel("The invitation’s link").inputValue();
  assert.match(link, /\/login#invite=\S+$/);
  assert.ok(link.startsWith(superbot.url));
  await admin.page.locator("[data-invite]", { hasText: "Open" }).waitFor();

  const { page, context, faults } = await open(undefined, "/login");
  await page.goto(link);
  await page.getByText("You have been invited").waitFor();
  assert.equal(await page.getByLabel("Invitation").isVisible(), false);
  // The rules are said before anything is wrong.
  await page.getByText("At least 8 characters").waitFor();
  await page.fill("#new-username", "dora");
  await page.fill("#new-password", "short");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#new-password[aria-invalid=true]");
  await page.fill("#new-password", PASSWORD);
  await page.getByRole("button", { name: "Show" }).click();
  assert.equal(await page.getAttribute("#new-password", "type"), "text");
  await page.getByRole("button", { name: "Make the account" }).click();
  await signedInAs(page, "dora");
  assert.deepEqual(faults, []);
  await context.close();

  const late = await open(undefined, link.slice(superbot.url.length));
  await late.page.fill("#new-username", "eve");
  await late.page.fill("#new-password", PASSWORD);
  await late.page.keyboard.press("Enter");
  // The field that is wrong shows itself.
  await late.page.waitForSelector("#invite[aria-invalid=true]");
  await late.page.getByText("is not valid (any more)").waitFor();
  await late.context.close();
  await admin.page.reload();
  await admin.page.locator("[data-invite]", { hasText: "Used by dora" }).waitFor();
  await admin.context.close();
});

test("an invitation can be taken back, and had back again before that", async () => {
  const { page, context, errors } = await open("root", "/admin?part=people");
  await page.getByRole("button", { name: "Make an invitation" }).click();
  const row = page.locator("[data-invite]", { hasText: "Open" });
  await row.waitFor();
  await row.getByRole("button", { name: "Take back" }).click();
  await row.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await row.waitFor();
  await row.getByRole("button", { name: "Take back" }).click();
  await page.locator(".toast-card", { hasText: "taken back" }).getByRole("button", { name: "Dismiss" }).click();
  await until("the deletion", async () => {
    const token = await superbot.token("admin");
    const { items } = await (await superbot.request("GET", "/api/invites", undefined, token)).json();
    return items.every(({ used_by }) => used_by !== null);
  });
  assert.deepEqual(errors, []);
  await context.close();
});

test("a reset link from an admin sets a new password, once, and ends other sessions", async () => {
  const lost = await open("bob", "/account");
  const admin = await open("root", "/admin?part=people");
  await admin.page.locator('[data-user="bob"]').getByRole("button", { name: "Reset link" }).click();
  const link = await admin.page.getByLabel("Link").inputValue();
  assert.match(link, /\/reset#\S+$/);
  await admin.context.close();

  const { page, context, faults } = await open(undefined, link.slice(superbot.url.length));
  await page.getByText("At least 8 characters").waitFor();
  await page.fill("#password", "short");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#password[aria-invalid=true]");
  await page.fill("#password", NEW_PASSWORD);
  await page.keyboard.press("Enter");
  await signedInAs(page, "bob");
  await lost.page.waitForURL("**/login**");
  assert.deepEqual(faults, []);
  await Promise.all([context.close(), lost.context.close()]);

  const late = await open(undefined, link.slice(superbot.url.length));
  await late.page.fill("#password", PASSWORD);
  await late.page.keyboard.press("Enter");
  await late.page.locator(".problem").waitFor();
  await late.page.getByText("Ask your admin for a new one").waitFor();
  await late.page.goto(`${superbot.url}/reset`);
  await late.page.reload();
  await late.page.getByText("opened with a link that an admin makes").waitFor();
  await late.page.goto(`${superbot.url}/login`);
  await late.page.fill("#username", "bob");
  await late.page.fill("#password", NEW_PASSWORD);
  await late.page.keyboard.press("Enter");
  await signedInAs(late.page, "bob");
  await late.context.close();
});

test("a session that is ended elsewhere signs its tab out; this one is marked and stays", async () => {
  const elsewhere = await open(undefined, "/login", { userAgent: "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0" });
  await elsewhere.page.fill("#username", "ann");
  await elsewhere.page.fill("#password", PASSWORD);
  await elsewhere.page.keyboard.press("Enter");
  await signedInAs(elsewhere.page, "ann");
  const { page, context, errors } = await open("ann", "/account");
  const row = page.locator(".account-row", { hasText: "Firefox on Windows" });
  await row.waitFor();
  assert.equal(await page.locator(".account-row", { hasText: "This one" }).count(), 1);
  assert.equal(await page.locator(".account-row", { hasText: "This one" }).getByRole("button").count(), 0);
  await row.getByRole("button", { name: "End" }).click();
  await elsewhere.page.waitForURL("**/login**");
  await row.waitFor({ state: "detached" });
  await page.locator(".account-row", { hasText: "This one" }).waitFor();
  assert.deepEqual(errors, []);
  await Promise.all([context.close(), elsewhere.context.close()]);
});

test("a change of password says what is wrong, and ends the other sessions", async () => {
  const elsewhere = await open("cleo", "/");
  const { page, context, faults } = await open("cleo", "/account");
  const change = async (current, next) => {
    await page.getByLabel("Present password").fill(current);
    await page.getByLabel("New password").fill(next);
    await page.getByRole("button", { name: "Change it" }).click();
  };
  await change("wrong", NEW_PASSWORD);
  await page.getByText("This is not your password.").waitFor();
  await change(PASSWORD, "short");
  await page.getByText("The new password has 5 characters; at least 8 are needed.").waitFor();
  await change(PASSWORD, NEW_PASSWORD);
  await page.getByText("Your password is changed").waitFor();
  await elsewhere.page.waitForURL("**/login**");
  assert.equal(await page.getByLabel("New password").inputValue(), "");
  await page.reload();
  await page.getByText("This one").waitFor();
  assert.deepEqual(faults, []);
  await Promise.all([context.close(), elsewhere.context.close()]);
});

test("a token is shown once, works, and is revoked unless that is undone", async () => {
  const { page, context, faults, errors } = await open("ann", "/account");
  assert.deepEqual(await page.getByLabel("What may it do?").locator("option").evaluateAll((all) => all.map(({ value }) => value)), ["user"]);
  await page.getByLabel("What is it for?").fill(EVIL);
  await page.getByRole("button", { name: "Make a token" }).click();
  const shown = page.getByRole("group", { name: "The new token" });
  const token = await shown.getByRole("textbox").inputValue();
  assert.match(await shown.locator("pre").textContent(), new RegExp(`Bearer ${token}`));
  await shown.getByRole("button", { name: "Copy" }).click();
  await shown.getByRole("button", { name: "Copied" }).waitFor();
  assert.equal((await (await superbot.request("GET", "/api/auth/me", undefined, token)).json()).username, "ann");
  const row = page.locator(".account-row", { hasText: EVIL });
  await row.waitFor();
  await page.reload();
  await row.waitFor();
  assert.equal(await page.getByRole("group", { name: "The new token" }).count(), 0);
  assert.equal((await page.content()).includes(token), false);

  await row.getByRole("button", { name: "Revoke" }).click();
  await row.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await row.waitFor();
  await superbot.request("GET", "/api/auth/me", undefined, token);
  await row.getByRole("button", { name: "Revoke" }).click();
  await page.locator(".toast-card").getByRole("button", { name: "Dismiss" }).click();
  await until("the revocation", async () => {
    const answer = await describedFetch(`${superbot.url}/api/auth/me`, { headers: { Authorization: `Bearer ${token}` } });
    return answer.status === 401;
  });
  assert.equal(await page.evaluate(() => window.__pwned), undefined);
  assert.deepEqual([faults, errors], [[], []]);
  await context.close();
});

test("an admin makes publish tokens, with an example that works as it stands", async () => {
  const { page, context, faults } = await open("root", "/account");
  await page.getByLabel("What is it for?").fill("scraper");
  await page.getByLabel("What may it do?").selectOption("publish");
  const password = page.getByLabel("Your password");
  await password.fill("a wrong one");
  await page.getByRole("button", { name: "Make a token" }).click();
  await page.getByText("This is not your password.").waitFor();
  await password.fill(PASSWORD);
  await page.getByRole("button", { name: "Make a token" }).click();
  const example = await page.getByRole("group", { name: "The new token" }).locator("pre").textContent();
  const [, token] = /Bearer ([^"]+)"/.exec(example);
  const [, body] = /-d '([^']+)'/.exec(example);
  const posted = await superbot.request("POST", "/api/listings", JSON.parse(body), token);
  assert.equal((await posted.json()).status, "created");
  await page.getByRole("button", { name: "I have it" }).click();
  assert.equal((await page.content()).includes(token), false);
  // A password that is refused is an error in the console, not of the page.
  assert.deepEqual(faults, []);
  await context.close();
});

test("colours that are chosen hold on every page, also on those without an account", async () => {
  const { page, context } = await open("ann", "/account", { colorScheme: "light" });
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.getByLabel("Dark", { exact: true }).check();
  await until("the dark colours", async () => (await ground()) !== light);
  const dark = await ground();
  await page.getByRole("main").getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL("**/login");
  await until("the dark colours", async () => (await ground()) === dark);
  await context.close();
});

test("an invitation is of no use where registration is closed, and the page says so", async () => {
  const closed = await SuperBot.start({});
  try {
    await closed.addUser("root", "--admin");
    const { context } = await session(browser);
    const page = await context.newPage();
    await page.goto(`${closed.url}/login#invite=abc`);
    await page.getByText("Registration is closed here").waitFor();
    assert.equal(await page.locator("#register, #to-register").filter({ visible: true }).count(), 0);
    await context.close();
  } finally {
    await closed.remove();
  }
});

test("every part of it keeps to WCAG 2.2 AA", async () => {
  const looks = (name, path, prepare) => inAllLooks(async (options) => {
    const { page, context } = await open(name, path, options);
    await prepare(page);
    return { page, context };
  });
  const found = [
    ...(await looks("ann", "/account", async (page) => {
      await page.getByText("This one").waitFor();
      await page.getByLabel("What is it for?").fill("axe");
      await page.getByRole("button", { name: "Make a token" }).click();
      await page.getByRole("group", { name: "The new token" }).waitFor();
    })),
    ...(await looks(undefined, "/login#invite=abc", async (page) => {
      await page.getByRole("button", { name: "Make the account" }).click();
      await page.waitForSelector("#new-username[aria-invalid=true]");
    })),
    ...(await looks(undefined, "/reset#abc", async (page) => {
      await page.fill("#password", PASSWORD);
      await page.keyboard.press("Enter");
      await page.locator(".problem").waitFor();
    })),
    ...(await looks(undefined, "/reset", (page) => page.locator("#no-link").waitFor())),
  ];
  assert.deepEqual(found, []);
});
