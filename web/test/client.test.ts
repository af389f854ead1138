import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ClientOptions } from "../client/websocket-client";
import { CLIENTS, listing, status, TestPage, TestServer, TestStorage, TestTab } from "./world";

const KEY = (server: TestServer): string => `superbot:cursor:${server.url}`;

describe.each(CLIENTS)("with socket.io-client %s", (_, io) => {
  let server: TestServer;
  const tabs: TestTab[] = [];

  beforeEach(async () => {
    server = await new TestServer().start();
  });

  afterEach(async () => {
    for (const tab of tabs.splice(0)) tab.client.disconnect();
    await server.stop();
  });

  function open(...rest: ConstructorParameters<typeof TestTab> extends [unknown, unknown, ...infer Rest] ? Rest : never): TestTab {
    const tab = new TestTab(server, io, ...rest);
    tabs.push(tab);
    return tab;
  }

  async function connected(tab: TestTab, times = 1): Promise<void> {
    tab.page.finishReading();
    await vi.waitFor(() => expect(tab.states.filter((state) => state === "connected")).toHaveLength(times), 10_000);
  }

  it("waits until the page has been read, then connects by itself", async () => {
    const tab = open();
    expect(tab.client.socket.connected).toBe(false);
    expect(tab.told).toEqual([]);
    await connected(tab);
    expect(tab.client.connected).toBe(true);
    expect(tab.told.map(([name]) => name)).toEqual(["status", "connected", "status"]);
    expect(server.auths).toEqual([{}]);
  });

  it("hands every event on under its name, and raw ones through the socket", async () => {
    const tab = open();
    const pong = vi.fn();
    tab.client.socket.on("pong", pong);
    server.greet = (socket) => {
      socket.emit("connection_status", status());
      socket.emit("new_listing", listing(11));
      socket.emit("listing_updated", { ...listing(12), previous_price: 2 });
      socket.emit("notification", { id: 1, type: "custom", data: {}, seq: 13 });
      socket.emit("scraper_status_update", { ksl: true, timestamp: "", seq: 14 });
      socket.emit("system_message", { message: "hello", level: "info", seq: 15 });
      socket.emit("notification_read", { ids: [1], unread: 0, seq: 16 });
      socket.emit("error", { code: "rate_limited", message: "slower", retry_after_ms: 5 });
      socket.on("ping", () => socket.emit("pong", { timestamp: "now" }));
    };
    tab.client.ping();
    await connected(tab);
    await vi.waitFor(() => expect(pong).toHaveBeenCalledExactlyOnceWith({ timestamp: "now" }));
    expect(tab.told.slice(3).map(([name]) => name)).toEqual([
      "new_listing", "listing_updated", "notification", "scraper_status", "system_message", "notification_read", "error",
    ]);
    expect(tab.storage.getItem(KEY(server))).toBe(JSON.stringify({ epoch: "e1", seq: 16 }));
  });

  it("asks for what it missed, and takes nothing twice", async () => {
    const tab = open();
    await connected(tab);
    server.latest.emit("new_listing", listing(11));
    await vi.waitFor(() => expect(tab.heard("new_listing")).toHaveLength(1));
    server.greet = (socket) => {
      socket.emit("connection_status", status({ seq: 13, recovered: true, replayed: 2 }));
      for (const seq of [11, 12, 13, 13, 14]) socket.emit("new_listing", listing(seq));
    };
    await server.stop();
    await vi.waitFor(() => expect(tab.heard("disconnected")).toHaveLength(1));
    await server.start();
    await connected(tab, 2);
    expect(server.auths).toEqual([{}, { since: 11, epoch: "e1" }]);
    await vi.waitFor(() => expect(tab.heard("new_listing").map(({ seq }) => seq)).toEqual([11, 12, 13, 14]));
    expect(tab.states).toContain("reconnecting");
  });

  it("asks again for what a listener did not get to see", async () => {
    const storage = new TestStorage();
    const tab = open(new TestPage(), storage);
    const seen: (string | null)[] = [];
    tab.client.on("new_listing", () => seen.push(storage.getItem(KEY(server))));
    await connected(tab);
    server.latest.emit("new_listing", listing(11));
    await vi.waitFor(() => expect(seen).toEqual([JSON.stringify({ epoch: "e1", seq: 10 })]));
    tab.client.disconnect();
    const reloaded = open(new TestPage(), storage);
    await connected(reloaded);
    expect(server.auths.at(-1)).toEqual({ since: 11, epoch: "e1" });
  });

  it("drops its place where the server cannot continue from it, and says so once", async () => {
    const storage = new TestStorage();
    storage.setItem(KEY(server), JSON.stringify({ epoch: "e0", seq: 7_000 }));
    server.greet = (socket) => {
      socket.emit("connection_status", status());
      socket.emit("new_listing", listing(11));
    };
    const tab = open(new TestPage(), storage);
    let placeInListener: string | null = "";
    tab.client.on("status", ({ status: word }) => {
      if (word === "connected") placeInListener = storage.getItem(KEY(server));
    });
    await connected(tab);
    expect(server.auths).toEqual([{ since: 7_000, epoch: "e0" }]);
    expect(tab.heard("status").at(-1)).toMatchObject({ status: "connected", gap: true });
    expect(placeInListener).toBeNull();
    await vi.waitFor(() => expect(tab.heard("new_listing")).toHaveLength(1));
    expect(storage.getItem(KEY(server))).toBe(JSON.stringify({ epoch: "e1", seq: 11 }));
  });

  it("goes on when a listener throws", async () => {
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    const tab = open();
    const after = vi.fn();
    tab.client.on("new_listing", () => {
      throw new Error("a page's mistake");
    });
    tab.client.on("new_listing", after);
    await connected(tab);
    server.latest.emit("new_listing", listing(11));
    await vi.waitFor(() => expect(after).toHaveBeenCalledOnce());
    expect(reported).toHaveBeenCalledOnce();
    expect(tab.storage.getItem(KEY(server))).toBe(JSON.stringify({ epoch: "e1", seq: 11 }));
    vi.unstubAllGlobals();
  });

  it("does not hammer a server that knows nobody here, and tries when the page is looked at", async () => {
    server.refuse = () => Object.assign(new Error("authentication required"), { data: { code: "unauthenticated" } });
    const tab = open();
    tab.page.finishReading();
    await vi.waitFor(() => expect(tab.states).toEqual(["connecting", "unauthenticated"]));
    expect(tab.heard("error")).toMatchObject([{ code: "unauthenticated", message: "authentication required" }]);
    expect(tab.heard("status").at(-1)).toEqual({ status: "unauthenticated", retry_in_ms: 60_000 });
    server.refuse = undefined;
    tab.page.wake();
    tab.page.wake();
    await connected(tab);
    expect(server.auths).toHaveLength(2);
  });

  it("says once in the console, and in each error, what an unauthenticated page needs", async () => {
    server.refuse = () => Object.assign(new Error("authentication required"), { data: { code: "unauthenticated" } });
    const own = new TestPage();
    own.origin = server.url;
    const cases: [TestPage, ClientOptions, RegExp][] = [
      [own, {}, new RegExp(`Sign in at ${server.url}/login, or give .* as data-token`)],
      [new TestPage(), {}, /page of http:\/\/127\.0\.0\.1:8000 sends no credential .* data-credentials .* data-token/],
      [new TestPage(), { withCredentials: true }, /received no session cookie .*\/login; .*allowed_origins/],
      [new TestPage(), { token: "sbt_1" }, /token in data-token is not valid/],
    ];
    for (const [page, options, advice] of cases) {
      const tab = open(page, new TestStorage(), options);
      page.finishReading();
      await vi.waitFor(() => expect(tab.states.at(-1)).toBe("unauthenticated"));
      tab.client.connect();
      await vi.waitFor(() => expect(tab.heard("error")).toHaveLength(2));
      expect(tab.heard("error").map(({ hint }) => hint)).toEqual(Array(2).fill(expect.stringMatching(advice)));
      expect(tab.warnings).toEqual([expect.stringMatching(/^Super-Bot: no events arrive: authentication required\. /)]);
      expect(tab.warnings[0]).toMatch(advice);
    }
  });

  it("names the setting that lets a page of another origin in, but not after it was connected", async () => {
    const tab = open();
    await connected(tab);
    await server.stop();
    await vi.waitFor(() => expect(tab.heard("error").length).toBeGreaterThan(0), 10_000);
    expect(tab.warnings).toEqual([]);
    const late = open();
    late.page.finishReading();
    await vi.waitFor(() => expect(late.warnings).toHaveLength(1));
    expect(late.warnings[0]).toMatch(/add "http:\/\/127\.0\.0\.1:8000" to realtime\.allowed_origins/);
    const own = new TestPage();
    own.origin = server.url;
    const neighbour = open(own);
    own.finishReading();
    await vi.waitFor(() => expect(neighbour.heard("error").length).toBeGreaterThan(0));
    expect(neighbour.warnings).toEqual([]);
  });

  it("comes back after a refusal or a disconnection by the server", async () => {
    const tab = open();
    await connected(tab);
    server.refuse = () => Object.assign(new Error("full"), { data: { code: "busy", retry_after_ms: 700 } });
    server.latest.disconnect();
    await vi.waitFor(() => expect(tab.heard("error")).toEqual([{ code: "busy", message: "full" }]), 5_000);
    expect(tab.heard("status").at(-1)).toMatchObject({ status: "reconnecting", retry_in_ms: 700 });
    server.refuse = undefined;
    await connected(tab, 2);
  });

  it("returns when a server that goes away said, not sooner", async () => {
    const tab = open();
    await connected(tab);
    server.latest.emit("going_away", { retry_after_ms: 900 });
    await vi.waitFor(() => expect(tab.states.at(-1)).toBe("going_away"));
    server.latest.conn.close();
    await vi.waitFor(() => expect(tab.states.at(-1)).toBe("reconnecting"));
    expect(tab.heard("status").at(-1)).toMatchObject({ retry_in_ms: 900 });
    tab.page.wake();
    expect(tab.states.at(-1)).toBe("reconnecting");
    await connected(tab, 2);
  });

  it("subscribes when there is a connection, once for each", async () => {
    const subscriptions: string[] = [];
    server.greet = (socket) => {
      socket.emit("connection_status", status());
      for (const event of ["subscribe_scraper_status", "unsubscribe_scraper_status"]) {
        socket.on(event, () => subscriptions.push(event));
      }
      socket.on("done", (answer: () => void) => answer());
    };
    const tab = open();
    const settled = (): Promise<void> => new Promise((resolve) => void tab.client.socket.emit("done", resolve));
    tab.client.subscribeScraperStatus();
    await connected(tab);
    await settled();
    expect(subscriptions).toEqual(["subscribe_scraper_status"]);
    server.latest.conn.close();
    await connected(tab, 2);
    await settled();
    expect(subscriptions).toHaveLength(2);
    tab.client.unsubscribeScraperStatus();
    server.latest.conn.close();
    await connected(tab, 3);
    await settled();
    expect(subscriptions.filter((event) => event === "subscribe_scraper_status")).toHaveLength(2);
  });

  it("stays disconnected until told otherwise", async () => {
    const tab = open();
    await connected(tab);
    tab.client.disconnect();
    expect(tab.client.connected).toBe(false);
    expect(tab.states.at(-1)).toBe("disconnected");
    tab.page.wake();
    expect(tab.states.at(-1)).toBe("disconnected");
    tab.client.connect();
    await connected(tab, 2);
    tab.client.socket.disconnect();
    expect(tab.states.at(-1)).toBe("disconnected");
    tab.client.connect();
    await connected(tab, 3);
    expect(server.sockets).toHaveLength(3);
  });

  it("closes when the page is put away and catches up when it is shown again", async () => {
    const tab = open();
    await connected(tab);
    tab.page.putAway();
    expect(tab.client.connected).toBe(false);
    tab.page.wake();
    expect(tab.states.at(-1)).toBe("disconnected");
    tab.page.showAgain();
    await connected(tab, 2);
    expect(server.auths.at(-1)).toEqual({ since: 10, epoch: "e1" });
  });

  it("marks notifications as read", async () => {
    const read: unknown[] = [];
    server.greet = (socket) => {
      socket.emit("connection_status", status());
      socket.on("notification_read", (body: unknown, answer: (result: object) => void) => {
        read.push(body);
        answer({ ok: true, unread: 3 });
      });
    };
    const tab = open();
    const early = tab.client.markRead(4);
    await connected(tab);
    expect(await early).toEqual({ ok: true, unread: 3 });
    expect(await tab.client.markRead([5, 6])).toEqual({ ok: true, unread: 3 });
    expect(read).toEqual([{ ids: [4] }, { ids: [5, 6] }]);
  });

  it("sends its token", async () => {
    const tab = open(new TestPage(), new TestStorage(), { token: "sbt_1" });
    await connected(tab);
    expect(server.auths).toEqual([{ token: "sbt_1" }]);
  });

  it("queues on a stand-in while Socket.IO is loaded, and tries that again too", async () => {
    let attempts = 0;
    const loadIo = (): Promise<typeof io> => {
      attempts += 1;
      return attempts === 1 ? Promise.reject(new Error("no network")) : Promise.resolve(io);
    };
    const tab = new TestTab(server, undefined, new TestPage(), new TestStorage(), { loadIo });
    tabs.push(tab);
    const standIn = tab.client.socket;
    const [kept, once, removed] = [vi.fn(), vi.fn(), vi.fn()];
    server.greet = (socket) => {
      socket.emit("connection_status", status());
      socket.on("ask", (word: string) => socket.emit("answer", word));
    };
    standIn.on("answer", kept).once("answer", once).on("answer", removed).off("answer", removed).emit("ask", "early");
    await connected(tab);
    await vi.waitFor(() => expect(kept).toHaveBeenCalledExactlyOnceWith("early"));
    standIn.emit("ask", "late");
    await vi.waitFor(() => expect(kept).toHaveBeenLastCalledWith("late"));
    expect([once, removed].map(({ mock }) => mock.calls.length)).toEqual([1, 0]);
    expect(standIn.connected).toBe(true);
    expect(tab.heard("error")).toEqual([{ code: "client_not_loaded", message: "no network" }]);
    expect(attempts).toBe(2);
  });
});
