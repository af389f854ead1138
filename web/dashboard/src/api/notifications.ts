/** Notifications over REST. */
import { api, type CallOptions } from "./call";
import type { Notifications, Read, Unread } from "./schema";

export const listNotifications = (
  page: { unread?: boolean | undefined; cursor?: string | undefined; limit: number }, options?: CallOptions,
): Promise<Notifications> => api.get("/api/notifications", { query: page, ...options });
export const readNotification = (id: number): Promise<Read> => api.post("/api/notifications/{id}/read", { path: { id } });
export const readAllNotifications = (): Promise<Read> => api.post("/api/notifications/read-all");
export const unreadCount = (): Promise<Unread> => api.get("/api/notifications/unread-count");
