/** Notifications over REST. */
import { type CallOptions, get, post, query } from "./call";
import type { Notifications, Read, Unread } from "./schema";

export const listNotifications = (
  page: { unread?: boolean | undefined; cursor?: string | undefined; limit: number }, options?: CallOptions,
): Promise<Notifications> => get(`/api/notifications${query(page)}`, options);
export const readNotification = (id: number): Promise<Read> => post(`/api/notifications/${id}/read`);
export const readAllNotifications = (): Promise<Read> => post("/api/notifications/read-all");
export const unreadCount = (): Promise<Unread> => get("/api/notifications/unread-count");
