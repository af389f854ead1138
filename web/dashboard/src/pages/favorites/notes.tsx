import { useSignal } from "@preact/signals";
import "../../../styles/notes.scss";
import { saveNotes } from "../../state/favorites";

/** The longest note that the server takes. */
const LONGEST_NOTE = 2_000;

/** Notes are saved when one leaves them, so there is no button to forget. */
export function Notes({ id, notes, title }: { id: number; notes: string; title: string }) {
  const state = useSignal<"idle" | "saving" | "saved">("idle");
  const save = async (text: string): Promise<void> => {
    if (text.trim() === notes) return;
    state.value = "saving";
    state.value = (await saveNotes(id, text.trim())) ? "saved" : "idle";
  };
  return (
    <div class="notes">
      <textarea
        class="form-control"
        rows={notes.includes("\n") ? 3 : 1}
        maxLength={LONGEST_NOTE}
        placeholder="Add a note"
        aria-label={`Notes on ${title.slice(0, 80)}`}
        defaultValue={notes}
        onBlur={(event) => void save(event.currentTarget.value)}
      />
      <span class="notes-state" role="status">
        {state.value === "saving" ? "Saving…" : state.value === "saved" ? "Saved" : ""}
      </span>
    </div>
  );
}
