import { useSignal } from "@preact/signals";
import { Dialog } from "../../parts/dialog";
import { Switch } from "../../parts/switch";
import { isQuietNow, playTone, USUAL_HOURS } from "../../state/attention";
import { requestNotificationPermission } from "../../state/connection";
import { preferences, setPreferences } from "../../state/preferences";
import { now } from "../../state/time";

/** How one is told: with a sound or without, when not, and by the browser too. */
export function Settings({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="How you are told" onClose={onClose}>
      <div class="inbox-settings">
        <Sound />
        <QuietHours />
        <BrowserNotifications />
      </div>
    </Dialog>
  );
}

function Sound() {
  const isOn = preferences.value.sound === true;
  const change = (sound: boolean): void => {
    void setPreferences({ sound });
    if (sound) playTone();
  };
  return (
    <section>
      <Switch checked={isOn} onChange={change}>Make a sound</Switch>
      {isOn && <button type="button" class="btn btn-quiet" onClick={playTone}>Play it</button>}
    </section>
  );
}

function QuietHours() {
  const hours = preferences.value.quiet_hours ?? undefined;
  // Whether it is quiet now changes with the time.
  void now.value;
  const set = (name: "from" | "to") => (event: Event) => {
    const { value } = event.currentTarget as HTMLInputElement;
    if (value !== "" && hours !== undefined) void setPreferences({ quiet_hours: { ...hours, [name]: value } });
  };
  return (
    <section>
      <Switch checked={hours !== undefined} onChange={(isOn) => void setPreferences({ quiet_hours: isOn ? USUAL_HOURS : null })}>
        Do not disturb
      </Switch>
      {hours !== undefined && (
        <div class="quiet-hours">
          <label>from <input class="form-control" type="time" required value={hours.from} onChange={set("from")} /></label>
          <label>to <input class="form-control" type="time" required value={hours.to} onChange={set("to")} /></label>
        </div>
      )}
      <p class="form-text mb-0">
        {isQuietNow() ? "It is quiet now: " : "Then "}nothing pops up, sounds, or is shown by the browser; it all waits in the inbox.
      </p>
    </section>
  );
}

type Permission = NotificationPermission | "unsupported" | "insecure";

function permissionNow(): Permission {
  if (!isSecureContext) return "insecure";
  return typeof Notification === "function" ? Notification.permission : "unsupported";
}

/** What is missing, where there is something. */
function missingWords(permission: Permission): string | undefined {
  switch (permission) {
    case "insecure":
      return `Browsers show notifications only for pages opened over https, or on this machine as http://localhost. This page was opened as ${location.origin}.`;
    case "unsupported":
      return "This browser has no notifications for pages. On an iPhone or iPad, put this page on the home screen first.";
    case "denied":
      return "You have blocked notifications for this page. Allow them in the browser's settings of this site, beside the address, and reload the page.";
    default:
      return undefined;
  }
}

function BrowserNotifications() {
  const permission = useSignal(permissionNow());
  const isWanted = preferences.value.browser_notifications !== false;
  const missing = missingWords(permission.value);
  const ask = async (): Promise<void> => {
    await requestNotificationPermission();
    permission.value = permissionNow();
    if (permission.value === "granted") void setPreferences({ browser_notifications: true });
  };
  return (
    <section>
      <h3>Notifications of the browser</h3>
      <p class="form-text">They appear while you do something else, as long as this page is open somewhere.</p>
      {missing !== undefined && <p class="alert mb-0" data-level="warning">{missing}</p>}
      {permission.value === "default" && (
        <button type="button" class="btn btn-plain" onClick={() => void ask()}>Ask the browser to show them</button>
      )}
      {permission.value === "granted" && (
        <>
          <Switch checked={isWanted} onChange={(browser_notifications) => void setPreferences({ browser_notifications })}>
            For price alerts and saved searches
          </Switch>
          <br />
          <Switch
            checked={preferences.value.notify_listings === true}
            disabled={!isWanted}
            onChange={(notify_listings) => void setPreferences({ notify_listings })}
          >
            For every new listing
          </Switch>
        </>
      )}
    </section>
  );
}
