/** Short messages that go by themselves, with undo in the place of "are you sure?". */
import { signal } from "@preact/signals";

export interface Toast {
  id: number;
  text: string;
  tone: "plain" | "bad" | "warn";
  /** What can be done about it: undo, open. */
  action: { label: string; run: () => void } | undefined;
}

/** As many are shown at once; older ones give way. */
const MOST = 4;
const PLAIN_MS = 6_000;
/** Whoever has to decide about something gets more time. */
const WITH_ACTION_MS = 10_000;

export const toasts = signal<readonly Toast[]>([]);

let nextId = 1;
const timers = new Map<number, ReturnType<typeof setTimeout>>();
const endings = new Map<number, () => void>();

interface Options {
  tone?: Toast["tone"];
  action?: Toast["action"];
  /** Called once when the toast is gone and its action was not taken. */
  whenGone?: () => void;
}

/** Shows a message; gives what takes it away again. */
export function tell(text: string, { tone = "plain", action, whenGone }: Options = {}): () => void {
  const id = nextId++;
  if (whenGone !== undefined) endings.set(id, whenGone);
  const shown = [...toasts.peek(), { id, text, tone, action }];
  for (const surplus of shown.slice(0, -MOST)) dismiss(surplus.id);
  toasts.value = shown.slice(-MOST);
  start(id, action === undefined ? PLAIN_MS : WITH_ACTION_MS);
  return () => dismiss(id);
}

/** Says that something did not work. */
export function tellFailure(text: string): void {
  tell(text, { tone: "bad" });
}

/**
 * Says that something was done and offers to undo it.
 *
 * `commit` is called when the time to undo is over, at the latest when the page is left: what cannot be taken back at the
 * server (a deletion) is best sent only then.
 */
export function tellUndo(text: string, undo: () => void, commit?: () => void): void {
  const action = { label: "Undo", run: undo };
  tell(text, { action, ...(commit === undefined ? {} : { whenGone: commit }) });
}

/** Takes a message away. */
export function dismiss(id: number): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
  toasts.value = toasts.peek().filter((toast) => toast.id !== id);
  const ending = endings.get(id);
  endings.delete(id);
  ending?.();
}

/** Does what a message offers. */
export function act(toast: Toast): void {
  endings.delete(toast.id);
  dismiss(toast.id);
  toast.action?.run();
}

/** Holds the messages while they are pointed at or focused. */
export function hold(): void {
  for (const timer of timers.values()) clearTimeout(timer);
  timers.clear();
}

/** Lets them go again. */
export function release(): void {
  for (const toast of toasts.peek()) start(toast.id, PLAIN_MS);
}

function start(id: number, after_ms: number): void {
  clearTimeout(timers.get(id));
  timers.set(id, setTimeout(() => dismiss(id), after_ms));
}

globalThis.addEventListener?.("pagehide", () => {
  for (const toast of toasts.peek()) dismiss(toast.id);
});
