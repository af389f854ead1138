import "./theme";
import { api, type AuthOptions } from "./api";
import { byId } from "./dom";
import { onSubmit } from "./form";
import { inviteOf, nextAddress } from "./next";
import { explainPasswords } from "./passwords";

const signIn = byId<HTMLFormElement>("sign-in");
const register = byId<HTMLFormElement>("register");
const invite = byId<HTMLInputElement>("invite");
let offers: AuthOptions | undefined;

explainPasswords();

onSubmit(signIn, async ({ username = "", password = "" }) => {
  await api.post("/api/auth/login", { body: { username, password } });
  enter();
});

onSubmit(register, async ({ username = "", password = "" }) => {
  const given = invite.value.trim();
  try {
    await api.post("/api/auth/register", { body: { username, password, ...(given === "" ? {} : { invite: given }) } });
  } catch (error) {
    // Should it be the invitation that is wrong, there must be a field to say it at.
    if (offers?.registration === "invite") byId("invitation").hidden = false;
    throw error;
  }
  enter();
});

addEventListener("hashchange", showForm);
byId("username").focus();

offers = await api.get("/api/auth/options").catch(() => undefined);
if (offers !== undefined) {
  byId("setup-needed").hidden = !offers.setup_needed;
  byId("to-register").hidden = !mayRegister();
  showForm();
}

/** Leaves this page behind: going back must not lead to a form that has done its work. */
function enter(): void {
  location.replace(nextAddress(location.search, location.origin));
}

function mayRegister(): boolean {
  return offers !== undefined && offers.registration !== "closed" && !offers.setup_needed;
}

/** The address says which form: `#register`, or `#invite=…` as an invitation's link has it. */
function showForm(): void {
  const invitation = inviteOf(location.hash);
  const wantsToRegister = mayRegister() && (location.hash === "#register" || invitation !== undefined);
  byId("no-invitations").hidden = invitation === undefined || offers === undefined || offers.setup_needed || mayRegister();
  byId("invited").hidden = invitation === undefined;
  if (invitation !== undefined) invite.value = invitation;
  byId("invitation").hidden = offers?.registration !== "invite" || invitation !== undefined;
  if (register.hidden === !wantsToRegister) return;
  register.hidden = !wantsToRegister;
  signIn.hidden = wantsToRegister;
  document.title = `${wantsToRegister ? "Make an account" : "Sign in"} · Super-Bot`;
  const inputs = [...(wantsToRegister ? register : signIn).querySelectorAll("input")];
  inputs.find((input) => input.offsetParent !== null)?.focus();
}
