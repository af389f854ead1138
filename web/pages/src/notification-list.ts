import type { MarkReadResult, PriceAlertData, SavedSearchData, UserNotification } from "../../client/websocket-client";
import type { ListedNotification } from "./api";
import { byId, element } from "./dom";
import { outwardLink } from "./listing-card";
import { timeElement } from "./times";

/** As many notifications are shown at once. */
const MOST = 100;

/** Of a saved search, as many listings are named. */
const MOST_LISTINGS = 3;

/** The user's notifications, newest first, and how many of all are unread. */
export class NotificationList {
  readonly #list = byId<HTMLOListElement>("notification-list");
  readonly #items = new Map<number, HTMLLIElement>();
  readonly #markRead: (ids: number[]) => Promise<MarkReadResult>;
  #unread = 0;

  /** `markRead` tells the server; `markAll` marks those too that are not shown. */
  constructor(markRead: (ids: number[]) => Promise<MarkReadResult>, markAll: () => Promise<void>) {
    this.#markRead = markRead;
    byId("read-all").addEventListener("click", () => void markAll());
  }

  /** Takes the server's list, and keeps on top what came live while it was on its way. */
  fill(notifications: readonly ListedNotification[], unread: number): void {
    const listed = new Set(notifications.map(({ id }) => id));
    for (const id of listed) this.#items.get(id)?.remove();
    const newer = [...this.#items.keys()].filter((id) => !listed.has(id));
    for (const notification of notifications) {
      const item = this.#item(notification, notification.read_at === null);
      this.#items.set(notification.id, item);
      this.#list.append(item);
    }
    const newerUnread = newer.filter((id) => this.#items.get(id)?.classList.contains("unread"));
    this.#count(unread + newerUnread.length);
  }

  add(notification: UserNotification): void {
    if (this.#items.has(notification.id)) return;
    const item = this.#item(notification, true);
    item.classList.add("fresh");
    this.#items.set(notification.id, item);
    this.#list.prepend(item);
    while (this.#items.size > MOST) this.#dropLast();
    this.#count(this.#unread + 1);
  }

  /** Notes that notifications were read, here or elsewhere. */
  read(ids: readonly number[], unread: number): void {
    for (const id of ids) this.#showRead(id);
    this.#count(unread);
  }

  /** Notes that there is nothing unread any more. */
  allRead(): void {
    this.read([...this.#items.keys()], 0);
  }

  #item(notification: UserNotification, isUnread: boolean): HTMLLIElement {
    const button = element("button", { class: "quiet", type: "button" }, "Mark as read");
    button.addEventListener("click", () => void this.#onRead(notification.id, button));
    return element(
      "li",
      isUnread ? { class: "notification unread" } : { class: "notification" },
      ...content(notification),
      element("p", { class: "facts" }, timeElement(notification.timestamp), isUnread ? button : undefined),
    );
  }

  async #onRead(id: number, button: HTMLButtonElement): Promise<void> {
    button.disabled = true;
    const result = await this.#markRead([id]);
    button.disabled = false;
    if (result.ok) this.read([id], result.unread);
    else button.textContent = "Not marked. Try again";
  }

  #showRead(id: number): void {
    const item = this.#items.get(id);
    item?.classList.remove("unread", "fresh");
    item?.querySelector("button")?.remove();
  }

  #dropLast(): void {
    const last = this.#list.lastElementChild;
    for (const [id, item] of this.#items) if (item === last) this.#items.delete(id);
    last?.remove();
  }

  #count(unread: number): void {
    this.#unread = unread;
    for (const id of ["unread-count", "bell-count"]) {
      const count = byId(id);
      count.hidden = unread === 0;
      count.textContent = unread > 99 ? "99+" : String(unread);
      count.setAttribute("aria-label", `${unread} unread`);
    }
    byId("read-all").hidden = unread === 0;
    byId("notifications-empty").hidden = this.#items.size > 0;
    document.title = unread === 0 ? "Super-Bot" : `(${unread}) Super-Bot`;
  }
}

/** What a notification says: `data` of the known types is trusted to have no field, for a publisher may send these types too. */
function content(notification: UserNotification): HTMLElement[] {
  if (notification.type === "price_alert") {
    const { message, listing } = notification.data as Partial<PriceAlertData>;
    return [
      element("h3", {}, "Price alert"),
      element("p", {}, text(message) ?? "A listing matches your alert."),
      ...(listing ? [element("p", {}, outwardLink(text(listing.title) ?? "Open the listing", listing.link))] : []),
    ];
  }
  if (notification.type === "saved_search") {
    const { message, search_name, listings } = notification.data as Partial<SavedSearchData>;
    const first = Array.isArray(listings) ? listings.slice(0, MOST_LISTINGS) : [];
    const links = first.map((listing) => element("li", {}, outwardLink(text(listing.title) ?? "A listing", listing.link)));
    return [
      element("h3", {}, text(search_name) ?? "Saved search"),
      element("p", {}, text(message) ?? "There are new results."),
      ...(links.length > 0 ? [element("ul", {}, ...links)] : []),
    ];
  }
  const { title, message } = notification.data as { title?: unknown; message?: unknown };
  return [
    element("h3", {}, text(title) ?? typeName(notification.type)),
    element("p", {}, text(message) ?? JSON.stringify(notification.data)),
  ];
}

/** A publisher's own type, which is a word such as `export_ready`, in plain writing. */
function typeName(type: string): string {
  if (type === "custom") return "Message";
  return type.charAt(0).toUpperCase() + type.slice(1).replaceAll("_", " ");
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
