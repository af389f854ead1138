import { useSignal } from "@preact/signals";
import { type PageName, route } from "../router";
import { unread } from "../state/notifications";
import { running } from "../state/sources";
import { me, signOut } from "../state/session";
import { ConnectionIndicator } from "./connection";
import { Dialog } from "./dialog";
import { showHelp } from "./help";
import { Icon, type IconName } from "./icon";
import { ThemeSwitch } from "./theme-switch";

interface Place {
  href: string;
  words: string;
  icon: IconName;
  pages: readonly PageName[];
  adminOnly?: true;
}

const PLACES = {
  feed: { href: "/", words: "Listings", icon: "feed", pages: ["feed", "listing"] },
  favorites: { href: "/favorites", words: "Favourites", icon: "heart", pages: ["favorites"] },
  alerts: { href: "/alerts", words: "Price alerts", icon: "alert", pages: ["alerts", "alert"] },
  searches: { href: "/searches", words: "Saved searches", icon: "search", pages: ["searches", "search"] },
  notifications: { href: "/notifications", words: "Notifications", icon: "bell", pages: ["notifications"] },
  sources: { href: "/sources", words: "Sources", icon: "source", pages: ["sources", "source"] },
  admin: { href: "/admin", words: "Admin", icon: "admin", pages: ["admin"], adminOnly: true },
  account: { href: "/account", words: "Account", icon: "account", pages: ["account"] },
} as const satisfies Record<string, Place>;

const { feed, favorites, alerts, searches, notifications, sources, admin, account } = PLACES;
const RAIL: readonly Place[] = [feed, favorites, alerts, searches, notifications, sources, admin];
const BAR: readonly (readonly [Place, string])[] = [
  [feed, "Listings"], [alerts, "Alerts"], [searches, "Searches"], [notifications, "Inbox"],
];
const MORE: readonly Place[] = [favorites, sources, admin, account];

function isVisible(place: Place): boolean {
  return place.adminOnly !== true || me.value?.is_admin === true;
}

function currentOf(place: Place): { "aria-current"?: "page" } {
  const page = route.value?.page;
  return page !== undefined && place.pages.includes(page) ? { "aria-current": "page" } : {};
}

/** How many notifications are not read. */
function UnreadCount() {
  const count = unread.value;
  if (count === 0) return null;
  return (
    <span class="count">
      {count > 99 ? "99+" : count}
      <span class="visually-hidden"> unread</span>
    </span>
  );
}

function NavLink({ place }: { place: Place }) {
  return (
    <a class="nav-link" href={place.href} {...currentOf(place)}>
      <Icon name={place.icon} />
      {place.words}
      {place === notifications && <UnreadCount />}
      {place === sources && <RunningCount />}
    </a>
  );
}

/** How many of the sources run. */
function RunningCount() {
  const flags = [...running.value.values()];
  if (flags.length === 0) return null;
  const count = flags.filter(Boolean).length;
  return (
    <span class="nav-note">
      {count} of {flags.length}
      <span class="visually-hidden"> running</span>
    </span>
  );
}

/** The rail at the side of a wide window. */
export function Rail() {
  return (
    <header class="rail">
      <Brand />
      <nav aria-label="Pages">
        {RAIL.filter(isVisible).map((place) => <NavLink key={place.href} place={place} />)}
      </nav>
      <div class="rail-foot">
        <ConnectionIndicator />
        <div class="rail-tools">
          <a class="nav-link rail-user" href={account.href} {...currentOf(account)}>
            <Icon name="account" />
            <span class="rail-name">{me.value?.username ?? "Account"}</span>
          </a>
          <ThemeSwitch />
          <button type="button" class="btn btn-icon" aria-label="Help" title="Help (?)" onClick={showHelp}>
            <Icon name="help" />
          </button>
          <button type="button" class="btn btn-icon" aria-label="Sign out" title="Sign out" onClick={() => void signOut()}>
            <Icon name="signout" />
          </button>
        </div>
      </div>
    </header>
  );
}

/** What stands above the page in a narrow window. */
export function TopBar() {
  return (
    <header class="top-bar">
      <Brand />
      <ConnectionIndicator />
    </header>
  );
}

/** What the thumb reaches in a narrow window. */
export function BottomBar() {
  const open = useSignal(false);
  const close = (): void => void (open.value = false);
  return (
    <nav class="bottom-bar" aria-label="Pages">
      {BAR.map(([place, words]) => (
        <a key={place.href} href={place.href} {...currentOf(place)}>
          <Icon name={place.icon} />
          {words}
          {place === notifications && <UnreadCount />}
        </a>
      ))}
      <button type="button" aria-haspopup="dialog" onClick={() => (open.value = true)}>
        <Icon name="more" />
        More
      </button>
      {open.value && <MoreDialog close={close} />}
    </nav>
  );
}

function MoreDialog({ close }: { close: () => void }) {
  return (
    <Dialog title="More" onClose={close}>
      <div class="more-list" onClick={(event) => event.target instanceof Element && event.target.closest("a") && close()}>
        {MORE.filter(isVisible).map((place) => <NavLink key={place.href} place={place} />)}
        <button type="button" class="nav-link" onClick={() => { close(); showHelp(); }}>
          <Icon name="help" /> Help
        </button>
        <button type="button" class="nav-link" onClick={() => void signOut()}>
          <Icon name="signout" /> Sign out
        </button>
        <div class="nav-link"><ThemeSwitch /> Colours</div>
      </div>
    </Dialog>
  );
}

function Brand() {
  return (
    <a class="brand" href="/">
      <img src="/favicon.svg" alt="" width="28" height="28" />
      <span>Super-Bot</span>
    </a>
  );
}
