/** How many notifications are not read yet, in step with every tab and device. */
import { effect, signal } from "@preact/signals";
import { unreadCount } from "../api/notifications";
import { onEvent, reloads } from "./connection";

export const unread = signal(0);

/** Begins to count. */
export function startNotifications(): void {
  onEvent("notification", () => void (unread.value += 1));
  onEvent("notification_read", (read) => void (unread.value = read.unread));
  effect(() => {
    void reloads.value;
    void loadUnread();
  });
}

/** Asks the server for the number. */
export async function loadUnread(): Promise<void> {
  const answer = await unreadCount().catch(() => undefined);
  if (answer !== undefined) unread.value = answer.unread;
}
