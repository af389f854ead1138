import type uPlot from "uplot";
import { clock } from "../../format";
import { axisLook, type Chart, colour, drawChart } from "../../parts/chart";

const HEIGHT_PX = 160;

/** A line of a chart: its name, and the token of its colour. */
export interface Line {
  label: string;
  token: string;
}

/** Draws lines over the last minutes, times in seconds. `words` writes what stands at the axis. */
export function drawLines(place: HTMLElement, lines: readonly Line[], keep_ms: number, words: (value: number) => string): Chart {
  const nothing = [[], ...lines.map(() => [])] as unknown as uPlot.AlignedData;
  return drawChart(place, HEIGHT_PX, () => options(lines, keep_ms, words), nothing);
}

function options(lines: readonly Line[], keep_ms: number, words: (value: number) => string): Partial<uPlot.Options> {
  const axis = axisLook();
  return {
    cursor: { show: false },
    scales: {
      // The time runs on though nothing is measured.
      x: { range: () => [(Date.now() - keep_ms) / 1_000, Date.now() / 1_000] },
      y: { range: (_, __, max) => [0, Math.max(max * 1.1, 0.1)] },
    },
    axes: [
      { ...axis, space: 80, size: 28, values: (_, splits) => splits.map((at_s) => clock(new Date(at_s * 1_000))) },
      { ...axis, size: 56, values: (_, splits) => splits.map(words) },
    ],
    series: [{}, ...lines.map(({ label, token }) => ({ label, stroke: colour(token), width: 2, points: { show: false }, spanGaps: false }))],
  };
}
