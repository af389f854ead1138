import { sourceName } from "../../format";
import { running } from "../../state/sources";

interface SourcePickerProps {
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
  problem: string | undefined;
}

/** Which sources count; none chosen means all of them. */
export function SourcePicker({ chosen, onChange, problem }: SourcePickerProps) {
  const names = [...new Set([...running.value.keys(), ...chosen])].sort((a, b) => a.localeCompare(b));
  const toggle = (name: string): void =>
    onChange(chosen.includes(name) ? chosen.filter((other) => other !== name) : [...chosen, name]);
  return (
    <fieldset class="field">
      <legend class="form-label">Sources</legend>
      <div class="chips">
        <Chip checked={chosen.length === 0} onChange={() => onChange([])}>All</Chip>
        {names.map((name) => (
          <Chip key={name} checked={chosen.includes(name)} onChange={() => toggle(name)}>{sourceName(name)}</Chip>
        ))}
      </div>
      {problem !== undefined && <div class="field-error">{problem}</div>}
    </fieldset>
  );
}

function Chip({ checked, onChange, children }: { checked: boolean; onChange: () => void; children: string }) {
  return (
    <label class="chip">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => {
          onChange();
          // "All" stays checked while nothing else is, also when it is clicked itself.
          event.currentTarget.checked = checked;
        }}
      />
      <span>{children}</span>
    </label>
  );
}
