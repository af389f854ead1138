// Builds everything a browser is served into one folder, laid out as its addresses are.
//
//   node build.mjs [OUT]
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(root, "dist"));

const shared = { configFile: false, logLevel: "warn" };

await buildPages();
await buildClient("script.ts", "iife", "websocket-client.js");
await buildClient("module.ts", "es", "websocket-client.mjs");
await copyFile(join(root, "client/websocket-client.d.ts"), join(out, "static/js/websocket-client.d.ts"));
await copySocketIo(["socket.io.min.js", "socket.io.js", "socket.io.esm.min.js"]);

/** The pages, whose scripts and style sheets are named by their content and may be cached for ever. */
async function buildPages() {
  const page = (name) => join(root, "pages", `${name}.html`);
  await build({
    ...shared,
    root: join(root, "pages"),
    publicDir: join(root, "pages/public"),
    build: {
      outDir: out,
      emptyOutDir: true,
      target: "es2022",
      // Nothing is inlined, and no helper script is added: the pages' policy allows files of their own only.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: ["index", "login", "setup", "docs"].map(page) },
    },
  });
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
