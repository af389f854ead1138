import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { metricsText } from "../../api/admin";
import type { Chart as DrawnChart } from "../../parts/chart";
import { ProblemNote } from "../../parts/problem";
import { useLoaded } from "../../state/loaded";
import type { Line } from "./line-chart";
import { History, type Point, type Quantiles, readSample } from "./metrics";

const KEEP_MS = 5 * 60_000;
const REFRESH_MS = 3_000;

const EVENTS: readonly Line[] = [{ label: "events", token: "--accent" }];
const LATENCY: readonly Line[] = [{ label: "half within (p50)", token: "--accent" }, { label: "99 of 100 within (p99)", token: "--warn" }];

/** The last minutes of the server, as they pass. */
export function Charts() {
  const history = useMemo(() => new History(KEEP_MS), []);
  const metrics = useLoaded(async (options) => {
    history.add(readSample(await metricsText(options), Date.now()));
    return [...history.points];
  }, REFRESH_MS);
  const points = metrics.value.value ?? [];
  return (
    <>
      <ProblemNote message={metrics.problem.value} retry={() => void metrics.load()} />
      <div class="admin-charts">
        <Chart title="Events a second" points={points} lines={EVENTS} words={number} values={({ events_per_second }) => [events_per_second]} />
        <Chart title="Delivery" about="From an event to its sending" points={points} lines={LATENCY} words={milliseconds} values={({ delivery_ms }) => both(delivery_ms)} />
        <Chart title="Intake" about="From reading listings to their commit" points={points} lines={LATENCY} words={milliseconds} values={({ ingest_ms }) => both(ingest_ms)} />
      </div>
    </>
  );
}

function both(quantiles: Quantiles | null): (number | null)[] {
  return quantiles === null ? [null, null] : [quantiles.p50, quantiles.p99];
}

interface ChartProps {
  title: string;
  about?: string;
  points: readonly Point[];
  lines: readonly Line[];
  words: (value: number) => string;
  values: (point: Point) => (number | null)[];
}

function Chart({ title, about, points, lines, words, values }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<DrawnChart | undefined>(undefined);
  const latest = points.at(-1);
  const now = latest === undefined ? lines.map(() => null) : values(latest);
  const isHere = useChart(place, chart, lines, words);
  useEffect(() => {
    const columns = lines.map((_, line) => points.map((point) => values(point)[line] ?? null));
    chart.current?.show([points.map(({ at_ms }) => at_ms / 1_000), ...columns]);
  }, [points, isHere]);
  return (
    <section class="card-box admin-chart">
      <h2>{title}</h2>
      {about !== undefined && <p class="quiet">{about}</p>}
      <ul class="admin-chart-now">
        {lines.map(({ label, token }, line) => (
          <li key={label}>
            <span class="admin-chart-key" data-token={token} />
            <strong>{valueOf(now[line], words)}</strong> <span class="quiet">{label}</span>
          </li>
        ))}
      </ul>
      <div class="admin-plot" ref={place} aria-hidden="true" />
    </section>
  );
}

/** Fetches what draws, when it is first needed. */
function useChart(
  place: { current: HTMLDivElement | null },
  chart: { current: DrawnChart | undefined },
  lines: readonly Line[],
  words: (value: number) => string,
): boolean {
  const isHere = useSignal(false);
  useEffect(() => {
    let isGone = false;
    // Without it the numbers are still there.
    void import("./line-chart").then(({ drawLines }) => {
      if (isGone || place.current === null) return;
      chart.current = drawLines(place.current, lines, KEEP_MS, words);
      isHere.value = true;
    }, () => undefined);
    return () => {
      isGone = true;
      chart.current?.remove();
      chart.current = undefined;
    };
  }, []);
  return isHere.value;
}

function valueOf(value: number | null | undefined, words: (value: number) => string): string {
  return value === null || value === undefined ? "–" : words(value);
}

function number(value: number): string {
  return value.toLocaleString(undefined, { maximumFractionDigits: value < 10 ? 1 : 0 });
}

function milliseconds(value: number): string {
  return value >= 1_000 ? `${number(value / 1_000)} s` : `${number(value)} ms`;
}
