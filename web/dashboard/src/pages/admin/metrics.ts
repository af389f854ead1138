/** What the server's metrics say of the last minutes: how many events a second, and how long they took. */

/** A histogram as it stands: how many were at most as long as each bound. */
export interface Histogram {
  /** In seconds, ascending; the last one is infinite. */
  bounds: readonly number[];
  counts: readonly number[];
}

/** The metrics at one moment. All of them only ever grow, until the server starts anew. */
export interface Sample {
  at_ms: number;
  events: number;
  ingest: Histogram;
  delivery: Histogram;
}

/** What is drawn of one moment; null where nothing was measured. */
export interface Point {
  at_ms: number;
  events_per_second: number | null;
  ingest_ms: Quantiles | null;
  delivery_ms: Quantiles | null;
}

export interface Quantiles {
  p50: number;
  p99: number;
}

/** Rates are told over this time, or they would jump with every event ... */
const RATE_MS = 10_000;
/** ... and latencies over this, for a percentile wants more than a few. */
const LATENCY_MS = 30_000;
/** Samples that lie further apart have a hole between them: nobody looked. */
const HOLE_MS = 20_000;

/** Reads the text form of the metrics. */
export function readSample(text: string, at_ms: number): Sample {
  const sample = { at_ms, events: 0, ingest: new Map<number, number>(), delivery: new Map<number, number>() };
  for (const line of text.split("\n")) {
    const found = /^superbot_(\w+)(?:\{(.*)\})? (\S+)/.exec(line);
    if (found === null) continue;
    const [, name, labels = "", number] = found;
    if (name === "events_total") sample.events += Number(number);
    if (name === "ingest_seconds_bucket") sample.ingest.set(boundOf(labels), Number(number));
    if (name === "delivery_seconds_bucket") sample.delivery.set(boundOf(labels), Number(number));
  }
  return { at_ms, events: sample.events, ingest: histogramOf(sample.ingest), delivery: histogramOf(sample.delivery) };
}

function boundOf(labels: string): number {
  const bound = /le="([^"]*)"/.exec(labels)?.[1] ?? "";
  return bound === "+Inf" ? Number.POSITIVE_INFINITY : Number(bound);
}

function histogramOf(buckets: ReadonlyMap<number, number>): Histogram {
  const sorted = [...buckets].sort(([a], [b]) => a - b);
  return { bounds: sorted.map(([bound]) => bound), counts: sorted.map(([, count]) => count) };
}

/** By how much a counter grew; a smaller one has begun anew, from zero. */
export function growth(before: number, now: number): number {
  return now < before ? now : now - before;
}

/** What was measured between two moments. */
export function difference(before: Histogram, now: Histogram): Histogram {
  const isAnew = (now.counts.at(-1) ?? 0) < (before.counts.at(-1) ?? 0) || before.bounds.length !== now.bounds.length;
  return { bounds: now.bounds, counts: now.counts.map((count, place) => (isAnew ? count : count - (before.counts[place] ?? 0))) };
}

/** The time, in seconds, within which that share was done; inside a bucket it is taken to be spread evenly. */
export function quantile({ bounds, counts }: Histogram, share: number): number | undefined {
  const total = counts.at(-1) ?? 0;
  if (total <= 0) return undefined;
  const wanted = share * total;
  const place = counts.findIndex((count) => count >= wanted);
  const [lower, upper] = [bounds[place - 1] ?? 0, bounds[place] ?? 0];
  const [below, upTo] = [counts[place - 1] ?? 0, counts[place] ?? 0];
  // Of what is longer than the last bound, no more is known than that.
  if (upper === Number.POSITIVE_INFINITY) return lower;
  return upTo === below ? upper : lower + ((wanted - below) / (upTo - below)) * (upper - lower);
}

/** The samples of the last minutes, and what is drawn of them. */
export class History {
  #samples: Sample[] = [];
  #points: Point[] = [];

  constructor(readonly keep_ms: number) {}

  get points(): readonly Point[] {
    return this.#points;
  }

  add(sample: Sample): void {
    const latest = this.#samples.at(-1);
    if (latest !== undefined && sample.at_ms - latest.at_ms > HOLE_MS) {
      // A line across a hole would tell of what nobody saw.
      this.#samples = [];
      this.#points.push({ at_ms: latest.at_ms + 1, events_per_second: null, ingest_ms: null, delivery_ms: null });
    }
    if (this.#samples.length > 0) this.#points.push(this.#pointOf(sample));
    this.#samples.push(sample);
    this.#samples = this.#samples.filter(({ at_ms }) => sample.at_ms - at_ms <= LATENCY_MS);
    this.#points = this.#points.filter(({ at_ms }) => sample.at_ms - at_ms <= this.keep_ms);
  }

  #pointOf(sample: Sample): Point {
    const [recent, earlier] = [this.#since(sample.at_ms - RATE_MS), this.#since(sample.at_ms - LATENCY_MS)];
    const elapsed_s = recent === undefined ? 0 : (sample.at_ms - recent.at_ms) / 1_000;
    return {
      at_ms: sample.at_ms,
      events_per_second: recent === undefined || elapsed_s <= 0 ? null : growth(recent.events, sample.events) / elapsed_s,
      ingest_ms: earlier === undefined ? null : quantilesOf(earlier.ingest, sample.ingest),
      delivery_ms: earlier === undefined ? null : quantilesOf(earlier.delivery, sample.delivery),
    };
  }

  /** The first sample from that time on. */
  #since(at_ms: number): Sample | undefined {
    return this.#samples.find((sample) => sample.at_ms >= at_ms);
  }
}

function quantilesOf(before: Histogram, now: Histogram): Quantiles | null {
  const between = difference(before, now);
  const [p50, p99] = [quantile(between, 0.5), quantile(between, 0.99)];
  return p50 === undefined || p99 === undefined ? null : { p50: p50 * 1_000, p99: p99 * 1_000 };
}
