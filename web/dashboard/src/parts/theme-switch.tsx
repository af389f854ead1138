import { preferences, setPreferences, type Theme } from "../state/preferences";
import { Icon } from "./icon";

const NEXT: Readonly<Record<Theme, Theme>> = { system: "light", light: "dark", dark: "system" };
const WORDS: Readonly<Record<Theme, string>> = { system: "as the system", light: "light", dark: "dark" };

/** Goes round light, dark, and whatever the system has. */
export function ThemeSwitch() {
  const theme = preferences.value.theme ?? "system";
  const words = `Colours: ${WORDS[theme]}`;
  return (
    <button
      type="button"
      class="btn btn-icon"
      aria-label={words}
      title={words}
      onClick={() => void setPreferences({ theme: NEXT[theme] })}
    >
      <Icon name={theme} />
    </button>
  );
}
