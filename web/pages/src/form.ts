import { Refusal, sentence } from "./api";
import { element } from "./dom";

/** Makes a form send its fields, and show beside each what is wrong with it. */
export function onSubmit(form: HTMLFormElement, send: (fields: Record<string, string>) => Promise<void>): void {
  const button = form.querySelector<HTMLButtonElement>("button[type=submit]");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (button === null || button.disabled) return;
    clearProblems(form);
    const missing = inputs(form).filter((input) => input.required && input.value === "" && isVisible(input));
    for (const input of missing) markField(input, "Please fill this in.");
    if (missing.length > 0) {
      missing[0]?.focus();
      return;
    }
    button.disabled = true;
    const fields = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    send(fields)
      .catch((error: unknown) => showProblem(form, error))
      .finally(() => {
        button.disabled = false;
      });
  });
}

function showProblem(form: HTMLFormElement, error: unknown): void {
  const named = error instanceof Refusal ? error.fields : new Map<string, string>();
  const wrong = inputs(form).filter((input) => named.has(input.name) && isVisible(input));
  for (const input of wrong) {
    const label = form.querySelector(`label[for="${input.id}"]`)?.textContent ?? "This";
    markField(input, sentence(`${label} ${named.get(input.name) ?? ""}`));
  }
  const problem = form.querySelector<HTMLElement>(".problem");
  if (wrong.length === 0 && problem !== null) {
    problem.textContent = error instanceof Error ? error.message : String(error);
    problem.hidden = false;
  }
  (wrong[0] ?? inputs(form).findLast(isVisible))?.focus();
}

function markField(input: HTMLInputElement, message: string): void {
  const id = `${input.id}-error`;
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-errormessage", id);
  input.after(element("p", { id, class: "field-error" }, message));
}

function clearProblems(form: HTMLFormElement): void {
  for (const message of form.querySelectorAll(".field-error")) message.remove();
  for (const input of inputs(form)) {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-errormessage");
  }
  const problem = form.querySelector<HTMLElement>(".problem");
  if (problem !== null) problem.hidden = true;
}

function inputs(form: HTMLFormElement): HTMLInputElement[] {
  return [...form.querySelectorAll("input")];
}

function isVisible(input: HTMLInputElement): boolean {
  return input.offsetParent !== null;
}
