import type * as Public from "../websocket-client";
import { Client } from "./client";
import { loadedIo, loadIo, usableIo } from "./load-io";
import { browserPage } from "./page";

/** Makes a client, which connects as soon as the page has been read. */
export const createClient: typeof Public.createClient = (options = {}) =>
  new Client(
    { ...options, url: options.url ?? location.origin, path: options.path ?? "/socket.io/" },
    {
      page: browserPage,
      storage: tabStorage(),
      io: () => usableIo(options.io) ?? loadedIo(),
      loadIo,
      random: Math.random,
      now: () => performance.now(),
      warn: (text) => console.warn(text),
    },
  );

/** Reading the property itself throws where storage is forbidden. */
function tabStorage(): Storage | undefined {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}
