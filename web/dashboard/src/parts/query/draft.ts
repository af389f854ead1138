import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { navigate } from "../../router";
import { tell } from "../../state/toasts";

/** What was typed into forms that were left, by their addresses, as long as one can go back to it. */
const left = new Map<string, unknown>();

/** What stands in a form. Whoever leaves it without saving can go back to what was typed, for a while. */
export function useDraft<Draft>(address: string, original: Draft): { draft: Signal<Draft>; saved: () => void } {
  const draft = useSignal((left.get(address) as Draft | undefined) ?? original);
  const isSaved = useRef(false);
  useEffect(() => {
    left.delete(address);
    return () => {
      if (isSaved.current || JSON.stringify(draft.peek()) === JSON.stringify(original)) return;
      left.set(address, draft.peek());
      const goBack = { label: "Go on", run: () => navigate(address) };
      tell("What you typed was not saved.", { action: goBack, whenGone: () => left.delete(address) });
    };
  }, []);
  return { draft, saved: () => (isSaved.current = true) };
}
