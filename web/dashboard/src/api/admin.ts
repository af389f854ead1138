/** What only an admin may ask for. */
import { type CallOptions, del, get, patch, post, query, Refusal } from "./call";
import type {
  Announced, ConnectedUsers, InvitePage, MadeInvite, NewPasswordReset, NewUser, Options, PasswordReset, Stats, UserPage, UserView,
} from "./schema";

export const getStats = (options?: CallOptions): Promise<Stats> => get("/api/admin/stats", options);
export const connectedUsers = (options?: CallOptions): Promise<ConnectedUsers> => get("/api/connected-users", options);
export const listUsers = (options?: CallOptions): Promise<UserPage> => get("/api/users", options);
export const createUser = (user: NewUser): Promise<UserView> => post("/api/users", user);
export const disableUser = (id: number, disabled: boolean): Promise<UserView> => patch(`/api/users/${id}`, { disabled });

export const listInvites = (cursor?: string, options?: CallOptions): Promise<InvitePage> =>
  get(`/api/invites${query({ cursor })}`, options);
export const revokeInvite = (id: number): Promise<void> => del(`/api/invites/${id}`);
export const createInvite = (): Promise<MadeInvite> => post("/api/invites");
export const createPasswordReset = (id: number, proof?: NewPasswordReset): Promise<PasswordReset> =>
  post(`/api/users/${id}/password-reset`, proof);
export const sendSystemMessage = (message: string, level: string): Promise<Announced> =>
  post("/api/system-messages", { message, level });

export const authOptions = (options?: CallOptions): Promise<Options> => get("/api/auth/options", options);

/** The metrics, in the text form that Prometheus reads. */
export async function metricsText({ signal }: CallOptions = {}): Promise<string> {
  const response = await fetch("/metrics", signal === undefined ? {} : { signal });
  if (!response.ok) throw new Refusal(response.status, "metrics", `The metrics were refused with ${response.status}.`);
  return response.text();
}
