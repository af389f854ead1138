/** One's own account over REST: password, sessions, tokens. */
import { type CallOptions, del, get, post } from "./call";
import type { MadeToken, NewToken, Sessions, Tokens } from "./schema";

export const changePassword = (current_password: string, new_password: string): Promise<void> =>
  post("/api/auth/password", { current_password, new_password });
export const listSessions = (options?: CallOptions): Promise<Sessions> => get("/api/sessions", options);
export const revokeSession = (id: number): Promise<void> => del(`/api/sessions/${id}`);
export const listTokens = (options?: CallOptions): Promise<Tokens> => get("/api/tokens", options);
export const createToken = (token: NewToken): Promise<MadeToken> => post("/api/tokens", token);
export const revokeToken = (id: number): Promise<void> => del(`/api/tokens/${id}`);
