/** Which part of the keywords the server does not understand. */
import type { FieldError } from "../api/schema";

/** A part of the text, by its indexes. `end` may lie behind the text: something is missing there. */
export interface Mark {
  start: number;
  end: number;
  /** What is wrong with it. */
  message: string;
}

/** White space as the server knows it: `trimStart` also takes a byte order mark away. */
const WHITE_SPACE = /^\p{White_Space}*/u;
const DIVIDES = /[\s,()"“”„，、]/;

/** Finds the word that an error is about; `undefined` where it has no position. */
export function markOf(keywords: string, { message, position }: FieldError): Mark | undefined {
  if (position === undefined) return undefined;
  // The server does not see the white space around the keywords, and counts characters outside the BMP as one.
  const offset = WHITE_SPACE.exec(keywords)?.[0].length ?? 0;
  const before = [...keywords.slice(offset)].slice(0, position).join("");
  return { ...wordAt(keywords, offset + before.length), message };
}

function wordAt(text: string, at: number): { start: number; end: number } {
  const found = text.charAt(at);
  if (found === "") return { start: text.length, end: text.length + 1 };
  // A quotation that is not closed reaches to the end.
  if (/["“”„]/.test(found)) return { start: at, end: text.length };
  if (DIVIDES.test(found)) return { start: at, end: at + 1 };
  let start = at;
  let end = at;
  while (start > 0 && !DIVIDES.test(text.charAt(start - 1))) start -= 1;
  while (end < text.length && !DIVIDES.test(text.charAt(end))) end += 1;
  return { start, end };
}
