import { describe, expect, it } from "vitest";
import {
  BLANK_SEARCH, changesOf, draftOf, jsonOf, readJson, settingsOf, withoutBlanks,
} from "../dashboard/src/pages/sources/draft";
import { kindOf, KIND_NAMES, PARTS } from "../dashboard/src/pages/sources/kinds";
import { inWords } from "../dashboard/src/pages/sources/settings-form";
import { wordsOf } from "../dashboard/src/pages/sources/states";
import { until } from "../dashboard/src/parts/until";

/** As the server answers: every setting, with its default where nothing was said. */
const STORED = {
  base_url: null, urls: [], area: "provo", category: null, zip: null, miles: 20, searches: [{ query: "kayak", max_price: 500 }],
  follow_searches: true, interval_seconds: 300, pages_per_run: 10, requests_per_day: 2000, respect_robots: true, currency: null,
  fields: null,
};

describe("a draft of a source's settings", () => {
  it("that nobody touched changes nothing", () => {
    const { settings, problems } = settingsOf(draftOf(STORED));
    expect(problems.size).toBe(0);
    expect(changesOf(STORED, settings)).toEqual({});
    const html = { ...STORED, fields: { title: "", row: "li", link: "@href" } };
    expect(changesOf(html, settingsOf(draftOf(html)).settings)).toEqual({});
    // In whatever order the server names the parts.
    expect(changesOf({ ...html, fields: { link: "@href", row: "li", title: "" } }, settingsOf(draftOf(html)).settings)).toEqual({});
  });

  it("sends what was changed, and null for what was cleared", () => {
    const draft = { ...draftOf(STORED), area: " slc ", miles: "", interval_seconds: "60", follow_searches: false };
    expect(changesOf(STORED, settingsOf(draft).settings)).toEqual({
      area: "slc", miles: null, interval_seconds: 60, follow_searches: false,
    });
  });

  it("of a new source says only what is not the default", () => {
    const draft = { ...draftOf({}), urls: ["https://a.example/feed"] };
    expect(changesOf({}, settingsOf(draft).settings)).toEqual({ urls: ["https://a.example/feed"] });
  });

  it("names numbers that are none as the server would", () => {
    const search = { ...BLANK_SEARCH, query: "a", min_price: "ten" };
    const { problems } = settingsOf({ ...draftOf({}), miles: "-5", searches: [search] });
    expect([...problems.keys()].sort()).toEqual(["settings.miles", "settings.searches[0].min_price"]);
  });

  it("leaves out rows that nobody filled in", () => {
    const draft = withoutBlanks({ ...draftOf(STORED), searches: [BLANK_SEARCH, { ...BLANK_SEARCH, max_price: "5" }], urls: ["", " "] });
    expect([draft.searches, draft.urls]).toEqual([[{ query: "", min_price: "", max_price: "5" }], []]);
  });

  it("takes anything for settings without failing", () => {
    for (const odd of [{ searches: "x", urls: 5, fields: [] }, { searches: [null, 7], fields: { title: {} } }, { area: {} }]) {
      expect(() => settingsOf(draftOf(odd))).not.toThrow();
    }
  });
});

describe("settings as JSON", () => {
  it("are written without their defaults and read back", () => {
    const written = JSON.parse(jsonOf(settingsOf(draftOf(STORED)).settings));
    expect(written).toEqual({ area: "provo", miles: 20, searches: [{ query: "kayak", max_price: 500 }], follow_searches: true });
    expect(changesOf(STORED, readJson(JSON.stringify(written)).settings)).toEqual({});
  });

  it("clear what they leave out, and keep names that only the server can judge", () => {
    expect(changesOf(STORED, readJson('{"miles": 20, "aera": "x"}').settings)).toEqual({
      area: null, searches: null, follow_searches: null, aera: "x",
    });
  });

  it("that are none are refused", () => {
    for (const text of ["", "{", "[]", "null", '"a"']) expect(readJson(text).problems.has("settings"), text).toBe(true);
  });
});

describe("words", () => {
  it("are there for every kind, part and state, known or not", () => {
    for (const kind of KIND_NAMES) {
      for (const part of kindOf(kind).parts) expect(PARTS[part], part).toBeDefined();
    }
    expect(kindOf("ebay").name).toBe("ebay");
    expect(wordsOf("blocked").tone).toBe("bad");
    expect(wordsOf("on_holiday")).toMatchObject({ words: "on holiday", tone: "warn" });
  });

  it("for intervals and for what is to come", () => {
    expect(["300", "3600", "7200", "90", "60", ""].map(inWords)).toEqual([
      "Every 5 minutes.", "Every hour.", "Every 2 hours.", "Every 90 seconds.", "Every minute.",
      "300, which is every 5 minutes, unless you say something else.",
    ]);
    const now = new Date("2026-01-02T12:00:00Z");
    const words = [-5, 0, 20, 180, 7_200, 200_000].map((seconds) => until(new Date(now.getTime() + seconds * 1_000), now, "en"));
    expect(words).toEqual(["now", "now", "in 20 sec.", "in 3 min.", "in 2 hr.", "in 2 days"]);
  });
});
