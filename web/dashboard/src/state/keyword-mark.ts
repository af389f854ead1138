/** Which part of the keywords the server does not understand. */

/** A part of the text, by its indexes. `end` may lie behind the text: something is missing there. */
export interface Mark {
  start: number;
  end: number;
  /** What is wrong with it. */
  message: string;
}

/** As the server begins what it says of keywords; it counts characters from 1, those outside the BMP as one. */
const POSITION = /^at character (\d+): (.*)$/s;
const DIVIDES = /[\s,()"“”„，、]/;

/** Finds the word that a message speaks of; `undefined` where it speaks of none. */
export function markOf(keywords: string, message: string): Mark | undefined {
  const [, position, words = ""] = POSITION.exec(message) ?? [];
  if (position === undefined) return undefined;
  // The server does not see the white space around the keywords.
  const offset = keywords.length - keywords.trimStart().length;
  const before = [...keywords.slice(offset)].slice(0, Number(position) - 1).join("");
  const at = offset + before.length;
  return { ...wordAt(keywords, at), message: words };
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
