import { describe, expect, it, vi } from "vitest";
import { spanOf } from "../dashboard/src/parts/virtual-list";
import { routeOf } from "../dashboard/src/router";
import { wordsOf } from "../dashboard/src/state/connection";
import { act, dismiss, tell, tellUndo, toasts } from "../dashboard/src/state/toasts";

describe("addresses", () => {
  it("lead to their pages", () => {
    expect(routeOf("/")).toEqual({ page: "feed", id: "" });
    expect(routeOf("/listings/7")).toEqual({ page: "listing", id: "7" });
    expect(routeOf("/alerts/new")).toEqual({ page: "alert", id: "new" });
    expect(routeOf("/sources/my%20shop")).toEqual({ page: "source", id: "my shop" });
    for (const none of ["/nowhere", "/listings/", "/listings/7/more", "/alerts/", "/login", "/api/docs", "//"]) {
      expect(routeOf(none), none).toBeUndefined();
    }
    expect(routeOf("/sources/%zz")).toEqual({ page: "source", id: "%zz" });
  });
});

describe("the virtual list", () => {
  it("makes the rows near the window and no others", () => {
    expect(spanOf(0, 800, 80, 10_000)).toEqual({ first: 0, last: 16 });
    expect(spanOf(8_000, 800, 80, 10_000)).toEqual({ first: 94, last: 116 });
    expect(spanOf(799_500, 800, 80, 10_000)).toEqual({ first: 9_987, last: 10_000 });
  });

  it("copes with a list that is below the window, short, or gone", () => {
    expect(spanOf(-2_000, 800, 80, 100)).toEqual({ first: 0, last: 0 });
    expect(spanOf(0, 800, 80, 3)).toEqual({ first: 0, last: 3 });
    expect(spanOf(5_000, 800, 80, 3)).toEqual({ first: 3, last: 3 });
    expect(spanOf(0, 800, 80, 0)).toEqual({ first: 0, last: 0 });
  });
});

describe("the indicator", () => {
  const at = (seconds: number): number => Date.UTC(2026, 0, 1, 12, 0, seconds);

  it("counts down to the next try, then says since when the page is offline", () => {
    const reconnecting = { status: "reconnecting", retry_in_ms: 4_000, attempt: 1, reason: "" } as const;
    expect(wordsOf(reconnecting, at(0), at(4), at(0))).toMatchObject({ state: "waiting", words: "Reconnecting in 4 s", mayRetry: true });
    expect(wordsOf(reconnecting, at(0), at(4), at(3.5)).words).toBe("Reconnecting in 1 s");
    expect(wordsOf(reconnecting, at(0), at(34), at(30))).toMatchObject({ state: "offline", spoken: "Offline" });
    expect(wordsOf(reconnecting, at(0), at(34), at(30)).words).toMatch(/^Offline since \d/);
  });

  it("is live only while it is connected", () => {
    expect(wordsOf({ status: "connecting" }, undefined, 0, at(0)).state).toBe("waiting");
    expect(wordsOf({ status: "connecting" }, at(0), 0, at(60)).state).toBe("offline");
    expect(wordsOf({ status: "going_away", retry_after_ms: 500 }, undefined, 0, at(0)).state).toBe("waiting");
    expect(wordsOf({ status: "disconnected", reason: "" }, at(0), 0, at(1)).state).toBe("offline");
  });
});

describe("toasts", () => {
  it("are few: older ones give way", () => {
    for (const text of ["1", "2", "3", "4", "5", "6"]) tell(text);
    expect(toasts.value.map(({ text }) => text)).toEqual(["3", "4", "5", "6"]);
    for (const { id } of toasts.value) dismiss(id);
    expect(toasts.value).toEqual([]);
  });

  it("undo or commit what was done, one of the two and once", () => {
    const undo = vi.fn();
    const commit = vi.fn();
    tellUndo("Deleted.", undo, commit);
    const [first] = toasts.value;
    if (first === undefined) throw new Error("there is no toast");
    act(first);
    dismiss(first.id);
    expect([undo.mock.calls.length, commit.mock.calls.length]).toEqual([1, 0]);
    tellUndo("Deleted.", undo, commit);
    const [second] = toasts.value;
    if (second === undefined) throw new Error("there is no toast");
    dismiss(second.id);
    dismiss(second.id);
    expect([undo.mock.calls.length, commit.mock.calls.length]).toEqual([1, 1]);
  });
});
