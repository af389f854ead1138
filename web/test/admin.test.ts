import { describe, expect, it } from "vitest";
import { size, span } from "../dashboard/src/pages/admin/figures";
import { difference, growth, History, quantile, readSample } from "../dashboard/src/pages/admin/metrics";
import { deviceOf } from "../dashboard/src/pages/account/device";
import { inviteOf } from "../pages/src/next";

/** The metrics as the server writes them, with so many events, all of them delivered within the given bucket. */
function metrics(events: number, bucket: 0.001 | 0.002 | "+Inf" = 0.001): string {
  const within = (bound: number): number => (bucket !== "+Inf" && bound >= bucket ? events : 0);
  return `# HELP superbot_events Events delivered.
# TYPE superbot_events counter
superbot_events_total{event="notification"} 2
superbot_events_total{event="new_listing"} ${events - 2}
superbot_delivery_seconds_sum 1.5
superbot_delivery_seconds_count ${events}
superbot_delivery_seconds_bucket{le="0.001"} ${within(0.001)}
superbot_delivery_seconds_bucket{le="0.002"} ${within(0.002)}
superbot_delivery_seconds_bucket{le="+Inf"} ${events}
superbot_ingest_seconds_bucket{le="+Inf"} 0
# EOF
`;
}

describe("metrics", () => {
  it("are read from their text", () => {
    const { events, delivery } = readSample(metrics(10, 0.002), 0);
    expect(events).toBe(10);
    expect(delivery).toEqual({ bounds: [0.001, 0.002, Number.POSITIVE_INFINITY], counts: [0, 10, 10] });
    expect(readSample("nonsense\n\nsuperbot_x{ 1", 0)).toMatchObject({ events: 0, delivery: { bounds: [], counts: [] } });
  });

  it("that begin anew count from zero", () => {
    expect([growth(5, 9), growth(9, 5)]).toEqual([4, 5]);
    const histogram = (counts: number[]) => ({ bounds: [1, 2], counts });
    expect(difference(histogram([1, 4]), histogram([2, 9])).counts).toEqual([1, 5]);
    expect(difference(histogram([1, 40]), histogram([2, 9])).counts).toEqual([2, 9]);
  });

  it("give quantiles between the bounds of a bucket, and never more than is known", () => {
    const bounds = [1, 2, 4, Number.POSITIVE_INFINITY];
    expect(quantile({ bounds, counts: [0, 10, 10, 10] }, 0.5)).toBe(1.5);
    expect(quantile({ bounds, counts: [10, 10, 10, 10] }, 0.99)).toBeCloseTo(0.99);
    expect(quantile({ bounds, counts: [0, 0, 0, 10] }, 0.5)).toBe(4);
    expect(quantile({ bounds, counts: [0, 0, 0, 0] }, 0.5)).toBeUndefined();
    expect(quantile({ bounds: [], counts: [] }, 0.5)).toBeUndefined();
  });

  it("become rates and latencies, through a restart of the server and a hole", () => {
    const history = new History(300_000);
    const add = (at_s: number, events: number): void => history.add(readSample(metrics(events), at_s * 1_000));
    add(0, 100);
    expect(history.points).toEqual([]);
    add(2, 140);
    expect(history.points.at(-1)).toMatchObject({ events_per_second: 20, ingest_ms: null });
    expect(history.points.at(-1)?.delivery_ms?.p50).toBeCloseTo(0.5);
    add(4, 10);
    const restarted = history.points.at(-1);
    expect(restarted?.events_per_second).toBe(2.5);
    add(100, 50);
    expect(history.points.at(-1)).toMatchObject({ events_per_second: null, delivery_ms: null });
    add(102, 50);
    expect(history.points.at(-1)).toMatchObject({ events_per_second: 0, delivery_ms: null });
  });

  it("are forgotten after a while", () => {
    const history = new History(10_000);
    for (let at_s = 0; at_s < 100; at_s += 2) history.add(readSample(metrics(at_s + 2), at_s * 1_000));
    expect(history.points.length).toBeLessThanOrEqual(6);
  });
});

describe("figures", () => {
  it("are written with few digits", () => {
    expect([0, 999, 352_256, 1_500_000, 5e15].map((bytes) => size(bytes, "en"))).toEqual(["0 byte", "999 byte", "352 kB", "1.5 MB", "5,000 TB"]);
    expect([0, 59, 3_600, 3_725, 90_061].map(span)).toEqual(["0 s", "59 s", "1 h", "1 h 2 min", "1 d 1 h"]);
  });
});

describe("sessions", () => {
  it("are named by browser and system, or as they name themselves", () => {
    const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36";
    expect(deviceOf(chrome)).toBe("Chrome on Linux");
    expect(deviceOf(`${chrome} Edg/120.0`)).toBe("Edge on Linux");
    expect(deviceOf("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Mobile Safari/604.1")).toBe("Safari on iPhone");
    expect(deviceOf("curl/8.5.0")).toBe("curl");
    expect(deviceOf("<img src=x>")).toBe("<img src=x>");
    expect(deviceOf("")).toMatch(/does not say/);
    expect(deviceOf("x".repeat(500))).toHaveLength(80);
  });
});

describe("an invitation's link", () => {
  it("carries what to register with", () => {
    expect(inviteOf("#invite=sbi_abc")).toBe("sbi_abc");
    for (const other of ["", "#register", "#invite=", "#other=1"]) expect(inviteOf(other)).toBeUndefined();
    expect(inviteOf("#invite=%")).toBe("%");
  });
});
