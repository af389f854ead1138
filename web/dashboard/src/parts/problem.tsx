/** What went wrong, and a way to try again. Nothing while nothing did. */
export function ProblemNote({ message, retry }: { message: string | undefined; retry?: (() => void) | undefined }) {
  if (message === undefined) return null;
  return (
    <div class="alert d-flex align-items-center gap-3" data-level="error" role="alert">
      <span class="flex-grow-1">{message}</span>
      {retry !== undefined && (
        <button type="button" class="btn btn-plain" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}
