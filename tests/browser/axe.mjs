// The rules of WCAG 2.2 AA, as axe-core checks them.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const AXE = readFileSync(fileURLToPath(new URL("../node_modules/axe-core/axe.min.js", import.meta.url)), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What of a page, as it is now, is against them. */
export async function violations(page) {
  await page.evaluate(`${AXE};0`);
  const { violations } = await page.evaluate((rules) => axe.run(document, { runOnly: rules }), RULES);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
}

/** Looks a page over in light and dark, wide and narrow; `open` gives it as it is to be looked at. */
export async function inAllLooks(open) {
  const found = [];
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 390]) {
      const { page, context } = await open({ colorScheme, viewport: { width, height: 900 }, reducedMotion: "reduce" }, width);
      found.push(...(await violations(page)).map((what) => `${colorScheme}, ${width} px: ${what}`));
      await context.close();
    }
  }
  return found;
}
