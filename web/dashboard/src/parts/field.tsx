import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

/** What the control of a field has to be given, so that its words belong to it. */
export interface ControlProps {
  id: string;
  "aria-invalid"?: true;
  "aria-describedby"?: string;
}

interface FieldProps {
  label: string;
  /** What is wrong with it. */
  error?: string | undefined;
  hint?: ComponentChildren;
  children: (control: ControlProps) => ComponentChildren;
}

/** A label, a control, a hint, and what is wrong: `<Field label="Name">{(control) => <input {...control} />}</Field>`. */
export function Field({ label, error, hint, children }: FieldProps) {
  const id = useId();
  const described = [hint === undefined ? "" : `${id}-hint`, error === undefined ? "" : `${id}-error`].join(" ").trim();
  const control: ControlProps = {
    id,
    ...(error === undefined ? {} : { "aria-invalid": true }),
    ...(described === "" ? {} : { "aria-describedby": described }),
  };
  return (
    <div class="field">
      <label class="form-label" for={id}>
        {label}
      </label>
      {children(control)}
      {hint !== undefined && (
        <div class="form-text" id={`${id}-hint`}>
          {hint}
        </div>
      )}
      {error !== undefined && (
        <div class="field-error" id={`${id}-error`}>
          {error}
        </div>
      )}
    </div>
  );
}
