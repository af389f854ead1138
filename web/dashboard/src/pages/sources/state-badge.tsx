import { type Shape, type Tone, wordsOf } from "../../state/source-states";

const PATHS: Readonly<Record<Shape, string>> = {
  check: "M3.5 8.500l3 3 6-6.500",
  minus: "M4 8h8",
  pause: "M6 4v8M10 4v8",
  clock: "M8 2.500a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM8 5v3l2 1.500",
  cross: "M4.500 4.500l7 7M11.500 4.500l-7 7",
  question: "M6 6.200a2 2 0 1 1 2.800 1.900c-.6.3-.8.6-.8 1.300M8 12h.01",
  slow: "M3 8h.01M8 8h.01M13 8h.01",
};

/** A mark, its colour and its word: each of them is enough. */
export function Mark({ tone, shape, children }: { tone: Tone; shape: Shape; children: string }) {
  return (
    <span class="badge state-badge" data-tone={tone}>
      <svg viewBox="0 0 16 16" aria-hidden="true"><path d={PATHS[shape]} /></svg>
      {children}
    </span>
  );
}

/** The state of a source as an admin sees it. */
export function StateBadge({ state }: { state: string }) {
  const { words, tone, shape } = wordsOf(state);
  return <Mark tone={tone} shape={shape}>{words}</Mark>;
}
