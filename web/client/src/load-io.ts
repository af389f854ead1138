import type { Io } from "./connection";
import { trustScriptUrl } from "./trusted-script";

/** Socket.IO's browser client where the page has loaded it. */
export function loadedIo(): Io | undefined {
  const io: unknown = (globalThis as { io?: unknown }).io;
  return typeof io === "function" ? (io as Io) : undefined;
}

/** Loads the server's own copy, unless the page's has come by now. */
export function loadIo(scriptUrl: string): Io | Promise<Io> {
  return (
    loadedIo() ??
    new Promise<Io>((resolve, reject) => {
      const script = document.createElement("script");
      script.src = trustScriptUrl(scriptUrl);
      script.onload = () => {
        script.remove();
        const io = loadedIo();
        if (io) resolve(io);
        else reject(new Error(`${scriptUrl} did not define io`));
      };
      script.onerror = () => {
        script.remove();
        reject(new Error(`${scriptUrl} could not be loaded`));
      };
      document.head.append(script);
    })
  );
}
