import { describe, expect, it } from "vitest";
import type { NotificationPage, NotificationView } from "../dashboard/src/api/schema";
import { isQuiet } from "../dashboard/src/state/attention";
import { type FetchPage, Inbox, MOST_ROWS } from "../dashboard/src/state/inbox";
import { noticeOf, onlyListing } from "../dashboard/src/state/notices";

function told(id: number, type = "custom", read_at: string | null = null): NotificationView {
  return { id, type, data: { message: `n${id}` }, timestamp: "2026-01-01T00:00:00Z", seq: id, read_at };
}

/** A server that has these, newest first, and whose cursors are ids. */
function served(all: readonly NotificationView[]): FetchPage {
  return async ({ unread, cursor, limit }): Promise<NotificationPage> => {
    const fitting = all.filter(({ id, read_at }) => id < Number(cursor ?? Infinity) && !(unread && read_at !== null));
    const items = fitting.slice(0, limit);
    return { items, next_cursor: fitting.length > limit ? String(items.at(-1)?.id) : null };
  };
}

const ids = (inbox: Inbox): number[] => inbox.rows.value.map(({ id }) => id);

describe("the inbox", () => {
  it("loads page after page", async () => {
    const inbox = new Inbox(served(Array.from({ length: 120 }, (_, index) => told(120 - index))));
    await inbox.load();
    expect([ids(inbox).length, inbox.atEnd.value]).toEqual([50, false]);
    await inbox.loadMore();
    await inbox.loadMore();
    expect([ids(inbox).length, inbox.atEnd.value]).toEqual([120, true]);
    expect(ids(inbox)).toEqual(ids(inbox).toSorted((a, b) => b - a));
  });

  it("looks through several pages for a kind", async () => {
    const all = Array.from({ length: 600 }, (_, index) => told(600 - index, (600 - index) % 100 === 0 ? "saved_search" : "custom"));
    const inbox = new Inbox(served(all));
    await inbox.load({ unread: false, kind: "saved_search" });
    expect(ids(inbox)).toEqual([600, 500, 400, 300, 200, 100]);
    expect(inbox.atEnd.value).toBe(true);
  });

  it("takes in what arrives once, also while it loads, and only of the kind that is shown", async () => {
    const inbox = new Inbox(served([told(2), told(1)]));
    const loading = inbox.load();
    inbox.receive(told(3));
    await loading;
    for (const id of [3, 2, 4]) inbox.receive(told(id));
    expect(ids(inbox)).toEqual([4, 3, 2, 1]);
    await inbox.load({ unread: false, kind: "price_alert" });
    inbox.receive(told(5));
    inbox.receive(told(6, "price_alert"));
    expect(ids(inbox)).toEqual([6]);
  });

  it("holds back what arrives while somebody reads", async () => {
    const inbox = new Inbox(served([told(1)]));
    await inbox.load();
    inbox.setReading(true);
    inbox.receive(told(2));
    inbox.receive(told(2));
    expect([ids(inbox), inbox.held.value.length]).toEqual([[1], 1]);
    inbox.setReading(false);
    expect([ids(inbox), inbox.held.value.length]).toEqual([[2, 1], 0]);
  });

  it("marks what was read and leaves it where it is", async () => {
    const inbox = new Inbox(served([told(2), told(1)]));
    await inbox.load({ unread: true, kind: "" });
    inbox.wereRead([2, 99], "now");
    expect(inbox.rows.value.map(({ read_at }) => read_at)).toEqual(["now", null]);
    expect(inbox.hasUnread.value).toBe(true);
    inbox.receive(told(2));
    expect(inbox.rows.value[0]?.read_at).toBe("now");
  });

  it("shows the answer to the last filter only", async () => {
    const waiting: (() => void)[] = [];
    const inbox = new Inbox(async ({ unread }) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return { items: [told(unread ? 1 : 2)], next_cursor: null };
    });
    const loads = [inbox.load({ unread: false, kind: "" }), inbox.load({ unread: true, kind: "" })];
    for (const go of waiting.reverse()) go();
    await Promise.all(loads);
    expect(ids(inbox)).toEqual([1]);
  });

  it("keeps no more than it can", async () => {
    const inbox = new Inbox(served([]));
    await inbox.load();
    for (let id = 1; id <= MOST_ROWS + 50; id += 1) inbox.receive(told(id));
    expect([ids(inbox).length, ids(inbox)[0]]).toEqual([MOST_ROWS, MOST_ROWS + 50]);
  });
});

describe("what a notification says", () => {
  const listing = { id: 7, title: "Trek", price: 300, currency: "USD", link: "https://example.org/7", source: "ksl" };

  it("is read from the two kinds of ours", () => {
    const alert = noticeOf({
      type: "price_alert",
      data: { message: "m", keywords: "trek", threshold_price: 400, alert_type: "under", alert_id: 3, listing },
    });
    expect(alert).toMatchObject({ heading: "Price alert", about: "trek under $400", href: "/listings/7", query: { kind: "alert", id: 3 }, more: 0 });
    expect(onlyListing(alert)?.id).toBe(7);
    const search = noticeOf({
      type: "saved_search",
      data: { message: "12 new", search_id: 4, search_name: "Bikes", results_count: 12, listings: [listing, { ...listing, id: 8 }] },
    });
    expect(search).toMatchObject({ about: "Bikes", text: "12 new", href: "/searches/4", more: 10 });
    expect(onlyListing(search)).toBeUndefined();
  });

  it("counts each listing of an alert's notification once", () => {
    const others = [listing, { ...listing, id: 8, title: "Giant" }];
    const joined = noticeOf({ type: "price_alert", data: { alert_id: 3, listing, listings: others, results_count: 2 } });
    expect([joined.listings.map(({ id }) => id), joined.more]).toEqual([[7, 8], 0]);
  });

  it("is something, whatever was published", () => {
    const shapes: unknown[] = [
      null, undefined, 7, "text", [], {}, { listing: null }, { listing: { title: 7 } }, { listings: "all" }, { listings: [null, {}, { title: "" }] },
      { alert_id: "1; DROP", listing: { title: "x", id: -1, price: "free" } }, { search_id: 1.5, results_count: Number.NaN },
      { message: { toString: null } }, { a: { b: 1 }, c: 2 },
    ];
    for (const type of ["price_alert", "saved_search", "source_status", "custom", "", "__proto__", "x".repeat(10_000)]) {
      for (const data of shapes) {
        const notice = noticeOf({ type, data });
        expect(notice.heading.length).toBeGreaterThan(0);
        expect(notice.text.length).toBeLessThanOrEqual(500);
        expect(notice.query).toBeUndefined();
      }
    }
    expect(noticeOf({ type: "price_drop", data: { a: { b: 1 }, c: 2 } })).toMatchObject({ heading: "Price drop", text: "c: 2" });
  });

  it("has words of its own for a source's state", () => {
    const facts = { source: "ksl", state: "login_wall", reason: "the page asks for a sign-in", since: "2026-11-20T14:05:00Z", last_good_at: null };
    const said = (data: object): string => noticeOf({ type: "source_status", data }).text;
    expect(said({ ...facts, message: "whatever the server says" })).toBe("No alerts from KSL: asked to sign in");
    expect(said({ ...facts, last_good_at: "2026-11-20T14:02:00Z" })).toMatch(/^No alerts from KSL since .*2026.*: asked to sign in$/);
    expect(said({ ...facts, last_good_at: new Date().toISOString() })).not.toMatch(/\d{4}/);
    expect(said({ ...facts, state: "empty" })).toBe("KSL is back: alerts come again");
    expect(said({ ...facts, state: "on_holiday" })).toBe("No alerts from KSL: on holiday");
    // Published by others, or without the facts.
    expect(said({ source: "ksl", state: "blocked", message: "ksl is down since noon" })).toBe("Ksl is down since noon");
    expect(said({ source: "ksl", state: "blocked", since: "2026-11-20T14:05:00Z", message: "ksl is down" })).toBe("Ksl is down");
    expect(said({ message: "no alerts from ksl since 2025-01-02 03:04 UTC: blocked" })).toBe("No alerts from ksl since 2025-01-02 03:04 UTC: blocked");
  });

  it("leads only to pages of this app and never takes a link from a stranger for one", () => {
    const evil = noticeOf({ type: "source_status", data: { source: "../../evil?x=<b>", state: "ok", message: "m" } });
    expect(evil.href).toBe("/sources/..%2F..%2Fevil%3Fx%3D%3Cb%3E");
  });
});

describe("quiet hours", () => {
  const at = (time: string): Date => new Date(`2026-01-01T${time}:00`);

  it("may reach over midnight", () => {
    const night = { from: "22:00", to: "07:00" };
    expect(["21:59", "22:00", "23:30", "00:00", "06:59", "07:00", "12:00"].map((time) => isQuiet(night, at(time)))).toEqual([
      false, true, true, true, true, false, false,
    ]);
    expect(["08:59", "09:00", "16:59", "17:00"].map((time) => isQuiet({ from: "09:00", to: "17:00" }, at(time)))).toEqual([
      false, true, true, false,
    ]);
  });

  it("are none where nothing sensible is stored", () => {
    for (const hours of [null, undefined, { from: "x", to: "y" }, { from: "25:00", to: "07:00" }]) expect(isQuiet(hours, at("23:00"))).toBe(false);
  });
});
