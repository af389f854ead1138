import { listUsers } from "../../api/admin";
import { listAllTokens } from "../../api/account";
import { ProblemNote } from "../../parts/problem";
import { Skeleton } from "../../parts/skeleton";
import { useLoaded } from "../../state/loaded";
import { TokenList } from "../account/token-list";

/** Every API token of this server, whoever's it is. */
export function AllTokens() {
  const tokens = useLoaded(listAllTokens);
  const users = useLoaded(listUsers);
  const names = new Map(users.value.value?.items.map(({ id, username }) => [id, username]));
  const all = tokens.value.value;
  return (
    <section class="card-box" aria-labelledby="tokens">
      <h2 id="tokens">API tokens</h2>
      <p class="quiet">All of them, whoever’s they are. Everybody makes their own on their <a href="/account">account’s page</a>.</p>
      <ProblemNote message={tokens.problem.value} retry={() => void tokens.load()} />
      {all === undefined && tokens.problem.value === undefined && <Skeleton rows={4} />}
      {all !== undefined && (
        <TokenList tokens={all} ownerOf={({ user_id }) => (user_id == null ? "nobody" : names.get(user_id) ?? `user ${user_id}`)} />
      )}
    </section>
  );
}
