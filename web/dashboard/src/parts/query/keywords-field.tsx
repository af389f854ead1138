import { useEffect, useId, useRef } from "preact/hooks";
import { sentence } from "../../api/call";
import type { FieldError } from "../../api/schema";
import { type Mark, markOf } from "../../state/keyword-mark";

interface KeywordsFieldProps {
  value: string;
  onInput: (value: string) => void;
  /** What the server says of them. */
  problem: FieldError | undefined;
  /** Counts up when somebody tried to save: what is wrong is then selected. */
  tries: number;
  autofocus?: boolean;
}

/** The words to look for. What the server does not understand is marked where it stands. */
export function KeywordsField({ value, onInput, problem, tries, autofocus = false }: KeywordsFieldProps) {
  const id = useId();
  const ref = useRef<HTMLTextAreaElement>(null);
  const mark = problem === undefined ? undefined : markOf(value, problem);
  useEffect(() => {
    if (autofocus) ref.current?.focus();
  }, []);
  useEffect(() => {
    if (tries === 0 || problem === undefined) return;
    ref.current?.focus();
    if (mark !== undefined) ref.current?.setSelectionRange(mark.start, mark.end);
  }, [tries]);
  return (
    <div class="field keywords-field">
      <label class="form-label" for={id}>What to look for</label>
      <div class="keywords">
        <Marked text={value} mark={mark} />
        <textarea
          id={id}
          ref={ref}
          class="form-control"
          rows={1}
          placeholder="road bike -kids, touring bike"
          spellcheck={false}
          autocapitalize="none"
          autocomplete="off"
          value={value}
          onInput={(event) => onInput(event.currentTarget.value)}
          onKeyDown={submitOnEnter}
          aria-describedby={`${id}-hint ${problem === undefined ? "" : `${id}-problem`}`.trim()}
          {...(problem === undefined ? {} : { "aria-invalid": true })}
        />
      </div>
      <p class="field-error mb-0" id={`${id}-problem`} role="status" hidden={problem === undefined}>
        {problem !== undefined && <Problem message={problem.message} mark={mark} text={value} />}
      </p>
      <div class="form-text syntax" id={`${id}-hint`}>
        <span><kbd>road bike</kbd> both words</span>
        <span><kbd>bike, trike</kbd> either</span>
        <span><kbd>-kids</kbd> without</span>
        <span><kbd>"road bike"</kbd> the phrase</span>
        <span><kbd>cannon*</kbd> begins so</span>
        <span><kbd>*dale</kbd> ends so</span>
      </div>
    </div>
  );
}

/** Behind the field, and written like it, so that the mark lies under the word. */
function Marked({ text, mark }: { text: string; mark: Mark | undefined }) {
  const { start, end } = mark ?? { start: text.length, end: text.length };
  return (
    <div class="form-control keywords-behind" aria-hidden="true">
      {text.slice(0, start)}
      {mark !== undefined && <mark>{text.slice(start, end) || " "}</mark>}
      {/* A line break at the end takes up a line only when something follows it. */}
      {text.slice(end)}{" "}
    </div>
  );
}

function Problem({ message, mark, text }: { message: string; mark: Mark | undefined; text: string }) {
  if (mark === undefined) return <>{sentence(/^(is|are) /.test(message) ? `Words ${message}` : message)}</>;
  const word = text.slice(mark.start, mark.end);
  return <>{word !== "" && <><b class="wrong-word" dir="auto">{word}</b> </>}{sentence(mark.message)}</>;
}

/** A line break means "or"; whoever wants one holds Shift, so that Enter does what it does in every other field. */
function submitOnEnter(event: KeyboardEvent): void {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  (event.currentTarget as HTMLTextAreaElement).form?.requestSubmit();
}
