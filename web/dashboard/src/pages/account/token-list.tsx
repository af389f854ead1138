import { revokeToken } from "../../api/account";
import type { TokenView } from "../../api/schema";
import { Age } from "../../parts/age";
import { removals } from "../../state/removals";

/** Until the time to undo is over, whoever has a token may still use it. */
const revoked = removals<number>();

/** API tokens, each of which can be revoked. */
export function TokenList({ tokens, ownerOf }: { tokens: readonly TokenView[]; ownerOf?: (token: TokenView) => string }) {
  const shown = tokens.filter(({ id }) => !revoked.hidden.value.has(id));
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
          <button type="button" class="btn btn-quiet" onClick={() => revoked.remove(token.id, `${token.name} is revoked in a moment.`, () => revokeToken(token.id))}>
            Revoke<span class="visually-hidden"> {token.name}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
