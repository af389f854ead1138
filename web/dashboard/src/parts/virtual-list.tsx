import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

/** Rows beyond the window's edges that are there already when one scrolls. */
const OVERSCAN = 6;

interface VirtualListProps<Item> {
  items: readonly Item[];
  /** The height of every row, in pixels; its style has to keep it. */
  rowHeight: number;
  label: string;
  renderRow: (item: Item, index: number) => ComponentChildren;
  /** Called when the last rows come near. */
  onNearEnd: () => void;
}

interface Span {
  first: number;
  last: number;
}

/** A list of any length, of which only the rows near the window exist. The page itself scrolls. */
export function VirtualList<Item>({ items, rowHeight, label, renderRow, onNearEnd }: VirtualListProps<Item>) {
  const ref = useRef<HTMLOListElement>(null);
  const count = items.length;
  // A guess for the first rendering, which is measured before it is shown.
  const [span, setSpan] = useState(() => spanOf(0, innerHeight, rowHeight, count));

  useLayoutEffect(() => {
    const measure = (): void => {
      const list = ref.current;
      if (list === null) return;
      const next = spanOf(-list.getBoundingClientRect().top, innerHeight, rowHeight, count);
      setSpan((now) => (now.first === next.first && now.last === next.last ? now : next));
    };
    measure();
    addEventListener("scroll", measure, { passive: true });
    addEventListener("resize", measure);
    return () => {
      removeEventListener("scroll", measure);
      removeEventListener("resize", measure);
    };
  }, [rowHeight, count]);

  const last = Math.min(span.last, count);
  const first = Math.min(span.first, last);
  useEffect(() => {
    if (last >= count - OVERSCAN) onNearEnd();
  }, [last, count]);

  const style = { paddingTop: `${first * rowHeight}px`, paddingBottom: `${(count - last) * rowHeight}px` };
  return (
    <ol class="virtual-list" ref={ref} aria-label={label} style={style}>
      {items.slice(first, last).map((item, index) => renderRow(item, first + index))}
    </ol>
  );
}

/** The rows that are near a window which begins `above` pixels below the list's top. */
export function spanOf(above: number, windowHeight: number, rowHeight: number, count: number): Span {
  const first = Math.max(0, Math.min(count, Math.floor(above / rowHeight) - OVERSCAN));
  const last = Math.min(count, Math.max(first, Math.ceil((above + windowHeight) / rowHeight) + OVERSCAN));
  return { first, last };
}
