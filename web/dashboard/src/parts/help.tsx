import { signal } from "@preact/signals";
import { listedKeys } from "../state/keys";
import { Dialog } from "./dialog";

const open = signal(false);

/** Shows what the keyboard can do here. */
export function showHelp(): void {
  open.value = true;
}

const NAMES: Readonly<Record<string, string>> = { Escape: "Esc", Enter: "Enter", " ": "Space" };

/** The help dialog: the keys of the page that is shown, and the words that filters and alerts understand. */
export function Help() {
  if (!open.value) return null;
  return (
    <Dialog title="Help" onClose={() => (open.value = false)}>
      <h3>Keys</h3>
      <dl class="keys">
        {listedKeys().flatMap(({ key, words }) => [
          <dt key={key}><kbd>{NAMES[key] ?? key}</kbd></dt>,
          <dd key={`${key} words`}>{words}</dd>,
        ])}
      </dl>
      <h3>Words to look for</h3>
      <dl class="keys">
        <dt><kbd>corvette, camaro</kbd></dt><dd>either of them</dd>
        <dt><kbd>road bike</kbd></dt><dd>both words, in any order</dd>
        <dt><kbd>"road bike"</kbd></dt><dd>exactly this phrase</dd>
        <dt><kbd>bike -kids</kbd></dt><dd>without the word after the minus</dd>
      </dl>
      <p class="quiet mb-0">
        Programs use the same data: see the <a href="/api/docs">API</a>.
      </p>
    </Dialog>
  );
}
