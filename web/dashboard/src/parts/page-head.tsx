import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { pageTitle } from "../state/title";

/** A page's heading, with what can be done on it at the right; it also names the tab. */
export function PageHead({ title, children }: { title: string; children?: ComponentChildren }) {
  useEffect(() => {
    pageTitle.value = title;
  }, [title]);
  return (
    <div class="page-head">
      <h1>{title}</h1>
      {children !== undefined && <div class="page-actions">{children}</div>}
    </div>
  );
}
