import { useSignal } from "@preact/signals";
import { messageOf } from "../../api/call";
import { problemsOf } from "./words";

/** A form's saving: whether it is under way, what went wrong, and how often it was tried. */
export function useSaving(save: () => Promise<void>) {
  const problem = useSignal<unknown>(undefined);
  const isBusy = useSignal(false);
  const tries = useSignal(0);
  const onSubmit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (isBusy.value) return;
    isBusy.value = true;
    try {
      await save();
    } catch (error) {
      problem.value = error;
      tries.value += 1;
      // The field of the words leads to the wrong one itself.
      if (!problemsOf(error).has("keywords")) focusProblem();
    } finally {
      isBusy.value = false;
    }
  };
  const isOwn = problem.value !== undefined && problemsOf(problem.value).size === 0;
  return { problem, isBusy, tries, onSubmit, message: isOwn ? messageOf(problem.value) : undefined };
}

/** Leads to the first field with something wrong, once it says so. */
function focusProblem(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(".query-form [aria-invalid=true]")?.focus());
}
