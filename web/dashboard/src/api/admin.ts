/** What only an admin may ask for. */
import { api, type CallOptions, Refusal } from "./call";
import type { MessageLevel, NewPasswordReset, NewUser } from "./schema";

export const getStats = (options?: CallOptions) => api.get("/api/admin/stats", options);
export const connectedUsers = (options?: CallOptions) => api.get("/api/connected-users", options);
export const listUsers = (options?: CallOptions) => api.get("/api/users", options);
export const createUser = (user: NewUser) => api.post("/api/users", { body: user });
export const disableUser = (id: number, disabled: boolean) =>
  api.patch("/api/users/{id}", { path: { id }, body: { disabled } });

export const listInvites = (cursor?: string, options?: CallOptions) =>
  api.get("/api/invites", { query: { cursor }, ...options });
export const revokeInvite = (id: number) => api.delete("/api/invites/{id}", { path: { id } });
export const createInvite = () => api.post("/api/invites");
export const createPasswordReset = (id: number, proof?: NewPasswordReset) =>
  api.post("/api/users/{id}/password-reset", { path: { id }, body: proof });
export const sendSystemMessage = (message: string, level: MessageLevel) =>
  api.post("/api/system-messages", { body: { message, level } });

export const authOptions = (options?: CallOptions) => api.get("/api/auth/options", options);

/** The metrics, in the text form that Prometheus reads. */
export async function metricsText({ signal }: CallOptions = {}): Promise<string> {
  const response = await fetch("/metrics", signal === undefined ? {} : { signal });
  if (!response.ok) throw new Refusal(response.status, "metrics", `The metrics were refused with ${response.status}.`);
  return response.text();
}
