/** One's own account over REST: password, sessions, tokens. */
import { type CallOptions, del, get, post, query } from "./call";
import type { MadeToken, NewToken, PasswordChange, SessionPage, TokenPage, TokenView } from "./schema";

export const changePassword = (change: PasswordChange): Promise<void> => post("/api/auth/password", change);
export const listSessions = (options?: CallOptions): Promise<SessionPage> => get("/api/sessions", options);
export const revokeSession = (id: number): Promise<void> => del(`/api/sessions/${id}`);
export const listOwnTokens = (options?: CallOptions): Promise<TokenView[]> => tokensOf({ mine: true }, options);
export const listAllTokens = (options?: CallOptions): Promise<TokenView[]> => tokensOf({}, options);
export const createToken = (token: NewToken): Promise<MadeToken> => post("/api/tokens", token);
export const revokeToken = (id: number): Promise<void> => del(`/api/tokens/${id}`);

/** Every page: a user has at most 100 tokens. */
async function tokensOf(filter: { mine?: boolean }, options?: CallOptions): Promise<TokenView[]> {
  const tokens: TokenView[] = [];
  let cursor: string | undefined;
  do {
    const page = await get<TokenPage>(`/api/tokens${query({ ...filter, cursor, limit: 200 })}`, options);
    tokens.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return tokens;
}
