/** What only an admin may ask for. */
import { api, type CallOptions, Refusal } from "./call";
import type {
  Announced, ConnectedUsers, Invites, MadeInvite, NewPasswordReset, NewUser, Options, PasswordReset, Stats, Users, UserView,
} from "./schema";

export const getStats = (options?: CallOptions): Promise<Stats> => api.get("/api/admin/stats", options);
export const connectedUsers = (options?: CallOptions): Promise<ConnectedUsers> => api.get("/api/connected-users", options);
export const listUsers = (options?: CallOptions): Promise<Users> => api.get("/api/users", options);
export const createUser = (user: NewUser): Promise<UserView> => api.post("/api/users", { body: user });
export const disableUser = (id: number, disabled: boolean): Promise<UserView> =>
  api.patch("/api/users/{id}", { path: { id }, body: { disabled } });

export const listInvites = (cursor?: string, options?: CallOptions): Promise<Invites> =>
  api.get("/api/invites", { query: { cursor }, ...options });
export const revokeInvite = (id: number): Promise<void> => api.delete("/api/invites/{id}", { path: { id } });
export const createInvite = (): Promise<MadeInvite> => api.post("/api/invites");
export const createPasswordReset = (id: number, proof?: NewPasswordReset): Promise<PasswordReset> =>
  api.post("/api/users/{id}/password-reset", { path: { id }, body: proof });
export const sendSystemMessage = (message: string, level: string): Promise<Announced> =>
  api.post("/api/system-messages", { body: { message, level } });

export const authOptions = (options?: CallOptions): Promise<Options> => api.get("/api/auth/options", options);

/** The metrics, in the text form that Prometheus reads. */
export async function metricsText({ signal }: CallOptions = {}): Promise<string> {
  const response = await fetch("/metrics", signal === undefined ? {} : { signal });
  if (!response.ok) throw new Refusal(response.status, "metrics", `The metrics were refused with ${response.status}.`);
  return response.text();
}
