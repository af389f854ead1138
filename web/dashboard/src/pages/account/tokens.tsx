import { useSignal } from "@preact/signals";
import { createToken, listOwnTokens } from "../../api/account";
import { messageOf, Refusal, sentence } from "../../api/call";
import type { CreatedToken } from "../../api/schema";
import { CopyField } from "../../parts/copy-field";
import { Field } from "../../parts/field";
import { ProblemNote } from "../../parts/problem";
import { useLoaded } from "../../state/loaded";
import { me } from "../../state/session";
import { TokenList } from "./token-list";

const SCOPES = [
  { scope: "user", words: "user: reads and does what you may", adminOnly: false },
  { scope: "publish", words: "publish: posts listings, notifications and messages", adminOnly: true },
  { scope: "metrics", words: "metrics: reads /metrics, for Prometheus", adminOnly: true },
  { scope: "admin", words: "admin: may do everything", adminOnly: true },
] as const;

/** One's own API tokens: for programs, which sign in with them. */
export function OwnTokens() {
  const tokens = useLoaded(listOwnTokens);
  const made = useSignal<CreatedToken | undefined>(undefined);
  const own = tokens.value.value;
  const onMade = (token: CreatedToken): void => {
    made.value = token;
    void tokens.load();
  };
  return (
    <section class="card-box account-wide" aria-labelledby="tokens">
      <h2 id="tokens">API tokens</h2>
      <p class="quiet">For programs: with a token they call the <a href="/api/docs">API</a> without your password.</p>
      <ProblemNote message={tokens.problem.value} retry={() => void tokens.load()} />
      {own !== undefined && <TokenList tokens={own} />}
      {made.value !== undefined && <ShownOnce token={made.value} put={() => (made.value = undefined)} />}
      <NewTokenForm onMade={onMade} />
    </section>
  );
}

function NewTokenForm({ onMade }: { onMade: (token: CreatedToken) => void }) {
  const name = useSignal("");
  const scope = useSignal("user");
  const password = useSignal("");
  const problems = useSignal<ReadonlyMap<string, string>>(new Map());
  const problem = useSignal<string | undefined>(undefined);
  // A stolen session must not make a token that outlives it and may do more.
  const needsPassword = scope.value !== "user";
  const make = async (): Promise<void> => {
    problem.value = undefined;
    problems.value = new Map();
    try {
      const proof = needsPassword ? { current_password: password.value } : {};
      onMade(await createToken({ name: name.value, scope: scope.value, ...proof }));
      name.value = "";
    } catch (error) {
      if (error instanceof Refusal && error.fields.size > 0) problems.value = error.fields;
      else problem.value = messageOf(error);
    } finally {
      password.value = "";
    }
  };
  const errorOf = (field: string, label: string): string | undefined => {
    const words = problems.value.get(field);
    return words === undefined ? undefined : sentence(`${label} ${words}`);
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    void make();
  };
  return (
    <form class="account-new-token" onSubmit={submit}>
      <ProblemNote message={problem.value} />
      <Field label="What is it for?" error={errorOf("name", "The name")}>
        {(control) => (
          <input {...control} class="form-control" autocomplete="off" placeholder="scraper" value={name.value} onInput={(event) => (name.value = event.currentTarget.value)} />
        )}
      </Field>
      <Field label="What may it do?">
        {(control) => (
          <select {...control} class="form-select" value={scope.value} onChange={(event) => (scope.value = event.currentTarget.value)}>
            {SCOPES.filter(({ adminOnly }) => !adminOnly || me.value?.is_admin === true).map((choice) => (
              <option key={choice.scope} value={choice.scope}>{choice.words}</option>
            ))}
          </select>
        )}
      </Field>
      {needsPassword && (
        <Field label="Your password" error={errorOf("current_password", "This")}>
          {(control) => (
            <input {...control} class="form-control" type="password" required autocomplete="current-password" value={password.value} onInput={(event) => (password.value = event.currentTarget.value)} />
          )}
        </Field>
      )}
      <button type="submit" class="btn btn-plain">Make a token</button>
    </form>
  );
}

/** A new token, which the server will not show again, and what to do with it. */
function ShownOnce({ token, put }: { token: CreatedToken; put: () => void }) {
  return (
    <div class="account-made" role="group" aria-label="The new token">
      <CopyField label={`The token “${token.name}”`} text={token.token} hint="It is shown only now. Keep it where you keep passwords." />
      <pre><code>{exampleOf(token)}</code></pre>
      <button type="button" class="btn btn-plain" onClick={put}>I have it</button>
    </div>
  );
}

function exampleOf({ token, scope }: CreatedToken): string {
  const head = `curl -H "Authorization: Bearer ${token}" \\\n`;
  if (scope === "metrics") return `${head}  ${location.origin}/metrics`;
  if (scope !== "publish") return `${head}  ${location.origin}/api/listings`;
  return `${head}  -H "Content-Type: application/json" \\
  -d '{"title": "Road bike", "price": "$250", "source": "ksl", "link": "https://example.org/bike/1"}' \\
  ${location.origin}/api/listings`;
}
