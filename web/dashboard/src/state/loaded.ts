/** What a page loads over REST and keeps up to date while somebody looks at it. */
import { type ReadonlySignal, type Signal, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { type CallOptions, messageOf } from "../api/call";
import { reloads } from "./connection";

export interface Loaded<Value> {
  /** What was loaded last; it stays while newer answers fail. */
  value: ReadonlySignal<Value | undefined>;
  /** Why the newest answer failed. */
  problem: ReadonlySignal<string | undefined>;
  /** The failure itself, for what is to be told apart. */
  failure: ReadonlySignal<unknown>;
  load: () => Promise<void>;
  /** Takes what another request has just answered; an answer that is older is not waited for. */
  set: (value: Value) => void;
}

/** Loads when the page is shown, after a gap in the live events, and every `every_ms` while the page is visible. */
export function useLoaded<Value>(ask: (options: CallOptions) => Promise<Value>, every_ms?: number): Loaded<Value> {
  const value = useSignal<Value | undefined>(undefined);
  const failure = useSignal<unknown>(undefined);
  const problem = useSignal<string | undefined>(undefined);
  const loaded = useMemo(() => loading(ask, value, failure, problem), []);
  useSignalEffect(() => {
    void reloads.value;
    void loaded.load();
  });
  useEffect(() => loaded.stop, []);
  useWhileVisible(loaded.load, every_ms);
  return loaded;
}

function loading<Value>(
  ask: (options: CallOptions) => Promise<Value>,
  value: Signal<Value | undefined>,
  failure: Signal<unknown>,
  problem: Signal<string | undefined>,
): Loaded<Value> & { stop: () => void } {
  let running: AbortController | undefined;
  const stop = (): void => {
    running?.abort();
    running = undefined;
  };
  const take = (answer: Value): void => {
    value.value = answer;
    failure.value = problem.value = undefined;
  };
  const load = async (): Promise<void> => {
    stop();
    const mine = (running = new AbortController());
    try {
      const answer = await ask({ signal: mine.signal });
      if (running === mine) take(answer);
    } catch (error) {
      if (running !== mine) return;
      failure.value = error;
      problem.value = messageOf(error);
    }
  };
  return { value, failure, problem, load, stop, set: (answer) => { stop(); take(answer); } };
}

/** Calls `run` again and again as long as the page can be seen, and at once when it can be seen again. */
export function useWhileVisible(run: () => Promise<unknown>, every_ms: number | undefined): void {
  useEffect(() => {
    if (every_ms === undefined) return;
    let timer: ReturnType<typeof setTimeout>;
    let ended = false;
    const later = (): void => {
      clearTimeout(timer);
      if (!ended && document.visibilityState === "visible") timer = setTimeout(now, every_ms);
    };
    // The next one waits for this one, so that a slow server is not asked faster than it answers.
    const now = (): void => void run().finally(later);
    const onChange = (): void => {
      clearTimeout(timer);
      if (document.visibilityState === "visible") now();
    };
    later();
    document.addEventListener("visibilitychange", onChange);
    return () => {
      ended = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onChange);
    };
  }, []);
}
