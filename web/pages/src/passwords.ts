import { byId } from "./dom";
import { NAME_RULE, PASSWORD_RULE } from "./rules";

/** Says what names and passwords must be, where the page has a place for it, and lets passwords be seen. */
export function explainPasswords(): void {
  say("name-rule", NAME_RULE);
  say("password-rule", PASSWORD_RULE);
  for (const button of document.querySelectorAll<HTMLButtonElement>(".password button")) {
    const field = byId<HTMLInputElement>(button.getAttribute("aria-controls") ?? "");
    button.addEventListener("click", () => show(button, field, field.type === "password"));
    // What is sent is a password again, for browsers keep what they take for other texts.
    field.form?.addEventListener("submit", () => show(button, field, false));
  }
}

function show(button: HTMLButtonElement, field: HTMLInputElement, shown: boolean): void {
  field.type = shown ? "text" : "password";
  button.textContent = shown ? "Hide" : "Show";
  button.setAttribute("aria-pressed", String(shown));
}

function say(id: string, words: string): void {
  const place = document.getElementById(id);
  if (place !== null) place.textContent = words;
}
