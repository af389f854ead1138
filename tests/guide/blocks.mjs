// The snippets of docs/GUIDE.md, and what has to differ between a reader's machine and a test's.
import { readFileSync } from "node:fs";

export const GUIDE = readFileSync(new URL("../../docs/GUIDE.md", import.meta.url), "utf8");

/** What the guide writes, and what stands for it here. Nothing else in a snippet is changed before it is run. */
const SUBSTITUTIONS = [
  { written: /\b5000\b/g, here: ({ port }) => port, why: "the server's default port may be taken" },
  { written: /\b8000\b/g, here: ({ flaskPort }) => flaskPort, why: "so may the port of the reader's own app" },
  { written: /~(?=\/\.local)/g, here: ({ home }) => home, why: "the reader's home folder is a new one" },
];

/** The snippets in their order. Each is ```` ```language name ````: the name says what the test does with it. */
export function blocks(text = GUIDE) {
  const found = [];
  let open;
  for (const [index, line] of text.split("\n").entries()) {
    const fence = /^( *)```(.*)$/.exec(line);
    if (open !== undefined && fence?.[2] === "") {
      found.push({ ...open, text: open.lines.map((inner) => inner.slice(open.indent)).join("\n") + "\n" });
      open = undefined;
    } else if (open !== undefined) {
      open.lines.push(line);
    } else if (fence !== null) {
      const [language, name = ""] = fence[2].split(" ");
      open = { language, name, line: index + 1, indent: fence[1].length, lines: [] };
    }
  }
  if (open !== undefined) throw new Error(`the snippet in line ${open.line} has no end`);
  return found;
}

/** A snippet's text as it is run here. */
export function substituted(text, machine) {
  return SUBSTITUTIONS.reduce((done, { written, here }) => done.replace(written, () => String(here(machine))), text);
}
