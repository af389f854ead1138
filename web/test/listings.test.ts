import { describe, expect, it } from "vitest";
import type { ListingFilter } from "../dashboard/src/api/listings";
import type { Listing, ListingSearchPage } from "../dashboard/src/api/schema";
import { Refusal } from "../dashboard/src/api/call";
import { cursorAfter, merge } from "../dashboard/src/state/listing-rows";
import { admits, HELD_ROWS, LIVE_ROWS, ListingStore } from "../dashboard/src/state/listings";

function listing(id: number, more: Partial<Listing> = {}): Listing {
  const link = `https://example.org/${id}`;
  const base = { currency: "USD", image_url: null, location: null, source: "ksl", created_at: "2026-01-01T00:00:00Z" };
  return { ...base, id, title: `number ${id}`, price: id, link, ...more };
}

function page(ids: readonly number[], next_cursor: string | null = null): ListingSearchPage {
  const at = "2026-01-01T00:00:00Z";
  return { items: ids.map((id) => ({ previous_price: null, description: null, ...listing(id), first_seen_at: at, updated_at: at })), next_cursor };
}

/** A server whose answers are given by hand, and a clock that is moved by hand. */
class World {
  asked: { filter: ListingFilter; cursor: string | undefined; answer: (page: ListingSearchPage) => Promise<void>; refuse: (error: unknown) => Promise<void> }[] = [];
  planned: (() => void)[] = [];
  store = new ListingStore({
    fetchPage: (filter, { cursor }, signal) =>
      new Promise((resolve, reject) => {
        const settle = (action: () => void) => async (): Promise<void> => {
          action();
          await new Promise((done) => setTimeout(done));
        };
        signal.addEventListener("abort", () => reject(new DOMException("ended", "AbortError")));
        this.asked.push({
          filter, cursor,
          answer: (found) => settle(() => resolve(found))(),
          refuse: (error) => settle(() => reject(error))(),
        });
      }),
    later: (action) => this.planned.push(action),
    now: () => 0,
  });

  get last() {
    const last = this.asked.at(-1);
    if (last === undefined) throw new Error("nothing was asked");
    return last;
  }

  get ids(): number[] {
    return this.store.rows.value.map(({ id }) => id);
  }

  /** Lets everything happen that waits for its time. */
  pass(): void {
    for (const action of this.planned.splice(0)) action();
  }

  static async loaded(ids: readonly number[], next: string | null = null, filter: ListingFilter = {}): Promise<World> {
    const world = new World();
    void world.store.load(filter);
    await world.last.answer(page(ids, next));
    return world;
  }
}

describe("what happens while the list is loaded", () => {
  it("is shown, though the answer does not know of it yet", async () => {
    const world = new World();
    void world.store.load({ source: "ksl" });
    world.store.add(listing(8));
    world.store.add(listing(9, { source: "craigslist" }));
    world.pass();
    await world.last.answer(page([7, 6]));
    world.pass();
    expect(world.ids).toEqual([8, 7, 6]);
  });

  it("takes away what the filter no longer asks for", async () => {
    const world = new World();
    void world.store.load({ max_price: "100" });
    world.store.update(listing(7, { price: 300 }));
    world.pass();
    await world.last.answer(page([7, 6]));
    expect(world.ids).toEqual([6]);
  });

  it("is for the server to judge where there are words", async () => {
    const world = new World();
    void world.store.load({ q: "canoe" });
    world.store.add(listing(8));
    await world.last.answer(page([7]));
    expect(world.ids).toEqual([7]);
    world.pass();
    await world.last.answer(page([8, 7]));
    expect(world.ids).toEqual([8, 7]);
  });
});

describe("rows", () => {
  it("are sorted by age and each is there once, however they come", () => {
    const rows = merge([listing(9), listing(5), listing(2)], [listing(1), listing(7), listing(5, { price: 1 }), listing(12), listing(7)]);
    expect(rows.map(({ id }) => id)).toEqual([12, 9, 7, 5, 2, 1]);
    expect(rows[3]?.price).toBe(1);
  });

  it("go on below the last", () => {
    expect(cursorAfter([listing(300), listing(255)])).toBe("ff");
    expect(cursorAfter([])).toBeUndefined();
  });
});

describe("the feed", () => {
  it("adds what arrives at the top, once, also when it is replayed", async () => {
    const world = await World.loaded([3, 2, 1]);
    for (const id of [4, 5, 5, 3]) world.store.add(listing(id));
    expect(world.ids).toEqual([3, 2, 1]);
    world.pass();
    expect(world.ids).toEqual([5, 4, 3, 2, 1]);
  });

  it("holds back what arrives while somebody reads, and shows it when asked", async () => {
    const world = await World.loaded([3, 2, 1]);
    world.store.setReading(true);
    world.store.add(listing(4));
    world.store.add(listing(5));
    world.pass();
    expect([world.ids, world.store.newCount.value]).toEqual([[3, 2, 1], 2]);
    world.store.update(listing(5, { price: 50 }));
    world.pass();
    world.store.showHeld();
    expect([world.ids, world.store.newCount.value]).toEqual([[5, 4, 3, 2, 1], 0]);
    expect(world.store.rows.value[0]?.price).toBe(50);
  });

  it("changes a row in its place, and does not show one that it does not hold", async () => {
    const world = await World.loaded([3, 2, 1]);
    world.store.update(listing(2, { price: 20, previous_price: 25 }));
    world.store.update(listing(99));
    world.pass();
    expect(world.ids).toEqual([3, 2, 1]);
    expect(world.store.rows.value[1]?.previous_price).toBe(25);
  });

  it("believes an event more than an answer that was on its way meanwhile", async () => {
    const world = new World();
    void world.store.load();
    world.store.update(listing(2, { price: 20 }));
    world.store.add(listing(4));
    await world.last.answer(page([3, 2, 1]));
    world.pass();
    expect(world.ids).toEqual([4, 3, 2, 1]);
    expect(world.store.rows.value[2]?.price).toBe(20);
  });

  it("is bounded at the top, and loads again what it let go when one scrolls down", async () => {
    const world = await World.loaded([2, 1]);
    for (let id = 3; id <= LIVE_ROWS + 500; id += 1) world.store.add(listing(id));
    world.pass();
    expect(world.ids.length).toBe(LIVE_ROWS);
    void world.store.loadMore();
    expect(world.last.cursor).toBe((501).toString(16));
    await world.last.answer(page([500, 499], "1f3"));
    expect(world.ids.slice(-3)).toEqual([501, 500, 499]);
  });

  it("holds back no more than it has room for, and then loads anew", async () => {
    const world = await World.loaded([1]);
    world.store.setReading(true);
    for (let id = 2; id <= HELD_ROWS + 10; id += 1) world.store.add(listing(id));
    world.pass();
    expect([world.store.newCount.value, world.store.overflowed.value]).toEqual([HELD_ROWS, true]);
    world.store.showHeld();
    await world.last.answer(page([5_000, 4_999]));
    expect([world.ids, world.store.newCount.value]).toEqual([[5_000, 4_999], 0]);
  });

  it("lets only the last filter's answer count", async () => {
    const world = new World();
    void world.store.load({ source: "ksl" });
    const first = world.last;
    void world.store.load({ source: "craigslist" });
    await world.last.answer(page([8]));
    await first.answer(page([7]));
    expect(world.ids).toEqual([8]);
  });

  it("applies source and prices to what arrives, and asks the server about words", async () => {
    const world = await World.loaded([1], null, { source: "ksl", max_price: "100" });
    world.store.add(listing(50));
    world.store.add(listing(101));
    world.store.add(listing(60, { source: "craigslist" }));
    world.pass();
    expect(world.ids).toEqual([50, 1]);
    world.store.update(listing(50, { price: 500 }));
    world.pass();
    expect(world.ids).toEqual([1]);

    const words = await World.loaded([1], null, { q: "bike" });
    words.store.add(listing(2));
    words.store.add(listing(3));
    words.pass();
    expect(words.asked.length).toBe(2);
    await words.last.answer(page([3, 1]));
    expect(words.ids).toEqual([3, 1]);
  });

  it("shows what a lower price brings into its limits", async () => {
    const world = await World.loaded([9, 3], "3", { max_price: "100" });
    world.store.update(listing(7, { price: 90, previous_price: 200 }));
    world.store.update(listing(8, { price: 190 }));
    world.store.update(listing(2, { price: 90 }));
    world.pass();
    // What lies below the last row is loaded when one gets there.
    expect(world.ids).toEqual([9, 7, 3]);
  });

  it("adds what it missed when it is loaded again, and starts anew where the two do not meet", async () => {
    const world = await World.loaded([3, 2, 1]);
    void world.store.refresh();
    await world.last.answer(page([5, 4, 3, 2], "2"));
    expect(world.ids).toEqual([5, 4, 3, 2, 1]);
    void world.store.refresh();
    await world.last.answer(page([90, 89], "59"));
    await world.last.answer(page([90, 89, 88], "58"));
    expect(world.ids).toEqual([90, 89, 88]);
  });

  it("keeps what it has when more cannot be loaded, and says what is wrong with a filter", async () => {
    const world = await World.loaded([3, 2], "2");
    void world.store.loadMore();
    await world.last.refuse(new Refusal(0, "unreachable", "The server cannot be reached."));
    expect([world.ids, world.store.problem.value]).toEqual([[3, 2], "The server cannot be reached."]);
    void world.store.load({ q: "(" });
    await world.last.refuse(new Refusal(422, "invalid", "wrong", [{ field: "q", message: "a bracket is open" }]));
    expect(world.store.fieldProblems.value.get("q")).toBe("a bracket is open");
  });
});

it("a listing without a price is within no limits of a price", () => {
  expect(admits({ min_price: "0" }, listing(1, { price: null }))).toBe(false);
  expect(admits({ max_price: "10" }, listing(1, { price: null }))).toBe(false);
  expect(admits({ max_price: "10" }, listing(1, { price: 0 }))).toBe(true);
  expect(admits({ max_price: "10" }, listing(1, { price: 5, price_per: "month" }))).toBe(false);
  expect(admits({ min_price: "1" }, listing(1, { price: 5, price_per: null }))).toBe(true);
  expect(admits({}, listing(1, { price: null }))).toBe(true);
});
