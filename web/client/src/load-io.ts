import type { Io } from "./connection";
import { trustScriptUrl } from "./trusted-script";

/** The protocol of Socket.IO 3 and 4. Browser builds since 4.1 do not name theirs; those of 2.x and older name 4 or less. */
const PROTOCOL = 5;

interface Globals {
  io?: unknown;
}

/** Socket.IO's `io` function, if it speaks the server's protocol. */
export function usableIo(io: unknown): Io | undefined {
  if (typeof io !== "function") return undefined;
  const { protocol = PROTOCOL } = io as { protocol?: unknown };
  return protocol === PROTOCOL ? (io as Io) : undefined;
}

/** Socket.IO's browser client where the page has loaded one that is usable. */
export function loadedIo(): Io | undefined {
  return usableIo((globalThis as Globals).io);
}

/** Loads the server's own copy, unless the page's has come by now. */
export function loadIo(scriptUrl: string): Io | Promise<Io> {
  return loadedIo() ?? loadOwnIo(scriptUrl);
}

function loadOwnIo(scriptUrl: string): Promise<Io> {
  const globals = globalThis as Globals;
  return new Promise<Io>((resolve, reject) => {
    const script = document.createElement("script");
    const pagesIo = globals.io;
    script.src = trustScriptUrl(scriptUrl);
    script.onload = () => {
      script.remove();
      const io = loadedIo();
      // The page may use an older one for a server of its own.
      if (pagesIo !== undefined) globals.io = pagesIo;
      if (io) resolve(io);
      else reject(new Error(`${scriptUrl} did not define io`));
    };
    script.onerror = () => {
      script.remove();
      reject(new Error(`${scriptUrl} could not be loaded`));
    };
    document.head.append(script);
  });
}
