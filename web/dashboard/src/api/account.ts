/** One's own account over REST: password, sessions, tokens. */
import { del, get, post } from "./call";
import type { MadeToken, NewToken, Sessions, Tokens } from "./schema";

export const changePassword = (current_password: string, new_password: string): Promise<void> =>
  post("/api/auth/password", { current_password, new_password });
export const listSessions = (): Promise<Sessions> => get("/api/sessions");
export const revokeSession = (id: number): Promise<void> => del(`/api/sessions/${id}`);
export const listTokens = (): Promise<Tokens> => get("/api/tokens");
export const createToken = (token: NewToken): Promise<MadeToken> => post("/api/tokens", token);
export const revokeToken = (id: number): Promise<void> => del(`/api/tokens/${id}`);
