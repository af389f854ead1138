import "./theme";
import { api, Refusal } from "./api";
import { byId } from "./dom";
import { onSubmit } from "./form";
import { explainPasswords } from "./passwords";

const form = byId<HTMLFormElement>("reset");
let token = "";

explainPasswords();
onSubmit(form, async ({ password = "" }) => {
  try {
    await api.post("/api/auth/reset", { body: { token, password } });
  } catch (error) {
    // A password that is not right can be mended here; a link that is not good (any more) cannot.
    byId("ask-again").hidden = !(error instanceof Refusal && error.status < 500 && error.status >= 400 && !error.fields.has("password"));
    throw error;
  }
  location.replace("/");
});

addEventListener("hashchange", takeToken);
takeToken();
byId("password").focus();

/** The link carries its token behind `#`, which browsers send to no server. */
function takeToken(): void {
  token = location.hash.slice(1).trim();
  byId("no-link").hidden = token !== "";
  form.hidden = token === "";
}
