import type { ComponentChildren } from "preact";

interface SwitchProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: ComponentChildren;
  disabled?: boolean;
  /** The id of the text that explains it. */
  describedBy?: string | undefined;
}

/** Something that is on or off, at once. */
export function Switch({ checked, onChange, children, disabled = false, describedBy }: SwitchProps) {
  return (
    <label class="switch form-switch p-0">
      <input
        class="form-check-input"
        type="checkbox"
        role="switch"
        checked={checked}
        disabled={disabled}
        aria-describedby={describedBy}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>{children}</span>
    </label>
  );
}
