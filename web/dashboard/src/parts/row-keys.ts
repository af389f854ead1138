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
  const rows = [...document.querySelectorAll<HTMLElement>("#page [data-row]")];
  const at = rows.findIndex((row) => row === focusedRow());
  const row = rows[at === -1 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1)];
  // A title that leads out of here is a link like any other.
  const target = row?.querySelector<HTMLElement>("[data-row-target]") ?? row?.querySelector<HTMLElement>("h2 a, a, button");
  target?.focus();
  row?.scrollIntoView({ block: "nearest" });
}
