import { sourceName } from "../format";

/** A source's name as a badge. */
export function SourceBadge({ source }: { source: string }) {
  return <span class="badge source-badge">{sourceName(source)}</span>;
}
