import { type AuthOptions, get, post } from "./api";
import { byId } from "./dom";
import { onSubmit } from "./form";
import { nextAddress } from "./next";

const signIn = byId<HTMLFormElement>("sign-in");
const register = byId<HTMLFormElement>("register");
let mayRegister = false;

onSubmit(signIn, async (fields) => {
  await post("/api/auth/login", fields);
  enter();
});

onSubmit(register, async ({ invite = "", ...fields }) => {
  await post("/api/auth/register", invite === "" ? fields : { ...fields, invite: invite.trim() });
  enter();
});

addEventListener("hashchange", showForm);
byId("username").focus();

const options = await get<AuthOptions>("/api/auth/options").catch(() => undefined);
if (options !== undefined) {
  mayRegister = options.registration !== "closed" && !options.setup_needed;
  byId("setup-needed").hidden = !options.setup_needed;
  byId("to-register").hidden = !mayRegister;
  byId("invitation").hidden = options.registration !== "invite";
  showForm();
}

/** Leaves this page behind: going back must not lead to a form that has done its work. */
function enter(): void {
  location.replace(nextAddress(location.search, location.origin));
}

function showForm(): void {
  const wantsToRegister = mayRegister && location.hash === "#register";
  if (register.hidden === !wantsToRegister) return;
  register.hidden = !wantsToRegister;
  signIn.hidden = wantsToRegister;
  document.title = `${wantsToRegister ? "Make an account" : "Sign in"} · Super-Bot`;
  (wantsToRegister ? register : signIn).querySelector("input")?.focus();
}
