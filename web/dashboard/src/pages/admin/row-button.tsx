/** A button in a row, which says of what it is the button. */
export function RowButton({ words, name, run }: { words: string; name: string; run: () => void }) {
  return (
    <button type="button" class="btn btn-quiet" onClick={run}>
      {words}<span class="visually-hidden">: {name}</span>
    </button>
  );
}
