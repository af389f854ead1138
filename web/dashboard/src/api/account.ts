/** One's own account over REST: password, sessions, tokens. */
import { api, type CallOptions } from "./call";
import type { NewToken, PasswordChange, TokenView } from "./schema";

export const changePassword = (change: PasswordChange) => api.post("/api/auth/password", { body: change });
export const listSessions = (options?: CallOptions) => api.get("/api/sessions", options);
export const revokeSession = (id: number) => api.delete("/api/sessions/{id}", { path: { id } });
export const listOwnTokens = (options?: CallOptions): Promise<TokenView[]> => tokensOf({ mine: true }, options);
export const listAllTokens = (options?: CallOptions): Promise<TokenView[]> => tokensOf({}, options);
export const createToken = (token: NewToken) => api.post("/api/tokens", { body: token });
export const revokeToken = (id: number) => api.delete("/api/tokens/{id}", { path: { id } });

/** Every page: a user has at most 100 tokens. */
async function tokensOf(filter: { mine?: boolean }, options?: CallOptions): Promise<TokenView[]> {
  const tokens: TokenView[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.get("/api/tokens", { query: { ...filter, cursor, limit: 200 }, ...options });
    tokens.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return tokens;
}
