import { describe, expect, it } from "vitest";
import {
  BLANK_SEARCH, changesOf, draftOf, jsonOf, readJson, settingsOf, withoutBlanks,
} from "../dashboard/src/pages/sources/draft";
import type { JsonObject } from "../dashboard/src/api/schema";
import { defaultsOf, kindOf, type SourceKind, settingOf, settingsIn } from "../dashboard/src/pages/sources/kinds";
import { inWords } from "../dashboard/src/pages/sources/settings-form";
import { until } from "../dashboard/src/parts/until";
import { wordsOf } from "../dashboard/src/state/source-states";
import { FEED, HTML, SITE } from "./source-kinds";

/** As the server answers: every setting, with its default where nothing was said. */
const STORED = {
  base_url: null, urls: [], area: "provo", category: null, zip: null, miles: 20, searches: [{ query: "kayak", max_price: 500 }],
  follow_searches: true, interval_seconds: 300, pages_per_run: 10, requests_per_day: 2000, respect_robots: true, currency: null,
  fields: null,
};

describe("a draft of a source's settings", () => {
  it("that nobody touched changes nothing", () => {
    const { settings, problems } = settingsOf(SITE, draftOf(SITE, STORED));
    expect(problems.size).toBe(0);
    expect(changesOf(SITE, STORED, settings)).toEqual({});
    const html = { ...STORED, fields: { title: "", row: "li", link: "@href" } };
    const same = settingsOf(HTML, draftOf(HTML, html)).settings;
    expect(changesOf(HTML, html, same)).toEqual({});
    // In whatever order the server names the parts.
    expect(changesOf(HTML, { ...html, fields: { link: "@href", row: "li", title: "" } }, same)).toEqual({});
  });

  it("sends what was changed, and null for what was cleared", () => {
    const before = draftOf(SITE, STORED);
    const texts = { ...before.texts, area: " slc ", miles: "", interval_seconds: "60" };
    const draft = { ...before, texts, switches: { ...before.switches, follow_searches: false } };
    expect(changesOf(SITE, STORED, settingsOf(SITE, draft).settings)).toEqual({
      area: "slc", miles: null, interval_seconds: 60, follow_searches: false,
    });
  });

  it("of a new source says only what is not the default", () => {
    const draft = { ...draftOf(FEED, {}), urls: ["https://a.example/feed"] };
    expect(changesOf(FEED, {}, settingsOf(FEED, draft).settings)).toEqual({ urls: ["https://a.example/feed"] });
  });

  it("keeps settings that have no field, such as those of a kind that the server no longer has", () => {
    const stored = { ...STORED, area: null, colour: "red" };
    const { settings } = settingsOf(FEED, draftOf(FEED, stored));
    expect(settings).toMatchObject({ miles: 20, colour: "red" });
    expect(changesOf(FEED, stored, settings)).toEqual({});
    expect(JSON.parse(jsonOf(FEED, settings))).toMatchObject({ miles: 20, colour: "red" });
    expect(changesOf(FEED, stored, readJson(FEED, stored, "{}").settings)).toMatchObject({ miles: null, colour: null });
    const none = kindOf(undefined, "ebay");
    expect(changesOf(none, stored, settingsOf(none, draftOf(none, stored)).settings)).toEqual({});
  });

  it("is the same after it was shown as JSON, and loses what was deleted there", () => {
    const shown = (kind: SourceKind, stored: JsonObject, json = jsonOf(kind, settingsOf(kind, draftOf(kind, stored)).settings)) =>
      draftOf(kind, readJson(kind, stored, json).settings);
    for (const stored of [{}, STORED]) {
      const { others: _, ...draft } = shown(SITE, stored);
      expect(draft).toEqual((({ others: __, ...rest }) => rest)(draftOf(SITE, stored)));
      expect(changesOf(SITE, stored, settingsOf(SITE, shown(SITE, stored)).settings)).toEqual({});
    }
    expect(shown(SITE, {}).switches["respect_robots"]).toBe(true);
    const stored = { ...STORED, colour: "red" };
    expect(changesOf(FEED, stored, settingsOf(FEED, shown(FEED, stored, "{}")).settings)).toMatchObject({ colour: null });
  });

  it("names numbers that are none as the server would", () => {
    const search = { ...BLANK_SEARCH, query: "a", min_price: "ten" };
    const draft = draftOf(SITE, {});
    const { problems } = settingsOf(SITE, { ...draft, texts: { ...draft.texts, miles: "-5" }, searches: [search] });
    expect([...problems.keys()].sort()).toEqual(["settings.miles", "settings.searches[0].min_price"]);
  });

  it("leaves out rows that nobody filled in", () => {
    const draft = withoutBlanks({ ...draftOf(SITE, STORED), searches: [BLANK_SEARCH, { ...BLANK_SEARCH, max_price: "5" }], urls: ["", " "] });
    expect([draft.searches, draft.urls]).toEqual([[{ query: "", min_price: "", max_price: "5" }], []]);
  });

  it("takes anything for settings without failing", () => {
    for (const odd of [{ searches: "x", urls: 5, fields: [] }, { searches: [null, 7], fields: { title: {} } }, { area: {} }]) {
      for (const kind of [SITE, FEED, HTML]) expect(() => settingsOf(kind, draftOf(kind, odd))).not.toThrow();
    }
  });
});

describe("settings as JSON", () => {
  it("are written without their defaults and read back", () => {
    const written = JSON.parse(jsonOf(SITE, settingsOf(SITE, draftOf(SITE, STORED)).settings));
    expect(written).toEqual({ area: "provo", miles: 20, searches: [{ query: "kayak", max_price: 500 }], follow_searches: true });
    expect(changesOf(SITE, STORED, readJson(SITE, STORED, JSON.stringify(written)).settings)).toEqual({});
  });

  it("clear what they leave out, and keep names that only the server can judge", () => {
    expect(changesOf(SITE, STORED, readJson(SITE, STORED, '{"miles": 20, "aera": "x"}').settings)).toEqual({
      area: null, searches: null, follow_searches: null, aera: "x",
    });
  });

  it("that are none are refused", () => {
    for (const text of ["", "{", "[]", "null", '"a"']) expect(readJson(SITE, {}, text).problems.has("settings"), text).toBe(true);
  });
});

describe("a kind of source", () => {
  it("has its settings by section, and their defaults", () => {
    expect(settingsIn(HTML, "parts").map(({ name }) => name)).toEqual(["fields.row", "fields.link"]);
    expect(settingsIn(SITE, "site").map(({ name }) => name)).toEqual(["area", "miles"]);
    expect(defaultsOf(HTML)).toMatchObject({ urls: [], interval_seconds: 300, respect_robots: true, fields: null });
    expect("fields" in defaultsOf(FEED)).toBe(false);
    expect(["settings.searches[0].query", "settings.urls[3]", "settings.fields.row"].map(settingOf)).toEqual(["searches", "urls", "fields.row"]);
  });
});

describe("words", () => {
  it("are there for every kind and state, known or not", () => {
    expect([kindOf([SITE], "site").title, kindOf([SITE], "ebay").title, kindOf(undefined, "site").title]).toEqual(["SITE", "ebay", "site"]);
    expect(wordsOf("blocked").tone).toBe("bad");
    expect(wordsOf("on_holiday")).toMatchObject({ words: "on holiday", tone: "warn" });
  });

  it("for intervals and for what is to come", () => {
    expect(["300", "3600", "7200", "90", "60", ""].map((text) => inWords(text, 300))).toEqual([
      "Every 5 minutes.", "Every hour.", "Every 2 hours.", "Every 90 seconds.", "Every minute.",
      "300, which is every 5 minutes, unless you say something else.",
    ]);
    const now = new Date("2026-01-02T12:00:00Z");
    const words = [-5, 0, 20, 180, 7_200, 200_000].map((seconds) => until(new Date(now.getTime() + seconds * 1_000), now, "en"));
    expect(words).toEqual(["now", "now", "in 20 sec.", "in 3 min.", "in 2 hr.", "in 2 days"]);
  });
});
