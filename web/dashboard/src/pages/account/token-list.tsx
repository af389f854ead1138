import { signal } from "@preact/signals";
import { revokeToken } from "../../api/account";
import { messageOf } from "../../api/call";
import type { TokenView } from "../../api/schema";
import { Age } from "../../parts/age";
import { tellFailure, tellUndo } from "../../state/toasts";

/** Tokens that are being revoked, though that can still be undone. */
const revoked = signal<ReadonlySet<number>>(new Set());

/** API tokens, each of which can be revoked. */
export function TokenList({ tokens, ownerOf }: { tokens: readonly TokenView[]; ownerOf?: (token: TokenView) => string }) {
  const shown = tokens.filter(({ id }) => !revoked.value.has(id));
  if (shown.length === 0) return <p class="quiet mb-0">None.</p>;
  return (
    <ul class="account-list">
      {shown.map((token) => (
        <li key={token.id} class="account-row" data-token={token.name}>
          <div class="account-what">
            <strong>{token.name}</strong> <span class="badge">{token.scope}</span>{" "}
            <code class="quiet">{token.hint}…</code>
            <div class="quiet">
              {ownerOf !== undefined && `${ownerOf(token)}’s, `}made <Age at={token.created_at} />,{" "}
              {token.last_used_at == null ? "never used" : <>used <Age at={token.last_used_at} /></>}
            </div>
          </div>
          <button type="button" class="btn btn-quiet" onClick={() => revoke(token)}>
            Revoke<span class="visually-hidden"> {token.name}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Revokes a token as soon as that can no longer be undone: until then whoever has it may still use it. */
function revoke({ id, name }: TokenView): void {
  const show = (): void => void (revoked.value = new Set([...revoked.peek()].filter((other) => other !== id)));
  const commit = async (): Promise<void> => {
    try {
      await revokeToken(id);
    } catch (error) {
      show();
      tellFailure(`${name} was not revoked. ${messageOf(error)}`);
    }
  };
  revoked.value = new Set([...revoked.peek(), id]);
  tellUndo(`${name} is revoked in a moment.`, show, () => void commit());
}
