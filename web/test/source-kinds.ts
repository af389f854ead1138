/** Kinds of source as the server describes them. */
import type { SourceKindView, SourceSettingView } from "../dashboard/src/api/schema";

const setting = (name: string, type: string, section: string, some: Partial<SourceSettingView> = {}): SourceSettingView =>
  ({ name, type, section, label: name, help: "", required: false, default: null, example: null, minimum: null, maximum: null, ...some });

const COMMON = [
  setting("searches", "search_list", "searches", { default: [] }),
  setting("follow_searches", "boolean", "searches", { default: false }),
  setting("interval_seconds", "integer", "schedule", { default: 300, minimum: 2, maximum: 604_800 }),
  setting("pages_per_run", "integer", "schedule", { default: 10 }),
  setting("requests_per_day", "integer", "schedule", { default: 2_000 }),
  setting("respect_robots", "boolean", "schedule", { default: true }),
  setting("currency", "currency", "advanced"),
];

const kind = (name: string, settings: SourceSettingView[]): SourceKindView =>
  ({ name, title: name.toUpperCase(), summary: "", home: null, terms: null, settings: [...settings, ...COMMON] });

/** A kind that finds its pages. */
export const SITE = kind("site", [
  setting("area", "word", "site", { required: true }),
  setting("miles", "integer", "site"),
  setting("base_url", "url", "advanced"),
  setting("urls", "url_list", "advanced", { default: [] }),
]);

/** A kind whose pages have to be named. */
export const FEED = kind("feed", [setting("urls", "url_list", "site", { default: [], required: true })]);

/** A kind that has to be told where each part is. */
export const HTML: SourceKindView = {
  ...FEED, name: "html",
  settings: [...FEED.settings, setting("fields.row", "css_selector", "parts", { required: true }), setting("fields.link", "css_selector", "parts")],
};
