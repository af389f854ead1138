import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";

/** Something to be copied, which is shown whole and, if it is new, selected. */
export function CopyField({ label, text, hint }: { label: string; text: string; hint?: string }) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const copied = useSignal(false);
  useEffect(() => {
    copied.value = false;
    field.current?.focus();
    field.current?.select();
  }, [text]);
  const copy = async (): Promise<void> => {
    if (field.current !== null) copied.value = await copyOf(field.current);
  };
  return (
    <div class="field">
      <label class="form-label" for={id}>{label}</label>
      <div class="input-group">
        <input ref={field} id={id} class="form-control copy-text" readOnly value={text} onFocus={(event) => event.currentTarget.select()} />
        <button type="button" class="btn btn-plain" onClick={() => void copy()}>
          {copied.value ? "Copied" : "Copy"}
        </button>
      </div>
      {hint !== undefined && <div class="form-text">{hint}</div>}
      <span class="visually-hidden" role="status">{copied.value ? "Copied" : ""}</span>
    </div>
  );
}

/** Copies a field's text; the modern way works in secure contexts only, and the old one wants the text selected. */
async function copyOf(field: HTMLInputElement): Promise<boolean> {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    return document.execCommand("copy");
  }
}
