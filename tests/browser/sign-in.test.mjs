// Set-up, signing in, making an account, and being signed out.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PASSWORD, SuperBot } from "../program.mjs";
import { launch, session } from "./chromium.mjs";

let superbot, browser;

before(async () => {
  superbot = await SuperBot.start({ "auth.registration": "open" });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await superbot?.remove();
});

test("the link of the first run makes the admin, who is signed in at once", async () => {
  const { context, faults } = await session(browser);
  const page = await context.newPage();
  await page.goto(superbot.url);
  await page.waitForURL("**/login");
  await page.waitForSelector("#setup-needed:not([hidden])");
  await page.goto(/\S+\/setup#\S+/.exec(superbot.log)[0]);
  await page.fill("#username", "root");
  await page.fill("#password", "short");
  await page.click("button[type=submit]");
  await page.waitForSelector("#password[aria-invalid=true]");
  await page.fill("#password", PASSWORD);
  await page.click("button[type=submit]");
  await page.waitForSelector("[data-state=live]");
  assert.equal(await page.textContent(".rail-name"), "root");
  await page.getByRole("heading", { name: "No listings yet" }).waitFor();
  await page.goto(`${superbot.url}/setup`);
  await page.waitForSelector("#done:not([hidden])");
  assert.deepEqual(faults, []);
  await context.close();
});

test("signing in leads to where one wanted to go, and nowhere else; signing out ends it", async () => {
  await superbot.addUser("ann");
  const { context, faults } = await session(browser);
  const page = await context.newPage();
  await page.goto(`${superbot.url}/?from=mail`);
  await page.waitForURL("**/login?next=*");
  await page.fill("#username", "ann");
  await page.fill("#password", "wrong");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#sign-in .problem:not([hidden])");
  await page.fill("#password", PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/?from=mail");
  await page.waitForSelector("[data-state=live]");
  await page.locator(".rail").getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL("**/login");
  await page.goBack();
  await page.waitForURL("**/login?next=*");
  await page.goto(`${superbot.url}/login?next=//evil.example/`);
  await page.fill("#username", "ann");
  await page.fill("#password", PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${superbot.url}/`);
  assert.deepEqual(faults, []);
  await context.close();
});

test("an account can be made where registration is open", async () => {
  const { context } = await session(browser);
  const page = await context.newPage();
  await page.goto(`${superbot.url}/login`);
  await page.click("text=Make an account");
  await page.fill("#new-username", "bob");
  await page.fill("#new-password", PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-state=live]");
  assert.equal(await page.textContent(".rail-name"), "bob");
  await context.close();
});

test("whoever is signed out elsewhere is sent to the sign-in page", async () => {
  const { context } = await session(browser, { url: superbot.url, cookie: await superbot.signIn("bob") });
  const page = await context.newPage();
  await page.goto(superbot.url);
  await page.waitForSelector("[data-state=live]");
  await context.request.post(`${superbot.url}/api/auth/logout`, { headers: { Origin: superbot.url } });
  await page.waitForURL("**/login");
  await context.close();
});
