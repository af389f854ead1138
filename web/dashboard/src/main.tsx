import { render } from "preact";
import { App } from "./app";
import { startRouter } from "./router";
import { startAnnouncements } from "./state/announcements";
import { startArrivals } from "./state/arrivals";
import { startConnection } from "./state/connection";
import { startFavicon } from "./state/favicon";
import { loadFeed, startFeed } from "./state/feed";
import { startNotifications } from "./state/notifications";
import { loadPreferences, startPreferences } from "./state/preferences";
import { checkSession, startSession } from "./state/session";
import { startSources } from "./state/sources";
import { keepTimesFresh } from "./state/time";
import { startTitle } from "./state/title";

/** The rest waits no longer than this for the first listings. */
const PATIENCE_MS = 1_000;

startRouter();
startSession();
// What one waits for comes first.
const listings = loadFeed();
startPreferences();
startTitle();

const root = document.getElementById("app");
if (root !== null) render(<App />, root);

// Connecting costs a slow machine as much time as showing the listings does.
const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
void Promise.race([listings, patience]).then(startTheRest);

function startTheRest(): void {
  startConnection();
  startAnnouncements();
  startNotifications();
  startArrivals();
  startFavicon();
  startFeed();
  startSources();
  keepTimesFresh();
  void loadPreferences();
  void checkSession();
}
