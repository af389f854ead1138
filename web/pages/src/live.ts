import { io } from "socket.io-client";
import { createClient } from "../../client/src/create-client";
import type { Status } from "../../client/websocket-client";
import { get, type ListedListing, type ListedNotification, type Me, type Page, post, Refusal } from "./api";
import { showBanner } from "./banners";
import { byId } from "./dom";
import { Feed } from "./feed";
import { Indicator } from "./indicator";
import { signInPath } from "./next";
import { NotificationList } from "./notification-list";
import { showSources } from "./sources";
import { keepTimesFresh } from "./times";

const client = createClient({ io });
const indicator = new Indicator(() => client.connect());
const feed = new Feed();
const notifications = new NotificationList(
  (ids) => client.markRead(ids),
  () => attempt("notifications-problem", async () => {
    await post("/api/notifications/read-all");
    notifications.allRead();
  }),
);

client.on("status", onStatus);
client.on("new_listing", (listing) => feed.add(listing));
client.on("listing_updated", (listing) => feed.update(listing));
client.on("notification", (notification) => notifications.add(notification));
client.on("notification_read", ({ ids, unread }) => notifications.read(ids, unread));
client.on("scraper_status", showSources);
client.on("system_message", showBanner);
client.subscribeScraperStatus();

byId("sign-out").addEventListener("click", () => void signOut());
byId("bell").addEventListener("click", toggleNotifications);
byId("permission-ask").addEventListener("click", () => void askPermission());
offerPermission();
keepTimesFresh();
void load();

function onStatus(status: Status): void {
  indicator.show(status);
  if (status.status === "unauthenticated") void checkSession();
  if (status.status !== "connected") return;
  if (status.gap) feed.clear();
  // What came between loading and this moment is in neither, unless it is replayed.
  if (!status.recovered) void load();
}

/** Loads what was known before this page went live. */
async function load(): Promise<void> {
  await Promise.all([
    attempt("feed-problem", async () => {
      byId("account-name").textContent = (await get<Me>("/api/auth/me")).username;
      feed.fill((await get<Page<ListedListing>>("/api/listings?limit=50")).items);
    }),
    attempt("notifications-problem", async () => {
      const [page, { unread }] = await Promise.all([
        get<Page<ListedNotification>>("/api/notifications?limit=50"),
        get<{ unread: number }>("/api/notifications/unread-count"),
      ]);
      notifications.fill(page.items, unread);
    }),
  ]);
}

/** Does something that may fail, and says so in its place. */
async function attempt(problemId: string, action: () => Promise<void>): Promise<void> {
  const problem = byId(problemId);
  try {
    await action();
    problem.hidden = true;
  } catch (error) {
    if (error instanceof Refusal && error.status === 401) {
      location.replace(signInPath(location));
      return;
    }
    problem.textContent = error instanceof Error ? error.message : String(error);
    problem.hidden = false;
  }
}

/** Sends to the sign-in page where nobody is signed in any more; a server that is just away says nothing of that. */
async function checkSession(): Promise<void> {
  await get<Me>("/api/auth/me").catch((error: unknown) => {
    if (error instanceof Refusal && error.status === 401) location.replace(signInPath(location));
  });
}

async function signOut(): Promise<void> {
  await attempt("feed-problem", async () => {
    client.disconnect();
    await post("/api/auth/logout");
    location.assign("/login");
  });
}

function toggleNotifications(): void {
  const isOpen = document.body.classList.toggle("shows-notifications");
  byId("bell").setAttribute("aria-expanded", String(isOpen));
  if (isOpen) byId("notifications").scrollIntoView({ block: "start" });
}

function offerPermission(): void {
  byId("permission").hidden = typeof Notification !== "function" || Notification.permission !== "default";
}

async function askPermission(): Promise<void> {
  await client.requestNotificationPermission();
  offerPermission();
}
