import { connection, retryNow } from "../state/connection";

/** Whether this page is live, and if not, since when and when that will be tried again. */
export function ConnectionIndicator() {
  const { state, words, spoken, mayRetry } = connection.value;
  return (
    <p class="connection" data-state={state}>
      <span class="dot" aria-hidden="true" />
      <span aria-hidden="true">{words}</span>
      {/* The countdown is for the eye; read out it would never end. */}
      <span class="visually-hidden" role="status">{spoken}</span>
      {mayRetry && (
        <button type="button" class="btn btn-quiet" onClick={retryNow}>
          Try now
        </button>
      )}
    </p>
  );
}
