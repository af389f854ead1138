import { describe, expect, it } from "vitest";
import { sentence } from "../dashboard/src/api/call";
import { age, drop, price, sourceName } from "../dashboard/src/format";
import { nextAddress, signInPath } from "../pages/src/next";

const ORIGIN = "https://superbot.example";

describe("where to go after signing in", () => {
  it("is the page one came from", () => {
    const here = { pathname: "/my/bikes.html", search: "?size=54", hash: "#top" };
    expect(signInPath(here)).toBe("/login?next=%2Fmy%2Fbikes.html%3Fsize%3D54%23top");
    expect(nextAddress(new URL(signInPath(here), ORIGIN).search, ORIGIN)).toBe(`${ORIGIN}/my/bikes.html?size=54#top`);
    expect(signInPath({ pathname: "/", search: "", hash: "" })).toBe("/login");
    expect(nextAddress("", ORIGIN)).toBe(`${ORIGIN}/`);
  });

  it("is never another server", () => {
    for (const evil of [
      "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
      "javascript:alert(1)", "/..//evil.example", "/.//evil.example", "/%2f/evil.example/..//", "evil.example", "",
    ]) {
      const address = nextAddress(`?next=${encodeURIComponent(evil)}`, ORIGIN);
      expect(new URL(address, "https://elsewhere.example").origin, evil).toBe(ORIGIN);
    }
  });
});

describe("prices", () => {
  it("are written in the reader's way", () => {
    expect(price(28_000, "USD", "en-US")).toBe("$28,000");
    expect(price(24.99, "USD", "en-US")).toBe("$24.99");
    expect(price(1_234.5, "EUR", "de-DE")).toBe("1.234,50\u00a0€");
    expect(price(5, "coins", "en-US")).toBe("5 coins");
    expect([price(0, "USD"), price(null, "USD")]).toEqual(["Free", "No price given"]);
  });

  it("fall by whole percents, or not at all", () => {
    expect(drop(23_900, 21_500)).toBe(10);
    expect(drop(100, 0)).toBe(100);
    for (const [before, now] of [[100, 100], [100, 120], [0, 0], [null, 5], [5, null], [undefined, 5]] as const) {
      expect(drop(before, now)).toBeUndefined();
    }
  });
});

describe("ages", () => {
  const now = new Date("2026-01-02T12:00:00Z");

  it.each([
    [10, "now"], [-5, "now"], [90, "1 minute ago"], [3_700, "1 hour ago"], [90_000, "yesterday"], [40 * 86_400, "last month"],
    [-7_300, "in 2 hours"],
  ])("%i s ago is %s", (seconds, words) => {
    expect(age(new Date(now.getTime() - seconds * 1_000), now, "en")).toBe(words);
  });
});

describe("words", () => {
  it("of the server become sentences", () => {
    expect(sentence("that name and password do not go together")).toBe("That name and password do not go together.");
    expect(sentence("Why?")).toBe("Why?");
  });

  it("for sources are their names", () => {
    expect(["ksl", "facebook", "my_shop"].map(sourceName)).toEqual(["KSL", "Facebook", "My shop"]);
  });
});
