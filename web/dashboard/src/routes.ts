/** The modules of the pages. Only the frame imports this file: pages need addresses, not each other. */
import type { ComponentType } from "preact";
import type { PageName, PageProps } from "./router";

type PageModule = { default: ComponentType<PageProps> };

/** Each page's module is fetched when it is first shown; the feed comes with the app. */
export const PAGES: Record<Exclude<PageName, "feed">, () => Promise<PageModule>> = {
  listing: () => import("./pages/listing"),
  favorites: () => import("./pages/favorites"),
  alerts: () => import("./pages/alerts"),
  alert: () => import("./pages/alerts/edit"),
  searches: () => import("./pages/searches"),
  search: () => import("./pages/searches/edit"),
  notifications: () => import("./pages/notifications"),
  sources: () => import("./pages/sources"),
  source: () => import("./pages/sources/detail"),
  admin: () => import("./pages/admin"),
  account: () => import("./pages/account"),
};
