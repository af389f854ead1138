import { useEffect } from "preact/hooks";
import { addKeys, type Key } from "../state/keys";

/** Marks what `j` and `k` go to in a row: `<a {...rowTarget}>`. */
export const rowTarget = { "data-row-target": true } as const;

/** Goes through a list by `j` and `k`; Enter then does what it does to a link or a button. */
export function useRowKeys(words: string, more: readonly Key[] = []): void {
  useEffect(() => {
    const next = { key: "j", words: `The next ${words}`, run: () => step(1) };
    const before = { key: "k", words: "The one before", run: () => step(-1) };
    return addKeys([next, before, ...more]);
  }, []);
}

/** The row that has the keyboard. */
export function focusedRow(): HTMLElement | null {
  return document.activeElement?.closest<HTMLElement>("[data-row]") ?? null;
}

function step(by: number): void {
  const targets = [...document.querySelectorAll<HTMLElement>("#page [data-row-target]")];
  const row = focusedRow();
  const at = row === null ? -1 : targets.findIndex((target) => row.contains(target));
  const target = targets[at === -1 ? 0 : Math.min(Math.max(at + by, 0), targets.length - 1)];
  target?.focus();
  target?.scrollIntoView({ block: "nearest" });
}
