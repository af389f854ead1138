/** System messages: what an admin says to everyone. They stay until they are put away. */
import { signal } from "@preact/signals";
import type { ServerEvents } from "../../../client/websocket-client";
import { onEvent } from "./connection";

/** As many are kept; older ones give way. */
const MOST = 5;

type Announcement = ServerEvents["system_message"];

export const announcements = signal<readonly Announcement[]>([]);

/** Begins to listen. */
export function startAnnouncements(): void {
  onEvent("system_message", (message) => {
    announcements.value = [...announcements.peek(), message].slice(-MOST);
  });
}

/** Puts one away. */
export function putAway(message: Announcement): void {
  announcements.value = announcements.peek().filter((other) => other !== message);
}
