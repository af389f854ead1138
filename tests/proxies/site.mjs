// Two servers on one store, a proxy before them, and who uses them.
import assert from "node:assert/strict";
import { until } from "../program.mjs";
import { askJson, begin, Listener } from "./client.mjs";
import { World } from "./world.mjs";

export const TRANSPORTS = { polling: ["polling"], websocket: ["websocket"], upgrade: ["polling", "websocket"] };

/** Addresses of this machine, one for each client of a crowd. */
export const addresses = (count) => Array.from({ length: count }, (_, index) => `127.0.7.${index + 1}`);

/** A listing of that title. */
export const listing = (title) => ({ title, source: "ksl", price: 100, link: `https://example.org/${encodeURIComponent(title)}` });

export class Site {
  /** Starts the servers, and the proxy with `start(ports)`. */
  async open(start) {
    this.world = await World.start();
    this.proxy = await start(this.world.ports);
  }

  async close() {
    await this.proxy?.stop();
    await this.world?.remove();
  }

  /** Posts a listing. */
  post(title) {
    return askJson(this.proxy, "POST", "/api/listings", listing(title), { headers: this.#publisher() });
  }

  /** Posts one listing after the other, and each until it is answered; gives what was answered otherwise. */
  async postAll(titles, afterEach = () => {}) {
    const failures = [];
    for (const [index, title] of titles.entries()) {
      await until(`${title} to be taken`, async () => {
        const { status, text } = await this.post(title).catch((error) => ({ status: 0, text: String(error) }));
        const isTaken = status === 200 || status === 201;
        if (!isTaken) failures.push(`${title}: ${status} ${text}`);
        return isTaken;
      });
      afterEach(index);
    }
    return failures;
  }

  /** Begins to post a stream of listings. */
  beginLines() {
    return begin(this.proxy, "POST", "/api/listings", { headers: { ...this.#publisher(), "Content-Type": "application/x-ndjson" } });
  }

  /** So many clients of every kind, each from an address of its own. */
  async crowd(each) {
    const kinds = Object.values(TRANSPORTS).flatMap((transports) => Array(each).fill(transports));
    const from = addresses(kinds.length);
    const listeners = kinds.map((transports, index) => new Listener(this.proxy, this.world.token, transports, from[index]));
    await Promise.all(listeners.map((listener) => listener.connected));
    return listeners;
  }

  /** Waits until everybody has heard of all listings, and checks that it was of each once, in their order. */
  async allHeard(listeners, titles) {
    const heard = () => listeners.map((listener) => listener.titles.length);
    await until("everybody to hear of everything", () => heard().every((count) => count >= titles.length), 60_000).catch((error) => {
      throw new Error(`${error.message}: ${heard()} of ${titles.length}\n${this.proxy.log}`);
    });
    for (const listener of listeners) assert.deepEqual(listener.titles, titles);
  }

  #publisher() {
    return { Authorization: `Bearer ${this.world.publish}` };
  }
}
