// The rules of WCAG 2.2 AA, as axe-core checks them.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const AXE = readFileSync(fileURLToPath(new URL("../node_modules/axe-core/axe.min.js", import.meta.url)), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What of a page, as it is now, is against `runOnly`, tags or rules; axe-core is loaded in it. */
async function violations(page, runOnly) {
  const { violations } = await page.evaluate((runOnly) => axe.run(document, { runOnly }), runOnly);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
}

/**
 * Looks a page over wide and narrow, in light and dark; `open` gives it as it is to be looked at. What is dark differs in its
 * colours alone, and only the rule for those is run again.
 */
export async function inAllLooks(open) {
  const found = [];
  for (const width of [1280, 390]) {
    const { page, context } = await open({ colorScheme: "light", viewport: { width, height: 900 }, reducedMotion: "reduce" });
    await page.evaluate(`${AXE};0`);
    for (const [colorScheme, rules] of [["light", TAGS], ["dark", ["color-contrast"]]]) {
      await page.emulateMedia({ colorScheme });
      found.push(...(await violations(page, rules)).map((what) => `${colorScheme}, ${width} px: ${what}`));
    }
    await context.close();
  }
  return found;
}
