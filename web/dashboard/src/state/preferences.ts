/** What a user's pages remember for them: at the server for every device, and here for the first paint. */
import { effect, signal } from "@preact/signals";
import { api } from "../api/call";
import { tellFailure } from "./toasts";

export type Theme = "system" | "light" | "dark";

/** The keys that the pages chose. */
export interface Preferences {
  theme?: Theme;
  /** Whether something that arrives makes a sound. */
  sound?: boolean;
  /** Whether new listings are shown as browser notifications too. */
  notify_listings?: boolean;
  /** False keeps browser notifications back where the browser would show them. */
  browser_notifications?: boolean;
  /** No toasts, sounds or browser notifications between these times of the day. */
  quiet_hours?: { from: string; to: string } | null;
}

const KEPT_HERE = "superbot:preferences";

export const preferences = signal<Preferences>(kept());

/** Shows the theme that is known here, at once. */
export function startPreferences(): void {
  effect(() => {
    const { theme } = preferences.value;
    if (theme === "light" || theme === "dark") document.documentElement.dataset["theme"] = theme;
    else delete document.documentElement.dataset["theme"];
  });
}

/** Changes some of them, here at once and then at the server; `undefined` takes one away. */
export async function setPreferences(change: Partial<Preferences>): Promise<void> {
  const before = preferences.peek();
  keep({ ...before, ...change });
  try {
    const cleared = Object.entries(change).map(([key, value]) => [key, value ?? null]);
    await api.patch("/api/preferences", { body: Object.fromEntries(cleared) });
  } catch {
    keep(before);
    tellFailure("That setting could not be saved.");
  }
}

/** Asks the server for those that were set on other devices. */
export async function loadPreferences(): Promise<void> {
  const asked = preferences.peek();
  const stored = await api.get("/api/preferences").catch(() => undefined);
  // What was changed while the answer was on its way is newer than the answer.
  if (stored !== undefined && preferences.peek() === asked) keep(preferencesOf(stored));
}

function keep(value: Preferences): void {
  preferences.value = value;
  try {
    localStorage.setItem(KEPT_HERE, JSON.stringify(value));
  } catch {
    // Storage is forbidden or full: the server still knows.
  }
}

function kept(): Preferences {
  try {
    return preferencesOf(JSON.parse(localStorage.getItem(KEPT_HERE) ?? "{}"));
  } catch {
    return {};
  }
}

function preferencesOf(value: unknown): Preferences {
  return typeof value === "object" && value !== null ? value : {};
}
