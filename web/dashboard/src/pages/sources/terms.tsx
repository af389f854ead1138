import { useSignal } from "@preact/signals";
import { OutwardLink } from "../../parts/outward-link";

/** A site's terms in full, and the words with which one answers for what is asked of it. */
export function Terms({ text, action, accept }: { text: string; action: string; accept: () => Promise<void> }) {
  const isRead = useSignal(false);
  const isBusy = useSignal(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!isRead.peek() || isBusy.peek()) return;
    isBusy.value = true;
    await accept().finally(() => (isBusy.value = false));
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <TermsText text={text} />
      <label class="source-acknowledge">
        <input
          type="checkbox"
          class="form-check-input"
          checked={isRead.value}
          onChange={(event) => (isRead.value = event.currentTarget.checked)}
        />
        <span>I have read these terms, and I answer for what Super-Bot asks of this site.</span>
      </label>
      <button type="submit" class="btn btn-primary" disabled={!isRead.value || isBusy.value}>{action}</button>
    </form>
  );
}

/** The terms, with their addresses as links. */
export function TermsText({ text }: { text: string }) {
  const parts = text.split(/(https:\/\/[^\s]*[^\s.,])/);
  return <p>{parts.map((part, place) => (place % 2 === 1 ? <OutwardLink key={place} href={part}>{part}</OutwardLink> : part))}</p>;
}
