import uPlot from "uplot";
import type { PriceView } from "../../api/schema";
import { price as inWords } from "../../format";
import { axisLook, type Chart, colour, drawChart } from "../../parts/chart";

const HEIGHT_PX = 180;

/** Draws prices over time as steps, for a price holds until the next one. */
export function drawPrices(place: HTMLElement, prices: readonly PriceView[]): Chart {
  const last = prices.findLast(({ price, price_per: per }) => price !== null && (price > 0 || per !== null)) ?? prices.at(-1);
  const currency = last?.currency ?? "";
  const times = prices.map(({ at }) => Date.parse(at) / 1_000);
  // Prices for another period or in another currency cannot be compared on one axis.
  const isComparable = ({ price_per: per, currency: other }: PriceView) => per === last?.price_per && other === currency;
  const amounts = prices.map((point) => (isComparable(point) ? point.price ?? null : null));
  // The last price holds until now.
  const data: uPlot.AlignedData = [[...times, Date.now() / 1_000], [...amounts, amounts.at(-1) ?? null]];
  return drawChart(place, HEIGHT_PX, () => options(currency), data);
}

function options(currency: string): Partial<uPlot.Options> {
  const steps = uPlot.paths.stepped?.({ align: 1 });
  const axis = axisLook();
  return {
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { y: { range: (_, min, max) => rangeOf(min, max) } },
    axes: [
      { ...axis, values: (plot, splits) => timesOf(plot, splits) },
      { ...axis, size: 72, values: (_, splits) => splits.map((amount) => inWords(amount, currency)) },
    ],
    series: [
      {},
      {
        stroke: colour("--accent"),
        width: 2,
        ...(steps === undefined ? {} : { paths: steps }),
        points: { show: true, size: 6, fill: colour("--accent") },
      },
    ],
  };
}

const DAY_S = 86_400;

/** Times as the reader writes them: days where there are several, else times of the day. */
function timesOf(plot: uPlot, splits: readonly number[]): string[] {
  const { min = 0, max = 0 } = plot.scales["x"] ?? {};
  const span_s = (max ?? 0) - (min ?? 0);
  const how: Intl.DateTimeFormatOptions =
    span_s > 2 * DAY_S ? { day: "numeric", month: "short" }
    : span_s > 600 ? { hour: "numeric", minute: "2-digit" }
    : { hour: "numeric", minute: "2-digit", second: "2-digit" };
  const format = new Intl.DateTimeFormat(undefined, how);
  return splits.map((time_s) => format.format(new Date(time_s * 1_000)));
}

/** A tenth of room above and below, and never below zero. */
function rangeOf(min: number, max: number): [number, number] {
  const room = (max - min) / 10 || max / 10 || 1;
  return [Math.max(0, min - room), max + room];
}
