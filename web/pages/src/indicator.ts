import type { Status } from "../../client/websocket-client";
import { byId } from "./dom";
import { clock } from "./format";

/** Away for longer than this, a connection is no longer just being renewed. */
const OFFLINE_AFTER_MS = 10_000;

/** Says whether this page is live, and if not, when that will be tried again. */
export class Indicator {
  readonly #box = byId("connection");
  readonly #text = byId("connection-text");
  readonly #retry = byId<HTMLButtonElement>("connection-retry");
  readonly #announcements = byId("announcements");
  #lostAt: Date | undefined;
  #retryAt_ms: number | undefined;
  #ticking: ReturnType<typeof setInterval> | undefined;

  constructor(tryNow: () => void) {
    this.#retry.addEventListener("click", tryNow);
  }

  show(status: Status): void {
    switch (status.status) {
      case "connected":
        this.#lostAt = undefined;
        this.#settle("live", "Live");
        break;
      case "connecting":
        this.#settle("waiting", this.#lostAt === undefined ? "Connecting…" : "Reconnecting…");
        break;
      case "reconnecting":
      case "unauthenticated":
        this.#lostAt ??= new Date();
        this.#wait(status.retry_in_ms);
        break;
      case "going_away":
        this.#settle("waiting", "The server restarts…");
        break;
      case "disconnected":
        this.#lostAt ??= new Date();
        this.#settle("offline", `Offline since ${clock(this.#lostAt)}`);
        break;
    }
  }

  #settle(state: "live" | "waiting" | "offline", words: string): void {
    clearInterval(this.#ticking);
    this.#ticking = undefined;
    this.#retry.hidden = true;
    this.#say(state, words);
    this.#announce(words);
  }

  #wait(retry_in_ms: number): void {
    this.#retryAt_ms = performance.now() + retry_in_ms;
    this.#retry.hidden = false;
    // The countdown is for the eye; read out it would never end.
    this.#announce("Connection lost. Reconnecting.");
    clearInterval(this.#ticking);
    this.#ticking = setInterval(() => this.#countDown(), 1_000);
    this.#countDown();
  }

  #countDown(): void {
    const left_s = Math.max(1, Math.ceil(((this.#retryAt_ms ?? 0) - performance.now()) / 1_000));
    const lostAt = this.#lostAt ?? new Date();
    if (Date.now() - lostAt.getTime() < OFFLINE_AFTER_MS) this.#say("waiting", `Reconnecting in ${left_s} s`);
    else this.#say("offline", `Offline since ${clock(lostAt)}, trying again in ${left_s} s`);
  }

  #say(state: string, words: string): void {
    this.#box.dataset["state"] = state;
    this.#text.textContent = words;
  }

  #announce(words: string): void {
    if (this.#announcements.textContent !== words) this.#announcements.textContent = words;
  }
}
