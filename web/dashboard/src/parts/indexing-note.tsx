import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** Says that stored listings are still being indexed, after an update of the program. */
export function IndexingNote() {
  const details = useSignal<readonly string[]>([]);
  useEffect(() => {
    const request = new AbortController();
    // What is not known is not worth a message.
    fetch("/readyz", { signal: request.signal }).then(
      async (response) => (details.value = detailsOf(await response.json())),
    ).catch(() => undefined);
    return () => request.abort();
  }, []);
  const indexing = details.value.find((detail) => detail.startsWith("indexing "));
  if (indexing === undefined) return null;
  return (
    <p class="alert" data-level="info" role="status">
      Listings are read by new rules ({indexing} done): until then, searches may not find all of the older ones.
    </p>
  );
}

function detailsOf(answer: unknown): readonly string[] {
  const details = (answer as { details?: unknown } | null)?.details;
  return Array.isArray(details) ? details.filter((detail) => typeof detail === "string") : [];
}
