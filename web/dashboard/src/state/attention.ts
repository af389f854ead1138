/** Whether somebody may be disturbed now, and the sound that does it. */
import { preferences, type Preferences } from "./preferences";

type Hours = NonNullable<Preferences["quiet_hours"]>;

/** What is offered first to whoever wants quiet hours. */
export const USUAL_HOURS: Hours = { from: "22:00", to: "07:00" };

/** Two arrivals within this time make one sound. */
const SOUND_EVERY_MS = 3_000;
const LAST_SOUND = "superbot:last-sound";

let context: AudioContext | undefined;

/** Whether a moment lies in the quiet hours; they may reach over midnight. Equal times mean the whole day. */
export function isQuiet(hours: Hours | null | undefined, now: Date): boolean {
  if (hours == null) return false;
  const from = minutesOf(hours.from);
  const to = minutesOf(hours.to);
  if (from === undefined || to === undefined) return false;
  const minute = now.getHours() * 60 + now.getMinutes();
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

export function isQuietNow(): boolean {
  return isQuiet(preferences.value.quiet_hours, new Date());
}

/** Whether a browser notification may be shown: not to somebody who is looking at the page, where it is shown anyway. */
export function mayNotify(): boolean {
  const isLooking = document.visibilityState === "visible" && document.hasFocus();
  return preferences.peek().browser_notifications !== false && !isQuietNow() && !isLooking;
}

/** Plays the sound of an arrival, in one of the tabs. */
export function soundArrival(): void {
  if (preferences.peek().sound !== true || !mayBeFirst()) return;
  playTone();
}

/** Two short tones. Before the first click on a page browsers let it make no sound. */
export function playTone(): void {
  try {
    context ??= new AudioContext();
    const audio = context;
    void audio.resume().then(() => {
      tone(audio, 784, audio.currentTime);
      tone(audio, 1_175, audio.currentTime + 0.12);
    });
  } catch {
    // There is no audio here.
  }
}

function tone(audio: AudioContext, frequency_hz: number, start_s: number): void {
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  oscillator.frequency.value = frequency_hz;
  gain.gain.setValueAtTime(0.0001, start_s);
  gain.gain.exponentialRampToValueAtTime(0.12, start_s + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.0001, start_s + 0.25);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(start_s);
  oscillator.stop(start_s + 0.3);
}

/** All tabs hear of an arrival at the same moment; the first to write it down makes the sound. */
function mayBeFirst(): boolean {
  try {
    const last = Number(localStorage.getItem(LAST_SOUND));
    const now = Date.now();
    if (now - last < SOUND_EVERY_MS && now >= last) return false;
    localStorage.setItem(LAST_SOUND, String(now));
  } catch {
    // Storage is forbidden: each tab is on its own.
  }
  return true;
}

function minutesOf(time: string): number | undefined {
  const found = /^(\d{1,2}):(\d{2})$/.exec(time);
  if (found === null) return undefined;
  const minutes = Number(found[1]) * 60 + Number(found[2]);
  return minutes < 1_440 ? minutes : undefined;
}
