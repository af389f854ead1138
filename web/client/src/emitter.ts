/** Listeners by event name, of which one that throws disturbs no other. */
export class Emitter<Events> {
  readonly #listeners = new Map<keyof Events, Entry[]>();

  on(event: keyof Events, listener: unknown, once = false): void {
    // A listener that is no function would otherwise fail much later, far from the mistake.
    if (typeof listener !== "function") throw new TypeError(`the listener of "${String(event)}" is not a function`);
    const entries = this.#listeners.get(event) ?? [];
    this.#listeners.set(event, [...entries, { listener: listener as Entry["listener"], once }]);
  }

  off(event: keyof Events, listener: unknown): void {
    const entries = this.#listeners.get(event) ?? [];
    this.#listeners.set(
      event,
      entries.filter((entry) => entry.listener !== listener),
    );
  }

  /** Calls the listeners there are now, in the order they came. */
  emit<Name extends keyof Events>(event: Name, payload: Events[Name]): void {
    for (const { listener, once } of this.#listeners.get(event) ?? []) {
      if (once) this.off(event, listener);
      try {
        listener(payload);
      } catch (error) {
        report(error);
      }
    }
  }
}

interface Entry {
  listener: (payload: unknown) => unknown;
  once: boolean;
}

/** Hands an error to the page's `window.onerror`, as if its listener had been called by the browser. */
function report(error: unknown): void {
  if (typeof reportError === "function") reportError(error);
  else setTimeout(() => { throw error; });
}
