/** What is deleted as soon as that can no longer be undone; until then it is only not shown. */
import { type ReadonlySignal, signal } from "@preact/signals";
import { messageOf, Refusal } from "../api/call";
import { tellFailure, tellUndo } from "./toasts";

export interface Removals<Id> {
  /** What is not to be shown. */
  hidden: ReadonlySignal<ReadonlySet<Id>>;
  /** Hides something, says so with `words`, and sends the deletion when the time to undo is over; if it fails, says `failure`. */
  remove: (id: Id, words: string, send: () => Promise<void>, failure?: string) => void;
}

/** Keeps the removals of one kind of thing; it outlives the page that shows them. */
export function removals<Id>(): Removals<Id> {
  const hidden = signal<ReadonlySet<Id>>(new Set());
  const show = (id: Id): void => void (hidden.value = new Set([...hidden.peek()].filter((other) => other !== id)));
  const commit = async (id: Id, send: () => Promise<void>, failure: string): Promise<void> => {
    try {
      await send();
    } catch (error) {
      // What is gone already need not be deleted.
      if (error instanceof Refusal && error.status === 404) return;
      show(id);
      tellFailure(`${failure} ${messageOf(error)}`);
    }
  };
  return {
    hidden,
    remove: (id, words, send, failure = "That could not be done.") => {
      hidden.value = new Set([...hidden.peek(), id]);
      tellUndo(words, () => show(id), () => void commit(id, send, failure));
    },
  };
}
