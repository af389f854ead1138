import { render } from "preact";
import { App } from "./app";
import { startRouter } from "./router";
import { startAnnouncements } from "./state/announcements";
import { startConnection } from "./state/connection";
import { startFeed } from "./state/feed";
import { startNotifications } from "./state/notifications";
import { startPreferences } from "./state/preferences";
import { startSession } from "./state/session";
import { startSources } from "./state/sources";
import { keepTimesFresh } from "./state/time";
import { startTitle } from "./state/title";

startRouter();
startConnection();
startAnnouncements();
startNotifications();
startFeed();
startSources();
startPreferences();
startTitle();
keepTimesFresh();
void startSession();

const root = document.getElementById("app");
if (root !== null) render(<App />, root);
