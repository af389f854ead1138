import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const FOLDERS = ["client", "dashboard/src", "pages/src"];

/** Imports of any kind, of types and on demand too: `from "…"`, `import "…"` and `import("…")`. */
const IMPORT = /\b(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]*)"/g;
const ENDINGS = ["", ".ts", ".tsx", ".d.ts", "/index.ts", "/index.tsx"];

type Graph = ReadonlyMap<string, readonly string[]>;

it("no modules import each other in a cycle", () => {
  expect(cycles(importGraph())).toEqual([]);
});

it("cycles are found, the longest and the shortest", () => {
  const graph: Graph = new Map([["a", ["b", "d"]], ["b", ["c"]], ["c", ["a"]], ["d", ["d"]], ["e", ["a"]]]);
  expect(cycles(graph)).toEqual([["a", "b", "c"], ["d"]]);
});

function importGraph(): Graph {
  const all = FOLDERS.flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((name) => join(ROOT, folder, name)));
  const files = all.filter((name) => /\.tsx?$/.test(name));
  return new Map(files.map((file) => [file, importsOf(file)]));
}

function importsOf(file: string): string[] {
  const specifiers = [...readFileSync(file, "utf8").matchAll(IMPORT)].map(([, specifier = ""]) => specifier);
  return specifiers.map((specifier) => {
    const target = join(dirname(file), specifier);
    const found = ENDINGS.map((ending) => target + ending).find((path) => existsSync(path) && statSync(path).isFile());
    if (found === undefined) throw new Error(`${file} imports ${specifier}, which is no file`);
    return found;
  });
}

/** The sets of nodes that reach each other, and nodes that lead to themselves; all sorted. */
function cycles(graph: Graph): string[][] {
  const reached = new Map([...graph.keys()].map((node) => [node, reachableFrom(node, graph)]));
  const found = new Map<string, string[]>();
  for (const [node, others] of reached) {
    if (!others.has(node)) continue;
    const cycle = [...others].filter((other) => reached.get(other)?.has(node)).sort();
    found.set(cycle.join(), cycle);
  }
  return [...found.values()];
}

function reachableFrom(start: string, graph: Graph): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting = [...(graph.get(start) ?? [])];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (reached.has(node)) continue;
    reached.add(node);
    waiting.push(...(graph.get(node) ?? []));
  }
  return reached;
}
