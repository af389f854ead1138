import type { ComponentChildren } from "preact";
import { messageOf, Refusal, sentence } from "../../api/call";
import type { PreviewView } from "../../api/schema";
import type { LivePreview } from "../../state/live-preview";
import { ProblemNote } from "../problem";
import { Skeleton } from "../skeleton";
import { ListingLine } from "./listing-line";

interface PreviewProps<Fields extends object> {
  preview: LivePreview<Fields>;
  /** The first sentence about so many. */
  headline: (answer: PreviewView) => string;
  /** What stands here while there is nothing to ask. */
  children: ComponentChildren;
}

/** What would have been found, and what only just would not. */
export function Preview<Fields extends object>({ preview, headline, children }: PreviewProps<Fields>) {
  const answer = preview.answer.value;
  const problem = preview.problem.value;
  const isWaiting = preview.isWaiting.value;
  // What is wrong with a field stands at the field.
  const isOwn = problem !== undefined && !(problem instanceof Refusal && problem.fields.size > 0);
  return (
    <section class="card-box preview" aria-label="Preview" aria-busy={isWaiting} data-stale={isWaiting}>
      {isOwn && <ProblemNote message={messageOf(problem)} retry={() => preview.retry()} />}
      {answer === undefined && !isOwn && (isWaiting ? <Skeleton rows={5} /> : <div class="quiet">{problem === undefined ? children : MEND}</div>)}
      <p class="preview-headline" role="status">{answer === undefined ? "" : headline(answer)}</p>
      {answer !== undefined && <Found answer={answer} />}
    </section>
  );
}

const MEND = <p class="mb-0">What it finds stands here as soon as the marked field is right.</p>;

/** The listings of an answer. */
export function Found({ answer, headings: Heading = "h2" }: { answer: PreviewView; headings?: "h2" | "h3" }) {
  const { sample, near_misses: misses, warnings } = answer;
  return (
    <>
      {warnings.map(({ message }) => <p key={message} class="because" role="status" dir="auto">{sentence(message)}</p>)}
      {sample.length > 0 && (
        <>
          <Heading class="preview-title">{isAll(answer) ? "All of them" : "The newest of them"}</Heading>
          <ul class="listing-lines">
            {sample.map((listing) => <ListingLine key={listing.id} listing={listing} />)}
          </ul>
        </>
      )}
      {misses.length > 0 && (
        <>
          <Heading class="preview-title">Only just not</Heading>
          <ul class="listing-lines">
            {misses.map(({ listing, because }) => (
              <ListingLine key={listing.id} listing={listing}>
                <p class="because" dir="auto">{sentence(because)}</p>
              </ListingLine>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function isAll({ count, sample }: PreviewView): boolean {
  return count != null && count <= sample.length;
}
