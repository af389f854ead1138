import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { clock } from "../../format";

const HEIGHT_PX = 160;

/** A line of a chart: its name, and the token of its colour. */
export interface Line {
  label: string;
  token: string;
}

export interface LineChart {
  /** Draws other numbers: times in seconds, then one list for each line. */
  show: (data: uPlot.AlignedData) => void;
  remove: () => void;
}

/** Draws lines over the last minutes. `words` writes what stands at the axis. */
export function drawLines(place: HTMLElement, lines: readonly Line[], keep_ms: number, words: (value: number) => string): LineChart {
  let data: uPlot.AlignedData = [[], ...lines.map(() => [])] as unknown as uPlot.AlignedData;
  const draw = (): uPlot => new uPlot(options(place.clientWidth, lines, keep_ms, words), data, place);
  let plot = draw();
  // A canvas keeps the colours that it was drawn in.
  const redraw = (): void => {
    plot.destroy();
    plot = draw();
  };
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", redraw);
  const theme = new MutationObserver(redraw);
  theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  const size = new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: HEIGHT_PX }));
  size.observe(place);
  return {
    show: (next) => {
      data = next;
      plot.setData(data);
    },
    remove: () => {
      scheme.removeEventListener("change", redraw);
      theme.disconnect();
      size.disconnect();
      plot.destroy();
    },
  };
}

function options(width: number, lines: readonly Line[], keep_ms: number, words: (value: number) => string): uPlot.Options {
  const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
  return {
    width,
    height: HEIGHT_PX,
    legend: { show: false },
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

/** The value of a token as the canvas knows it: one colour, of the scheme that is shown. */
function colour(token: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
