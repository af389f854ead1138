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
  const error = element("p", { id: `${input.id}-error`, class: "field-error" }, message);
  input.setAttribute("aria-invalid", "true");
  describe(input, [error.id, ...descriptions(input)]);
  input.after(error);
}

function clearProblems(form: HTMLFormElement): void {
  for (const message of form.querySelectorAll(".field-error")) message.remove();
  for (const input of inputs(form)) {
    input.removeAttribute("aria-invalid");
    describe(input, descriptions(input).filter((id) => id !== `${input.id}-error`));
  }
  const problem = form.querySelector<HTMLElement>(".problem");
  if (problem !== null) problem.hidden = true;
}

/** The elements that say more of a field, a hint for example. */
function descriptions(input: HTMLInputElement): string[] {
  return (input.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id !== "");
}

function describe(input: HTMLInputElement, ids: readonly string[]): void {
  if (ids.length === 0) input.removeAttribute("aria-describedby");
  else input.setAttribute("aria-describedby", ids.join(" "));
}

function inputs(form: HTMLFormElement): HTMLInputElement[] {
  return [...form.querySelectorAll("input")];
}

function isVisible(input: HTMLInputElement): boolean {
  return input.offsetParent !== null;
}
