/** Notifications over REST. */
import { type CallOptions, get, post, query } from "./call";
import type { NotificationPage, NotificationsRead, UnreadCount } from "./schema";

export const listNotifications = (
  page: { unread?: boolean | undefined; cursor?: string | undefined; limit: number }, options?: CallOptions,
): Promise<NotificationPage> => get(`/api/notifications${query(page)}`, options);
export const readNotification = (id: number): Promise<NotificationsRead> => post(`/api/notifications/${id}/read`);
export const readAllNotifications = (): Promise<NotificationsRead> => post("/api/notifications/read-all");
export const unreadCount = (): Promise<UnreadCount> => get("/api/notifications/unread-count");
