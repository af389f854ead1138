/**
 * What an alert or a search would have found, asked for while it is typed.
 *
 * The server works on one preview of a user at a time, so only one question is under way; what is typed meanwhile is asked
 * next, and an answer to what is no longer wanted is dropped.
 */
import { batch, signal } from "@preact/signals";
import { Refusal } from "../api/call";
import type { PreviewView } from "../api/schema";

/** Typing has paused when nothing was typed for so long. */
const PAUSE_MS = 350;
/** So long until one asks again where another tab's preview is under way. */
const BUSY_MS = 1_000;
const MOST_TRIES = 5;

type Ask<Fields> = (fields: Fields) => Promise<PreviewView>;

export class LivePreview<Fields extends object> {
  /** The newest answer; it stays while the next one is on its way. */
  readonly answer = signal<PreviewView | undefined>(undefined);
  readonly problem = signal<unknown>(undefined);
  /** Whether what is shown is not (or no longer) of what is wanted. */
  readonly isWaiting = signal(false);

  readonly #ask: Ask<Fields>;
  #wanted: Fields | undefined;
  #underWay = false;
  /** Whether the next question waits for the answer to this one. */
  #isDue = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ask: Ask<Fields>) {
    this.#ask = ask;
  }

  /** Says what is wanted now; `undefined` when nothing can be asked yet. */
  want(fields: Fields | undefined): void {
    if (JSON.stringify(fields) === JSON.stringify(this.#wanted)) return;
    this.#wanted = fields;
    clearTimeout(this.#timer);
    if (fields === undefined) {
      this.#show(undefined, undefined);
      return;
    }
    this.isWaiting.value = true;
    this.#timer = setTimeout(() => void this.#send(), PAUSE_MS);
  }

  /** Asks the same again. */
  retry(): void {
    this.isWaiting.value = true;
    void this.#send();
  }

  /** Nobody wants to know any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#wanted = undefined;
  }

  async #send(): Promise<void> {
    if (this.#underWay) {
      this.#isDue = true;
      return;
    }
    this.#underWay = true;
    this.#isDue = false;
    const asked = this.#wanted;
    let answer: PreviewView | undefined;
    let problem: unknown;
    try {
      if (asked !== undefined) answer = await patiently(() => this.#ask(asked), () => this.#wanted === asked);
    } catch (error) {
      problem = error;
    }
    this.#underWay = false;
    if (this.#wanted === asked) this.#show(answer, problem);
    if (this.#isDue) void this.#send();
  }

  #show(answer: PreviewView | undefined, problem: unknown): void {
    batch(() => {
      this.answer.value = answer;
      this.problem.value = problem;
      this.isWaiting.value = false;
    });
  }
}

/** Asks, and asks again after a while where the server is busy with another preview of the same user. */
export async function patiently<Answer>(ask: () => Promise<Answer>, isWanted: () => boolean = () => true): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      const isBusy = error instanceof Refusal && error.status === 429;
      if (!isBusy || tries >= MOST_TRIES || !isWanted()) throw error;
      await new Promise((resolve) => setTimeout(resolve, BUSY_MS));
      if (!isWanted()) throw error;
    }
  }
}
