/** Notifications as they arrive: a few are shown for a while, the rest as a number. */
import { batch, effect, signal } from "@preact/signals";
import type { UserNotification } from "../../../client/websocket-client";
import { route } from "../router";
import { isQuietNow, soundArrival } from "./attention";
import { notifyListings, onEvent } from "./connection";
import { type Notice, noticeOf } from "./notices";
import { preferences } from "./preferences";

export interface Arrival {
  id: number;
  notice: Notice;
}

const SHOWN_MS = 12_000;
const MOST = 3;
/** On a phone there is room for one. */
const NARROW_PX = 768;

/** Those that are shown, the newest last. */
export const arrivals = signal<readonly Arrival[]>([]);
/** How many more came while those were shown. */
export const surplus = signal(0);

const timers = new Map<number, ReturnType<typeof setTimeout>>();
let isHeld = false;

/** Begins to show them. */
export function startArrivals(): void {
  onEvent("notification", arrive);
  onEvent("notification_read", ({ ids }) => ids.forEach(leave));
  effect(() => notifyListings(preferences.value.notify_listings === true));
}

/** Takes one away. */
export function leave(id: number): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
  batch(() => {
    arrivals.value = arrivals.peek().filter((arrival) => arrival.id !== id);
    if (arrivals.value.length === 0) surplus.value = 0;
  });
}

/** Takes all of them away. */
export function leaveAll(): void {
  for (const { id } of arrivals.peek()) leave(id);
}

/** Keeps them while they are pointed at or have the keyboard. */
export function holdArrivals(): void {
  isHeld = true;
  for (const timer of timers.values()) clearTimeout(timer);
}

/** Lets them go again. */
export function releaseArrivals(): void {
  isHeld = false;
  for (const { id } of arrivals.peek()) start(id);
}

function arrive(notification: UserNotification): void {
  if (isQuietNow()) return;
  soundArrival();
  // In the inbox it appears by itself.
  if (route.peek()?.page === "notifications" || isTypingOnPhone()) return;
  const { id } = notification;
  const shown = [...arrivals.peek(), { id, notice: noticeOf(notification) }];
  const most = innerWidth < NARROW_PX ? 1 : MOST;
  batch(() => {
    // What somebody points at or reads stays where it is; what comes then is counted.
    if (isHeld && shown.length > most) {
      surplus.value += 1;
      return;
    }
    for (const old of shown.slice(0, -most)) {
      clearTimeout(timers.get(old.id));
      timers.delete(old.id);
      surplus.value += 1;
    }
    arrivals.value = shown.slice(-most);
    start(id);
  });
}

/** On a phone there is no place for it beside what one types into, and the bell counts it anyway. */
function isTypingOnPhone(): boolean {
  const field = document.activeElement;
  return innerWidth < NARROW_PX && (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement);
}

function start(id: number): void {
  clearTimeout(timers.get(id));
  if (!isHeld) timers.set(id, setTimeout(() => leave(id), SHOWN_MS));
}
