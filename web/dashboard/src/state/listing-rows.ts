/** What a list of listings holds: newest first, each once, and never more than there is room for. */
import type { Listing } from "../api/schema";

/** Ids are given out in the order in which listings were first seen, so the newest has the highest. */
export type Rows = readonly Listing[];

/** Puts listings where they belong; of two of the same id the one in `added` stays. */
export function merge(rows: Rows, added: Rows): Rows {
  if (added.length === 0) return rows;
  const byId = new Map(added.map((listing) => [listing.id, listing]));
  const sorted = [...byId.values()].sort((a, b) => b.id - a.id);
  const merged: Listing[] = [];
  let next = 0;
  for (const row of rows) {
    for (let candidate = sorted[next]; candidate !== undefined && candidate.id >= row.id; candidate = sorted[next]) {
      merged.push(candidate);
      next += 1;
    }
    if (!byId.has(row.id)) merged.push(row);
  }
  return merged.concat(sorted.slice(next));
}

/** Replaces the rows that are there and leaves out those that are not. */
export function replace(rows: Rows, changed: ReadonlyMap<number, Listing>): Rows {
  if (!rows.some(({ id }) => changed.has(id))) return rows;
  return rows.map((row) => changed.get(row.id) ?? row);
}

/** The rows without some. */
export function without(rows: Rows, ids: ReadonlySet<number>): Rows {
  return rows.some(({ id }) => ids.has(id)) ? rows.filter(({ id }) => !ids.has(id)) : rows;
}

/** Where the list goes on after its last row. A page of the list begins below the id that its cursor is. */
export function cursorAfter(rows: Rows): string | undefined {
  return rows.at(-1)?.id.toString(16);
}
