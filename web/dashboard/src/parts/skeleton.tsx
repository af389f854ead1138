/** Grey lines in the place of what is still on its way, as many as there will be rows. */
export function Skeleton({ rows = 6, class: name = "" }: { rows?: number; class?: string }) {
  return (
    <div aria-hidden="true">
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} class={`skeleton mb-2 ${name === "" ? "skeleton-line" : name}`} />
      ))}
    </div>
  );
}
