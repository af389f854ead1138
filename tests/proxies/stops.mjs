// What is lost when a server behind a proxy stops or dies: nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../program.mjs";
import { ask } from "./client.mjs";
import { addresses } from "./site.mjs";

/** Tries the end of a server; `repeatsBodies` as in `tryProxy`. */
export function tryStops(name, site, repeatsBodies) {
  test(`${name} loses nothing when a server is stopped as planned`, async () => {
    const listeners = await site.crowd(4);
    const titles = Array.from({ length: 60 }, (_, number) => `planned ${number}`);
    let stopped;
    const failures = await site.postAll(titles, (index) => {
      if (index === 20) stopped = site.world.nodes[1].stop();
    });
    await stopped;
    const excused = (failure) => !repeatsBodies && failure.includes(": 502 ");
    assert.deepEqual(failures.filter((failure) => !excused(failure)), [], "every posting was taken at the first try");
    await site.allHeard(listeners, titles);
    assert.ok(listeners.some(({ greetings }) => greetings.length > 1), "somebody had to move");
    for (const { greetings } of listeners) assert.ok(greetings.slice(1).every(({ recovered }) => recovered));
    for (const listener of listeners) listener.close();
    await site.world.nodes[1].resume();
    await site.world.ready();
  });

  test(`${name} loses nothing when a server dies`, async () => {
    await site.world.ready();
    // It is known again that both are there.
    await until("both to be used", async () => {
      const before = await site.world.figures("superbot_sessions_opened_total");
      const both = await Promise.all(addresses(8).map((from) => ask(site.proxy, "GET", "/socket.io/?EIO=4&transport=polling", { from })));
      assert.ok(both.every(({ status }) => status === 200));
      const now = await site.world.figures("superbot_sessions_opened_total");
      return now.every((count, index) => count > before[index]);
    });
    const listeners = await site.crowd(4);
    const titles = Array.from({ length: 60 }, (_, number) => `died ${number}`);
    let killed;
    await site.postAll(titles, (index) => {
      if (index === 20) killed = site.world.nodes[0].stop("SIGKILL");
    });
    await killed;
    await site.allHeard(listeners, titles);
    assert.ok(listeners.some(({ greetings }) => greetings.length > 1), "somebody had to move");
    for (const listener of listeners) listener.close();
    await site.world.nodes[0].resume();
  });
}
