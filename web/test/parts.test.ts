import { describe, expect, it, vi } from "vitest";
import { BackOff } from "../client/src/back-off";
import { Cursor } from "../client/src/cursor";
import { Emitter } from "../client/src/emitter";
import { webAddress } from "../client/src/notifications";
import { TestStorage } from "./world";

describe("back-off", () => {
  it("grows from half a second to five, spread over the whole range", () => {
    const latest = new BackOff(() => 1);
    expect(Array.from({ length: 6 }, () => latest.next())).toEqual([1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
    const soonest = new BackOff(() => 0);
    expect(Array.from({ length: 6 }, () => soonest.next())).toEqual([500, 500, 500, 500, 500, 500]);
  });

  it("stays within its limits for ever", () => {
    const backOff = new BackOff(Math.random);
    for (let attempt = 0; attempt < 5_000; attempt += 1) {
      const delay_ms = backOff.next();
      expect(delay_ms).toBeGreaterThanOrEqual(500);
      expect(delay_ms).toBeLessThanOrEqual(5_000);
    }
  });

  it("starts anew only after a connection that lasted", () => {
    const backOff = new BackOff(() => 1);
    backOff.next();
    backOff.connectionLasted(9_999);
    expect(backOff.next()).toBe(2_000);
    backOff.connectionLasted(10_000);
    expect(backOff.next()).toBe(1_000);
  });

  it("obeys the server once, within reason", () => {
    const backOff = new BackOff(() => 1);
    backOff.order(3_000);
    expect([backOff.next(), backOff.next()]).toEqual([4_500, 2_000]);
    backOff.order(86_400_000);
    expect(backOff.next()).toBe(90_000);
    for (const nonsense of ["soon", Number.NaN, -1, undefined]) {
      backOff.order(nonsense);
      expect(backOff.isOrdered).toBe(false);
    }
  });
});

describe("the cursor", () => {
  it("never moves back, and ignores what is not numbered", () => {
    const cursor = new Cursor(undefined, "key");
    cursor.advance(5);
    expect(cursor.position).toBeUndefined();
    cursor.set({ epoch: "e", seq: 5 });
    for (const seq of [4, undefined, "9"]) cursor.advance(seq);
    expect(cursor.position).toEqual({ epoch: "e", seq: 5 });
    expect([5, 6, undefined].map((seq) => cursor.hasSeen(seq))).toEqual([true, false, false]);
  });

  it("reads only what it wrote itself", () => {
    for (const stored of ["", "null", "7", '{"seq":1}', '{"epoch":"e","seq":"1"}', '{"epoch":"e","seq":1.5}']) {
      const storage = new TestStorage();
      storage.setItem("key", stored);
      expect(new Cursor(storage, "key").position).toBeUndefined();
    }
  });

  it("does without storage that fails", () => {
    const broken = new TestStorage();
    broken.setItem = broken.getItem = () => {
      throw new Error("forbidden");
    };
    const cursor = new Cursor(broken, "key");
    cursor.set({ epoch: "e", seq: 1 });
    expect(cursor.position).toEqual({ epoch: "e", seq: 1 });
  });
});

describe("the emitter", () => {
  it("calls listeners in order, and may be changed by them", () => {
    const emitter = new Emitter<{ word: string }>();
    const heard: string[] = [];
    const first = (word: string): void => {
      heard.push(`first ${word}`);
      emitter.off("word", first);
    };
    emitter.on("word", first);
    emitter.on("word", (word: string) => heard.push(`second ${word}`));
    emitter.on("word", (word: string) => heard.push(`once ${word}`), true);
    emitter.emit("word", "a");
    emitter.emit("word", "b");
    expect(heard).toEqual(["first a", "second a", "once a", "second b"]);
  });

  it("refuses what cannot be called", () => {
    expect(() => new Emitter<{ word: string }>().on("word", "nothing")).toThrow(TypeError);
  });

  it("reports errors where the browser cannot", async () => {
    const thrown = vi.fn();
    process.once("uncaughtException", thrown);
    const emitter = new Emitter<{ word: string }>();
    emitter.on("word", () => {
      throw new Error("a page's mistake");
    });
    const others = process.listeners("uncaughtException").filter((listener) => listener !== thrown);
    for (const listener of others) process.off("uncaughtException", listener);
    emitter.emit("word", "a");
    await vi.waitFor(() => expect(thrown).toHaveBeenCalledOnce());
    for (const listener of others) process.on("uncaughtException", listener);
  });
});

describe("links", () => {
  it("are opened on the web only", () => {
    expect(webAddress("https://example.org/a")).toBe("https://example.org/a");
    expect(webAddress("http://127.0.0.1:5000/")).toBe("http://127.0.0.1:5000/");
    for (const link of ["javascript:alert(1)", " javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "/a", "", 7, null]) {
      expect(webAddress(link)).toBeUndefined();
    }
  });
});
