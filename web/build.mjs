// Builds everything a browser is served into one folder, laid out as its addresses are.
//
//   node build.mjs [OUT]
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(root, "dist"));

/** The first browsers that know `light-dark()`, in which all colours are given. */
const BROWSERS = ["chrome123", "edge123", "firefox120", "safari17.5"];

/** Bootstrap 5.3 is written in a Sass of its day, which the compiler would say of every line. */
const BOOTSTRAP = {
  loadPaths: [join(root, "node_modules")],
  quietDeps: true,
  silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"],
};

const shared = { configFile: false, logLevel: "warn" };

await buildDashboard();
await buildPages();
await buildClient("script.ts", "iife", "websocket-client.js");
await buildClient("module.ts", "es", "websocket-client.mjs");
await copyFile(join(root, "client/websocket-client.d.ts"), join(out, "static/js/websocket-client.d.ts"));
await copyFile(join(root, "dashboard/src/routes.json"), join(out, "routes.json"));
await copySocketIo(["socket.io.min.js", "socket.io.js", "socket.io.esm.min.js"]);

/** The dashboard, whose one page is the first file of the folder. */
async function buildDashboard() {
  await build({ ...ofPages("dashboard", true), oxc: { jsx: { runtime: "automatic", importSource: "preact" } } });
}

/** The pages that stand by themselves. */
async function buildPages() {
  const page = (name) => join(root, "pages", `${name}.html`);
  const { build: how, ...settings } = ofPages("pages", false);
  const rolldownOptions = { input: ["login", "setup", "reset", "docs"].map(page) };
  await build({ ...settings, publicDir: join(root, "pages/public"), build: { ...how, rolldownOptions } });
}

/** Settings for what has HTML. Scripts and style sheets are named by their content and may be cached for ever. */
function ofPages(folder, emptyOutDir) {
  return {
    ...shared,
    root: join(root, folder),
    publicDir: false,
    css: { preprocessorOptions: { scss: BOOTSTRAP } },
    build: {
      outDir: out,
      emptyOutDir,
      target: "es2022",
      cssTarget: BROWSERS,
      // Nothing is inlined, and no helper script is added: the pages' policy allows files of their own only.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
  };
}

/** The client, as one file without dependencies. */
async function buildClient(entry, format, fileName) {
  await build({
    ...shared,
    root,
    publicDir: false,
    build: {
      outDir: join(out, "static/js"),
      emptyOutDir: false,
      target: "es2020",
      minify: "oxc",
      lib: { entry: join(root, "client/src", entry), formats: [format], name: "superbot", fileName: () => fileName },
    },
  });
}

/** Socket.IO's own browser client, as its Node server serves it. */
async function copySocketIo(names) {
  const dist = join(root, "node_modules/socket.io-client/dist");
  await mkdir(join(out, "socket.io"), { recursive: true });
  for (const name of names) await copyFile(join(dist, name), join(out, "socket.io", name));
}
