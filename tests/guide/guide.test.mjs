// Runs every snippet of docs/GUIDE.md, in order, as one reader who follows it from the first line to the last.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { blocks } from "./blocks.mjs";
import { events } from "./checks/events.mjs";
import { listening } from "./checks/listening.mjs";
import { pages } from "./checks/pages.mjs";
import { publishing } from "./checks/publishing.mjs";
import { running } from "./checks/running.mjs";
import { start } from "./checks/start.mjs";
import { Walk } from "./walk.mjs";

/** What is done with each snippet, by its language and name. */
const CHECKS = { ...start, ...publishing, ...listening, ...events, ...pages, ...running };

const BLOCKS = blocks();

let walk;

before(async () => {
  walk = await Walk.begin();
});

after(() => walk?.end());

test("every snippet has a check of its own, and every check a snippet", () => {
  const names = BLOCKS.map(({ language, name }) => `${language} ${name}`);
  assert.deepEqual([...names].sort(), Object.keys(CHECKS).sort());
});

for (const block of BLOCKS) {
  const name = `${block.language} ${block.name}`;
  // A name without a check has failed above, and so has one that is there twice.
  if (CHECKS[name] !== undefined) {
    test(`line ${block.line}: ${name}`, () => CHECKS[name](walk, walk.text(block)));
  }
}
