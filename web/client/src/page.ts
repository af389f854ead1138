/** What the connection needs to know of the page it lives in. */
export interface Page {
  /** The origin of the page. */
  readonly origin: string;
  /** Calls once when the page has been read, and with it the scripts that add listeners. */
  whenRead(callback: () => void): void;
  /** Calls whenever trying again may now succeed: the network is back, or someone looks at the page. */
  onWake(callback: () => void): void;
  /** Calls when the page is put away whole, to be shown again later. */
  onPutAway(callback: () => void): void;
  /** Calls when such a page is shown again. */
  onShownAgain(callback: () => void): void;
}

/** The page this script runs in. */
export const browserPage: Page = {
  get origin() {
    return location.origin;
  },

  whenRead(callback) {
    if (wasRead()) {
      // Still not before the running script has added its listeners.
      queueMicrotask(callback);
      return;
    }
    document.addEventListener("DOMContentLoaded", callback, { once: true });
  },

  onWake(callback) {
    addEventListener("online", callback);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") callback();
    });
  },

  // A page with an open connection is not kept by the browser's back-forward cache, so it is closed first.
  onPutAway(callback) {
    addEventListener("pagehide", (event) => {
      if (event.persisted) callback();
    });
  },

  onShownAgain(callback) {
    addEventListener("pageshow", (event) => {
      if (event.persisted) callback();
    });
  },
};

/** `interactive` is the state before and after `DOMContentLoaded`; only the page's timing tells which. */
function wasRead(): boolean {
  if (document.readyState !== "interactive") return document.readyState === "complete";
  const [timing] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return timing !== undefined && timing.domContentLoadedEventStart > 0;
}
