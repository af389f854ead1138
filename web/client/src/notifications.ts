import type { ClientEvents, Listing, PriceAlertData, SavedSearchData, UserNotification } from "../websocket-client";

/** As many are shown one by one in so many milliseconds; the rest of a burst, such as a long replay, becomes one line. */
const BURST = 5;
const BURST_WINDOW_MS = 10_000;

interface Shown {
  title: string;
  body: string;
  tag: string;
  link: string | undefined;
  icon?: string | undefined;
}

/** Shows browser notifications, where the user has allowed them. */
export class BrowserNotifications {
  listings = false;
  readonly #now: () => number;
  readonly #mayNotify: () => boolean;
  #windowStart = -Infinity;
  #inWindow = 0;

  constructor(now: () => number, mayNotify: () => boolean = () => true) {
    this.#now = now;
    this.#mayNotify = mayNotify;
  }

  /** Shows an event that is worth it. */
  consider<Name extends keyof ClientEvents>(event: Name, payload: ClientEvents[Name]): void {
    const shown =
      event === "notification" ? ofNotification(payload as UserNotification)
      : event === "new_listing" && this.listings ? ofListing(payload as Listing)
      : undefined;
    // Browsers take a millisecond to say what is permitted, which is too long to ask for each of a flood of listings.
    if (shown !== undefined && permission() === "granted" && this.#mayNotify()) show(this.#limit(shown));
  }

  #limit(shown: Shown): Shown {
    const now = this.#now();
    if (now - this.#windowStart >= BURST_WINDOW_MS) {
      this.#windowStart = now;
      this.#inWindow = 0;
    }
    this.#inWindow += 1;
    const more = this.#inWindow - BURST;
    if (more <= 0) return shown;
    return { title: `${more} more`, body: shown.body, tag: "superbot-more", link: undefined };
  }
}

/** Asks for permission, but only where a user has just clicked. */
export async function requestPermission(): Promise<NotificationPermission | "unsupported"> {
  const current = permission();
  if (current !== "default") return current;
  // Older browsers do not tell, but refuse by themselves.
  if (navigator.userActivation?.isActive === false) return current;
  return Notification.requestPermission();
}

/** An address that is safe to open: `javascript:` and the like are none. */
export function webAddress(link: unknown): string | undefined {
  if (typeof link !== "string") return undefined;
  try {
    const url = new URL(link);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : undefined;
  } catch {
    return undefined;
  }
}

function permission(): NotificationPermission | "unsupported" {
  return typeof Notification === "function" ? Notification.permission : "unsupported";
}

function ofNotification({ id, type, data }: UserNotification): Shown | undefined {
  const tag = String(id);
  if (type === "price_alert") {
    const { message, listing } = data as Partial<PriceAlertData>;
    return { title: "Price alert", body: text(message ?? listing?.title), tag, link: webAddress(listing?.link), icon: webAddress(listing?.image_url) };
  }
  if (type === "saved_search") {
    const { message, search_name, listings } = data as Partial<SavedSearchData>;
    return { title: text(search_name ?? "Saved search"), body: text(message), tag, link: webAddress(listings?.[0]?.link) };
  }
  return undefined;
}

function ofListing(listing: Listing): Shown {
  const price = typeof listing.price === "number" ? ` · ${listing.price} ${text(listing.currency)}` : "";
  return {
    title: text(listing.title),
    body: text(listing.source) + price,
    // Listings and notifications are numbered apart.
    tag: `listing-${listing.id}`,
    link: webAddress(listing.link),
    icon: webAddress(listing.image_url),
  };
}

function show({ title, body, tag, link, icon }: Shown): void {
  try {
    const notification = new Notification(title, { body, tag, ...(icon === undefined ? {} : { icon }) });
    notification.onclick = () => {
      window.focus();
      notification.close();
      if (link !== undefined) window.open(link, "_blank", "noopener");
    };
  } catch {
    // Chrome on Android shows notifications from service workers only.
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
