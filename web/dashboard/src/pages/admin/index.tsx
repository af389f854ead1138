import "../../../styles/account.scss";
import "../../../styles/admin.scss";
import type { ComponentType } from "preact";
import { EmptyState } from "../../parts/empty-state";
import { PageHead } from "../../parts/page-head";
import { Skeleton } from "../../parts/skeleton";
import { search } from "../../router";
import { me } from "../../state/session";
import { MessageComposer } from "./message";
import { Overview } from "./overview";
import { People } from "./people";
import { AllTokens } from "./tokens";

const PARTS: Readonly<Record<string, readonly [words: string, part: ComponentType]>> = {
  overview: ["Overview", Overview],
  message: ["Message", MessageComposer],
  people: ["People", People],
  tokens: ["Tokens", AllTokens],
};

/** What only an admin sees and does. */
export default function AdminPage() {
  const name = search.value.get("part") ?? "overview";
  const [, Part] = PARTS[name] ?? ["", Overview];
  return (
    <>
      <PageHead title="Admin" />
      {me.value === undefined ? <Skeleton rows={4} /> : !me.value.is_admin ? (
        <EmptyState title="This page is for admins"><p><a href="/">Go to the listings</a></p></EmptyState>
      ) : (
        <>
          <nav class="admin-parts" aria-label="Parts of this page">
            {Object.entries(PARTS).map(([part, [words]]) => (
              <a key={part} href={part === "overview" ? "/admin" : `/admin?part=${part}`} {...(part === name ? { "aria-current": "page" as const } : {})}>
                {words}
              </a>
            ))}
          </nav>
          <Part key={name} />
        </>
      )}
    </>
  );
}
