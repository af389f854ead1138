/** What a source's state is called, and how it looks. */

export type Tone = "good" | "warn" | "bad" | "accent" | "plain";

/** Shapes that can be told apart without their colour. */
export type Shape = "check" | "minus" | "pause" | "clock" | "cross" | "question" | "slow";

export interface StateWords {
  words: string;
  tone: Tone;
  shape: Shape;
  /** What it means, in a sentence, for those who ask. */
  means: string;
}

const STATES: Readonly<Record<string, StateWords>> = {
  ok: { words: "Fine", tone: "good", shape: "check", means: "Its pages list something." },
  empty: { words: "Fine, nothing listed", tone: "good", shape: "minus", means: "Its pages say that there is nothing to list." },
  waiting: { words: "Waiting for its first run", tone: "accent", shape: "clock", means: "It has not run since it was started." },
  stopped: { words: "Stopped", tone: "plain", shape: "pause", means: "It is not to run." },
  rate_limited: { words: "Asked to slow down", tone: "warn", shape: "slow", means: "The site wants fewer requests." },
  blocked: { words: "Blocked", tone: "bad", shape: "cross", means: "The site refuses to answer." },
  login_wall: { words: "Asked to sign in", tone: "bad", shape: "cross", means: "The site wants somebody to sign in first." },
  shape_changed: {
    words: "Not understood", tone: "bad", shape: "question",
    means: "A page lists nothing, and does not say that there is nothing either: it has probably changed.",
  },
  disallowed: { words: "Forbidden by robots.txt", tone: "bad", shape: "cross", means: "The site's robots.txt asks not to be read." },
  unreachable: { words: "Not reachable", tone: "bad", shape: "cross", means: "There was no whole answer." },
  failed: { words: "Not working", tone: "bad", shape: "cross", means: "It cannot run as it is set up, or the reading itself failed." },
};

/** The words for a state; a state that this page does not know yet is said as it is. */
export function wordsOf(state: string): StateWords {
  return STATES[state] ?? { words: state.replaceAll("_", " "), tone: "warn", shape: "question", means: "" };
}
