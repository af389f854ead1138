import type { ComponentChildren } from "preact";
import { webAddress } from "../../../client/src/notifications";

/** A link to another site, which is told nothing of this one; plain text where it leads to no web address. */
export function OutwardLink({ href, children, class: name }: { href: unknown; children: ComponentChildren; class?: string }) {
  const address = webAddress(href);
  const named = name === undefined ? {} : { class: name };
  if (address === undefined) return <span {...named}>{children}</span>;
  return (
    <a href={address} target="_blank" rel="noopener noreferrer" {...named}>
      {children}
    </a>
  );
}
