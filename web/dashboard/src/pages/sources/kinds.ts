/** The kinds of source and the settings that each takes, as the server describes them. */
import type { JsonObject, SourceKindPage, SourceKindView, SourceSettingView } from "../../api/schema";
import { listSourceKinds } from "../../api/sources";
import { type Loaded, useLoaded } from "../../state/loaded";

export type SourceKind = SourceKindView;
export type SourceSetting = SourceSettingView;

/** Where the form shows a setting. */
export type Section = "site" | "parts" | "searches" | "schedule" | "advanced";

/** Below this name stands where on the page each part is. */
export const PARTS_PATH = "fields.";

/** The kinds of source; loaded by each page that needs them. */
export function useSourceKinds(): Loaded<SourceKindPage> {
  return useLoaded(listSourceKinds);
}

/** The kind of that name; one that is not known, or not yet, has no settings to show. */
export function kindOf(kinds: readonly SourceKind[] | undefined, name: string): SourceKind {
  return kinds?.find((kind) => kind.name === name) ?? { name, title: name, summary: "", home: null, terms: null, settings: [] };
}

/** The settings of a section, in the order of the form. */
export function settingsIn(kind: SourceKind, section: Section): SourceSetting[] {
  return kind.settings.filter((setting) => setting.section === section);
}

/** The name of the setting that a path of the server leads to: `searches` for `settings.searches[0].query`. */
export function settingOf(path: string): string {
  return path.replace(/^settings\./, "").replace(/\[.*$/, "");
}

/** What holds where nothing is said. */
export function defaultsOf(kind: SourceKind): JsonObject {
  const settings = kind.settings.filter(({ name }) => !name.startsWith(PARTS_PATH));
  const parts = settings.length < kind.settings.length ? { fields: null } : {};
  return { ...Object.fromEntries(settings.map((setting) => [setting.name, setting.default])), ...parts };
}
