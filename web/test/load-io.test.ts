import { afterEach, expect, it, vi } from "vitest";
import { loadedIo, loadIo, usableIo } from "../client/src/load-io";

const SCRIPT = "http://bot.example/socket.io/socket.io.min.js";

/** An `io` function, as the browser builds of a version define it. */
function ioOf(protocol?: number): () => void {
  return Object.assign(() => {}, protocol === undefined ? {} : { protocol });
}

/** A document in which the server's copy is loaded as soon as its tag is there. */
function stubDocument(defined: unknown): { added: string[] } {
  const added: string[] = [];
  vi.stubGlobal("document", {
    createElement: () => ({ src: "", remove() {} }),
    head: {
      append(script: { src: string; onload: () => void }) {
        added.push(script.src);
        vi.stubGlobal("io", defined);
        script.onload();
      },
    },
  });
  return { added };
}

afterEach(() => vi.unstubAllGlobals());

it("uses what speaks the server's protocol, named or not, and nothing older", () => {
  for (const protocol of [undefined, 5]) expect(usableIo(ioOf(protocol))).toBeDefined();
  for (const protocol of [1, 3, 4, 6]) expect(usableIo(ioOf(protocol))).toBeUndefined();
  for (const io of [undefined, null, {}, "io"]) expect(usableIo(io)).toBeUndefined();
});

it("loads the server's copy beside an older one, which the page keeps", async () => {
  const [old, own] = [ioOf(4), ioOf()];
  vi.stubGlobal("io", old);
  const { added } = stubDocument(own);
  expect(loadedIo()).toBeUndefined();
  expect(await loadIo(SCRIPT)).toBe(own);
  expect(added).toEqual([SCRIPT]);
  expect((globalThis as { io?: unknown }).io).toBe(old);
});

it("leaves the server's copy to a page that has none", async () => {
  const own = ioOf();
  const { added } = stubDocument(own);
  expect(await loadIo(SCRIPT)).toBe(own);
  expect(loadedIo()).toBe(own);
  expect(loadIo(SCRIPT)).toBe(own);
  expect(added).toEqual([SCRIPT]);
});
