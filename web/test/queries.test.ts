import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Refusal } from "../dashboard/src/api/call";
import type { PreviewView, PriceAlertFields, PriceAlert, SavedSearch } from "../dashboard/src/api/schema";
import { searchCalls, type StandingCalls } from "../dashboard/src/api/standing";
import { priceFor } from "../dashboard/src/format";
import { timesWords } from "../dashboard/src/parts/query/words";
import { type AlertTypes, alerts, fieldsOfAlert } from "../dashboard/src/state/alerts";
import { parseAmount, parseWish } from "../dashboard/src/state/amount";
import { markOf } from "../dashboard/src/state/keyword-mark";
import { LivePreview } from "../dashboard/src/state/live-preview";
import { periodOf } from "../dashboard/src/state/period";
import { priceWords, searches } from "../dashboard/src/state/searches";
import { StandingQueries } from "../dashboard/src/state/standing";
import { act, dismiss, toasts } from "../dashboard/src/state/toasts";

describe("amounts as they are typed", () => {
  it("are read with the signs that people put between digits", () => {
    const amounts: [string, number][] = [
      ["300", 300], ["$30,000", 30_000], ["30k", 30_000], ["28.5k", 28_500], ["1.250,50", 1_250.5], ["1,250.50", 1_250.5],
      ["1 234", 1_234], ["1'234", 1_234], ["24.99", 24.99], ["24,99", 24.99], ["1.400", 1_400], ["1,234,567", 1_234_567], ["0", 0],
      ["400 €", 400],
    ];
    for (const [typed, amount] of amounts) expect(parseAmount(typed), typed).toBe(amount);
  });

  it("are none where there is none", () => {
    expect(parseAmount(" ")).toBeUndefined();
    for (const typed of ["cheap", "-5", "1e3", "12x", ".", "--"]) expect(parseAmount(typed), typed).toBeNaN();
  });
});

describe("an alert in one line", () => {
  it("ends in its price", () => {
    expect(parseWish("road bike under 300")).toEqual({ keywords: "road bike", threshold: 300, alertType: "under" });
    expect(parseWish("corvette, camaro -parts $30k")).toEqual({ keywords: "corvette, camaro -parts", threshold: 30_000, alertType: "under" });
    expect(parseWish("gold coin over 1,200")).toEqual({ keywords: "gold coin", threshold: 1_200, alertType: "over" });
    expect(parseWish("sofa < 50")).toEqual({ keywords: "sofa", threshold: 50, alertType: "under" });
  });

  it("takes no number for a price that may be part of a name", () => {
    for (const line of ["iphone 15", "f 150", "road bike", "under 300", ""]) {
      expect(parseWish(line)).toEqual({ keywords: line, threshold: undefined, alertType: "under" });
    }
  });
});

describe("the mark of a wrong word", () => {
  const marked = (keywords: string, position: number): string | undefined => {
    const mark = markOf(keywords, { field: "keywords", message: "it is wrong", position });
    return mark && `${keywords.slice(0, mark.start)}[${keywords.slice(mark.start, mark.end)}]${keywords.slice(mark.end)}`;
  };

  it("covers the word at the position", () => {
    expect(marked("bike co*rvette x", 7)).toBe("bike [co*rvette] x");
    expect(marked("bike OR", 5)).toBe("bike [OR]");
    expect(marked("(bike) ) x", 7)).toBe("(bike) [)] x");
    expect(marked('bike "road', 5)).toBe('bike ["road]');
  });

  it("counts as the server does, which sees no white space around and characters where we have halves", () => {
    expect(marked("  bike OR", 5)).toBe("  bike [OR]");
    expect(marked("🚲🚲 a*b", 4)).toBe("🚲🚲 [a*b]");
  });

  it("stands behind the text where something is missing, and nowhere for errors without a position", () => {
    const error = { field: "keywords", message: "a parenthesis is not closed", position: 5 };
    expect(markOf("(bike", error)).toEqual({ start: 5, end: 6, message: "a parenthesis is not closed" });
    expect(markOf("bike", { field: "keywords", message: "is too long" })).toBeUndefined();
  });
});

describe("drafts", () => {
  it("of alerts go through the address and come out as they were", () => {
    const draft = { keywords: "a, b", threshold: "1,200", alertType: "over", currency: "EUR", pricePer: "month", includeFree: true, cooldown: 60, sources: ["ksl", "x"] };
    expect(alerts.kind.draftOfAddress(new URL(alerts.addressOf(draft), "http://x").searchParams)).toEqual(draft);
    expect(fieldsOfAlert(draft)).toEqual({
      keywords: "a, b", threshold_price: 1_200, alert_type: "over", currency: "EUR", price_per: "month", include_free: true, cooldown_minutes: 60, sources: ["ksl", "x"],
    });
  });

  it("of searches do so too", () => {
    const draft = {
      name: "Mine", keywords: "a", minPrice: "1", maxPrice: "2", currency: "EUR", pricePer: "week", includeFree: true, sources: ["ksl"], location: "Provo",
      notifyNew: false, cadence: "daily",
    };
    expect(searches.kind.draftOfAddress(new URL(searches.addressOf(draft), "http://x").searchParams)).toEqual(draft);
  });

  it("of a search that was paused show that it does not notify, and resume it", async () => {
    const paused = { id: 1, name: "a", keywords: "a", active: false, notify_new: true } as SavedSearch;
    const draft = searches.kind.draftOf(paused);
    expect(draft.notifyNew).toBe(false);
    const sent = vi.fn(async (_: unknown, request: RequestInit) => Response.json({ ...paused, ...JSON.parse(String(request.body)) }));
    vi.stubGlobal("fetch", sent);
    expect(await searchCalls.change(1, searches.kind.fieldsOf({ ...draft, notifyNew: true }))).toMatchObject({ active: true });
    expect(await searchCalls.change(1, searches.kind.fieldsOf(draft))).toMatchObject({ active: false });
    vi.unstubAllGlobals();
  });

  it("leave out what is no amount instead of sending it", () => {
    const empty = alerts.kind.draftOfAddress(new URLSearchParams());
    expect(fieldsOfAlert({ ...empty, threshold: "cheap" })).not.toHaveProperty("threshold_price");
    const search = searches.kind.draftOfAddress(new URLSearchParams({ max_price: "much" }));
    expect([...searches.kind.problemsOf(search).keys()]).toEqual(["max_price"]);
  });
});

describe("the live preview", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const answer = (count: number): PreviewView => ({ count, per_week: count, sample: [], since: "2026-01-01T00:00:00Z", near_misses: [], warnings: [] });

  it("asks once typing pauses, one question at a time, and shows the newest answer only", async () => {
    const asked: { n: number; settle: (answer: PreviewView) => void }[] = [];
    const preview = new LivePreview<{ n: number }>(({ n }) => new Promise((settle) => asked.push({ n, settle })));
    for (const n of [1, 2, 3]) preview.want({ n });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked.map(({ n }) => n)).toEqual([3]);
    for (const n of [4, 5]) preview.want({ n });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked.map(({ n }) => n)).toEqual([3]);
    asked[0]?.settle(answer(3));
    await vi.advanceTimersByTimeAsync(0);
    expect(preview.answer.value).toBeUndefined();
    expect(asked.map(({ n }) => n)).toEqual([3, 5]);
    asked[1]?.settle(answer(5));
    await vi.advanceTimersByTimeAsync(0);
    expect(preview.answer.value?.count).toBe(5);
    expect(preview.isWaiting.value).toBe(false);
  });

  it("waits while the server is busy with another preview", async () => {
    let tries = 0;
    const preview = new LivePreview<{ n: number }>(async () => {
      tries += 1;
      if (tries < 3) throw new Refusal(429, "rate_limited", "Too many");
      return answer(7);
    });
    preview.want({ n: 1 });
    await vi.advanceTimersByTimeAsync(5_000);
    expect([tries, preview.answer.value?.count]).toEqual([3, 7]);
  });

  it("says what is wrong, and forgets it when nothing is wanted", async () => {
    const preview = new LivePreview<{ n: number }>(() => Promise.reject(new Refusal(422, "invalid", "No")));
    preview.want({ n: 1 });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(preview.problem.value).toBeInstanceOf(Refusal);
    preview.want(undefined);
    expect(preview.problem.value).toBeUndefined();
  });

  it("is told in words", () => {
    const words = (count: number, per_week: number): string => timesWords({ count, per_week, sample: [], since: "2026-01-01T00:00:00Z", near_misses: [], warnings: [] });
    expect(words(14, 3.2)).toBe("14 times in the last 30 days, about 3 a week");
    expect(words(2, 0.4)).toBe("2 times in the last 30 days, less than one a week");
    expect(words(0, 0)).toBe("never in the last 30 days");
    expect(timesWords({ count_at_least: 10_000, per_week: 2_333, sample: [], since: "2026-01-01T00:00:00Z", near_misses: [], warnings: [] })).toBe("at least 10,000 times in the last 30 days, about 333 a day");
  });
});

it("says what a price is for", () => {
  expect(priceFor(500, "USD", "month", "en-US")).toBe("$500 / month");
  expect(priceFor(12.5, "USD", "area", "en-US")).toBe("$12.50 / area");
  for (const per of [null, undefined]) expect(priceFor(500, "USD", per, "en-US")).toBe("$500");
  expect(priceFor(0, "USD", "month")).toBe("Free");
  expect(priceFor(null, "USD", "month")).toBe("No price given");
  expect(priceWords({ name: "x", price_per: "month" })).toBe("prices per month");
  expect(priceWords({ name: "x", currency: "USD", max_price: 900, price_per: "month" })).toContain("900 / month");
  expect(periodOf("week")).toBe("week");
  for (const name of ["", "Week", "fortnight", null, undefined]) expect(periodOf(name)).toBeNull();
});

const alert = (id: number, active = true): PriceAlert => ({
  id, active, keywords: `bike ${id}`, threshold_price: 300, alert_type: "under", currency: "USD", price_per: null, include_free: false,
  cooldown_minutes: 0, sources: [], created_at: "", updated_at: "", last_told_at: null, warnings: [],
});

/** Alerts whose calls are the test's own. */
function alertsWith(calls: Partial<StandingCalls<PriceAlertFields, PriceAlert>>): StandingQueries<AlertTypes> {
  const list = async () => ({ items: [alert(3), alert(2), alert(1)] });
  return new StandingQueries<AlertTypes>({ ...alerts.kind, calls: { ...alerts.kind.calls, list, ...calls } });
}

const newestToast = () => {
  const toast = toasts.value.at(-1);
  if (toast === undefined) throw new Error("there is no toast");
  return toast;
};

describe("deleting", () => {
  it("waits until the time to undo it is over, and a reload in between brings nothing back", async () => {
    const remove = vi.fn(async () => {});
    const list = alertsWith({ remove });
    await list.load();
    list.remove(alert(2));
    await list.load();
    expect(list.items.value?.map(({ id }) => id)).toEqual([3, 1]);
    expect(remove).not.toHaveBeenCalled();
    expect(newestToast().text).toBe("Deleted: bike 2 under $300");
    dismiss(newestToast().id);
    expect(remove).toHaveBeenCalledWith(2);
  });

  it("is undone in the same place, and then nothing is sent", async () => {
    const remove = vi.fn(async () => {});
    const list = alertsWith({ remove });
    await list.load();
    list.remove(alert(2));
    act(newestToast());
    expect(list.items.value?.map(({ id }) => id)).toEqual([3, 2, 1]);
    expect(remove).not.toHaveBeenCalled();
  });
});

describe("pausing", () => {
  it("shows what the query is now, and can be undone", async () => {
    const setActive = vi.fn(async (id: number, active: boolean) => alert(id, active));
    const list = alertsWith({ setActive });
    await list.load();
    expect(await list.pause(2, "bike 2")).toBe(true);
    expect(list.items.value?.map(({ active }) => active)).toEqual([true, false, true]);
    expect(newestToast().text).toBe("Paused: bike 2");
    act(newestToast());
    await vi.waitFor(() => expect(newestToast().text).toBe("The alert goes on."));
    expect(setActive.mock.calls).toEqual([[2, false], [2, true]]);
  });

  it("that fails is reported", async () => {
    const list = alertsWith({ setActive: () => Promise.reject(new Refusal(503, "busy", "Try again.")) });
    expect(await list.pause(2, "bike 2")).toBe(false);
    expect(newestToast().text).toBe("That alert could not be paused. Try again.");
  });
});

describe("saving", () => {
  it("sends nothing that the server's check refuses", async () => {
    const create = vi.fn();
    const check = async () => ({ errors: [{ field: "threshold_price", message: "is missing" }], warnings: [] });
    const list = alertsWith({ check, create });
    await expect(list.save(undefined, alerts.kind.draftOf(alert(1)))).rejects.toMatchObject({ status: 422 });
    expect(create).not.toHaveBeenCalled();
  });
});
