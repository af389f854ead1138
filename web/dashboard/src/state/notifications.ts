/** How many notifications are not read yet, in step with every tab and device; and reading them. */
import { effect, signal } from "@preact/signals";
import { messageOf } from "../api/call";
import { readAllNotifications, readNotification, unreadCount } from "../api/notifications";
import { isLive, markRead, onEvent, reloads } from "./connection";
import { tellFailure } from "./toasts";

export const unread = signal(0);

/** The server is asked at most this often how many there are. */
const RECOUNT_EVERY_MS = 500;

let isCounting = false;
let mustRecount = false;

/** Begins to count. */
export function startNotifications(): void {
  // One that is replayed may be in the last count already, so the server is asked instead of counting up.
  onEvent("notification", () => void recount());
  onEvent("notification_read", (read) => {
    unread.value = read.unread;
    void recount();
  });
  effect(() => {
    void reloads.value;
    void recount();
  });
}

/** Marks some as read, here and on every device. */
export async function read(ids: readonly number[]): Promise<boolean> {
  if (ids.length === 0) return true;
  if (isLive.peek()) {
    const answer = await markRead(ids);
    if (answer.ok) {
      unread.value = answer.unread;
      return true;
    }
  }
  try {
    for (const id of ids) unread.value = (await readNotification(id)).unread;
    return true;
  } catch (error) {
    tellFailure(`It could not be marked as read. ${messageOf(error)}`);
    return false;
  }
}

/** Marks all as read. */
export async function readAll(): Promise<boolean> {
  try {
    unread.value = (await readAllNotifications()).unread;
    return true;
  } catch (error) {
    tellFailure(`They could not be marked as read. ${messageOf(error)}`);
    return false;
  }
}

async function recount(): Promise<void> {
  mustRecount = true;
  if (isCounting) return;
  isCounting = true;
  while (mustRecount) {
    mustRecount = false;
    const answer = await unreadCount().catch(() => undefined);
    if (answer !== undefined) unread.value = answer.unread;
    await new Promise((resolve) => setTimeout(resolve, RECOUNT_EVERY_MS));
  }
  isCounting = false;
}
