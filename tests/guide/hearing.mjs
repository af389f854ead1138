// Somebody who hears what is published: a Socket.IO client of the user, which writes everything down.
import assert from "node:assert/strict";
import { io } from "socket.io-client";
import { checkEvent, describedFetch } from "../description.mjs";
import { PASSWORD, until } from "../program.mjs";

/** The session cookie of a user of the guide. */
export async function signIn(url, username = "ann") {
  const body = JSON.stringify({ username, password: PASSWORD });
  const response = await describedFetch(`${url}/api/auth/login`, { method: "POST", headers: { "Content-Type": "application/json" }, body });
  assert.equal(response.status, 200, "the password of the guide");
  return response.headers.getSetCookie().find((cookie) => cookie.includes("superbot_session=")).split(";")[0];
}

export class Hearing {
  #heard = [];

  /** Connects and subscribes to everything there is. */
  static async begin(url, cookie, auth = {}) {
    const hearing = new Hearing();
    const options = { transports: ["websocket"], forceNew: true, reconnection: false, auth };
    hearing.socket = io(url, { ...options, extraHeaders: { Cookie: cookie } });
    hearing.socket.onAny((event, payload) => {
      checkEvent(event, payload);
      hearing.#heard.push({ event, payload });
    });
    hearing.status = await hearing.next("connection_status");
    assert.equal((await hearing.ask("subscribe_scraper_status")).ok, true);
    return hearing;
  }

  /** Waits for an event that passes the check, which nobody gets a second time. */
  async next(event, check = () => true) {
    const place = () => this.#heard.findIndex((one) => one.event === event && check(one.payload));
    await until(event, () => place() >= 0).catch((error) => {
      throw new Error(`${error.message}; what was heard is ${JSON.stringify(this.#heard)}`);
    });
    return this.#heard.splice(place(), 1)[0].payload;
  }

  /** Sends an event and gives how it was acknowledged. */
  ask(event, ...args) {
    return this.socket.timeout(10_000).emitWithAck(event, ...args);
  }

  end() {
    this.socket.disconnect();
  }
}

/** What a payload is made of: its fields, and the kind of each value. */
export function shape(value) {
  if (Array.isArray(value)) return value.slice(0, 1).map(shape);
  if (value === null) return "null";
  if (typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]));
  if (typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value)) return "time";
  return typeof value;
}
