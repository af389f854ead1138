/** The keyboard: which key does what, for the whole app and for the page that is shown. */

export interface Key {
  /** As `KeyboardEvent.key` has it: `/`, `n`, `?`, `Escape`, `ArrowDown`. */
  key: string;
  /** What it does, for the help dialog; keys without words are not listed there. */
  words?: string;
  run: (event: KeyboardEvent) => void;
}

const layers: (readonly Key[])[] = [];

/** Makes keys work until the returned function is called. Later ones hide earlier ones of the same name. */
export function addKeys(keys: readonly Key[]): () => void {
  layers.push(keys);
  return () => void layers.splice(layers.indexOf(keys), 1);
}

/** The keys that work now and are worth telling, the page's own first. */
export function listedKeys(): Key[] {
  const seen = new Set<string>();
  return layers.toReversed().flat().filter(({ key, words }) => {
    if (words === undefined || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** Hands a key to whoever wants it. */
export function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  // An open dialog has the keyboard to itself, and Escape closes it without our doing.
  if (document.querySelector("dialog[open]") !== null) return;
  if (isTyping(event.target) && event.key !== "Escape") return;
  for (const keys of layers.toReversed()) {
    const found = keys.find(({ key }) => key === event.key);
    if (found === undefined) continue;
    event.preventDefault();
    found.run(event);
    return;
  }
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit"].includes(target.type);
}
