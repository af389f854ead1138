/** Notifications over REST. */
import { api, type CallOptions } from "./call";

export const listNotifications = (
  page: { unread?: boolean | undefined; cursor?: string | undefined; limit: number }, options?: CallOptions,
) => api.get("/api/notifications", { query: page, ...options });
export const readNotification = (id: number) => api.post("/api/notifications/{id}/read", { path: { id } });
export const readAllNotifications = () => api.post("/api/notifications/read-all");
export const unreadCount = () => api.get("/api/notifications/unread-count");
