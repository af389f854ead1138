/**
 * The one live connection of this tab, and what is said of it.
 *
 * Pages listen with `onEvent`; what they show over REST they load again when `reloads` changes, for then events were missed
 * that will not come.
 */
import { computed, signal } from "@preact/signals";
import { io } from "socket.io-client";
import { createClient } from "../../../client/src/create-client";
import type { ClientEvents, Listener, MarkReadResult, Status, WebSocketClient } from "../../../client/websocket-client";
import { clock } from "../format";
import { mayNotify } from "./attention";
import { checkSession } from "./session";
import { tell } from "./toasts";

/** Away for longer than this, a connection is no longer just being renewed. */
const OFFLINE_AFTER_MS = 10_000;

/** Fewer replayed events than this are not worth a word. */
const WORTH_TELLING = 5;

/** What the indicator says. */
export interface Shown {
  state: "live" | "waiting" | "offline";
  words: string;
  /** The same without the countdown, for those who hear it read out. */
  spoken: string;
  mayRetry: boolean;
}

const status = signal<Status>({ status: "connecting" });
const lostAt = signal<number | undefined>(undefined);
const retryAt = signal(0);
const now = signal(Date.now());
const reloadCount = signal(0);

/** Counts up when what is shown must be loaded again over REST. */
export const reloads = computed(() => reloadCount.value);

/** Whether events arrive as they happen. */
export const isLive = computed(() => status.value.status === "connected");

/** What to say of the connection, now. */
export const connection = computed<Shown>(() => wordsOf(status.value, lostAt.value, retryAt.value, now.value));

let client: WebSocketClient | undefined;
let wasConnected = false;
let ticking: ReturnType<typeof setInterval> | undefined;

/** Connects, unless a page that needs the connection already has. */
export function startConnection(): void {
  connected();
}

/** Listens to one kind of event, until the returned function is called. */
export function onEvent<Name extends keyof ClientEvents>(event: Name, listener: Listener<Name>): () => void {
  connected().on(event, listener);
  return () => void connected().off(event, listener);
}

/** Tries to connect at once. */
export function retryNow(): void {
  connected().connect();
}

/** Marks notifications as read, on every device; never rejects. */
export function markRead(ids: readonly number[]): Promise<MarkReadResult> {
  return connected().markRead(ids);
}

/** Asks for permission to show browser notifications; only from within a click. */
export function requestNotificationPermission(): Promise<NotificationPermission | "unsupported"> {
  return connected().requestNotificationPermission();
}

/** Says whether new listings are shown as browser notifications too. */
export function notifyListings(wanted: boolean): void {
  connected().notifyListings = wanted;
}

function connected(): WebSocketClient {
  if (client === undefined) {
    client = createClient({ io, mayNotify });
    client.on("status", onStatus);
    client.subscribeScraperStatus();
  }
  return client;
}

function onStatus(next: Status): void {
  status.value = next;
  if (next.status === "unauthenticated") void checkSession();
  if (next.status === "connected") {
    if (next.replayed >= WORTH_TELLING && next.recovered) tell(`You were away: ${next.replayed} events replayed.`);
    // What came between the first load and this moment is in neither, unless it is replayed.
    if (!next.recovered) reloadCount.value += 1;
    if (next.gap && wasConnected) tell("You were away for long: everything was loaded anew.");
    wasConnected = true;
    lostAt.value = undefined;
  } else if (next.status !== "connecting" && next.status !== "going_away") {
    lostAt.value ??= Date.now();
  }
  if ("retry_in_ms" in next) retryAt.value = Date.now() + next.retry_in_ms;
  tick(next.status !== "connected");
}

/** Counts down while there is something to count. */
function tick(wanted: boolean): void {
  now.value = Date.now();
  if (wanted && ticking === undefined) ticking = setInterval(() => (now.value = Date.now()), 500);
  if (!wanted) {
    clearInterval(ticking);
    ticking = undefined;
  }
}

/** The indicator's words for a state of the connection. */
export function wordsOf(current: Status, lostAt_ms: number | undefined, retryAt_ms: number, now_ms: number): Shown {
  const since = lostAt_ms === undefined ? undefined : clock(new Date(lostAt_ms));
  const offline = lostAt_ms !== undefined && now_ms - lostAt_ms >= OFFLINE_AFTER_MS;
  const left_s = Math.max(1, Math.ceil((retryAt_ms - now_ms) / 1_000));
  switch (current.status) {
    case "connected":
      return { state: "live", words: "Live", spoken: "Live", mayRetry: false };
    case "going_away":
      return { state: "waiting", words: "Server restarts…", spoken: "The server restarts", mayRetry: false };
    case "disconnected":
      return { state: "offline", words: `Offline since ${since}`, spoken: "Offline", mayRetry: true };
    case "connecting":
      if (offline) return { state: "offline", words: `Offline since ${since}`, spoken: "Offline", mayRetry: false };
      return lostAt_ms === undefined
        ? { state: "waiting", words: "Connecting…", spoken: "Connecting", mayRetry: false }
        : { state: "waiting", words: "Reconnecting…", spoken: "Reconnecting", mayRetry: false };
    default:
      return offline
        ? { state: "offline", words: `Offline since ${since}`, spoken: "Offline", mayRetry: true }
        : { state: "waiting", words: `Reconnecting in ${left_s} s`, spoken: "Reconnecting", mayRetry: true };
  }
}
