import "./theme";
import { api } from "./api";
import { byId } from "./dom";
import { onSubmit } from "./form";
import { explainPasswords } from "./passwords";

const form = byId<HTMLFormElement>("set-up");
const token = byId<HTMLInputElement>("token");

explainPasswords();
onSubmit(form, async ({ username = "", password = "" }) => {
  await api.post("/api/setup", { body: { username, password, token: token.value.trim() } });
  location.replace("/");
});

addEventListener("hashchange", takeToken);
takeToken();
(token.value === "" ? token : byId("username")).focus();

const options = await api.get("/api/auth/options").catch(() => undefined);
if (options?.setup_needed === false) {
  byId("done").hidden = false;
  form.hidden = true;
}

/** The link carries the code behind `#`, which browsers send to no server. */
function takeToken(): void {
  token.value = location.hash.slice(1);
  byId("code-field").hidden = token.value !== "";
}
