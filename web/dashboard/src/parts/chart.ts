/** A chart that keeps the colours of the theme and the width of its place. */
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface Chart {
  /** Draws other numbers: those of the axis, then one list for each line. */
  show: (data: uPlot.AlignedData) => void;
  remove: () => void;
}

/** Draws a chart into a place that it fills; `options` are asked for again whenever the colours change. */
export function drawChart(place: HTMLElement, height_px: number, options: () => Partial<uPlot.Options>, first: uPlot.AlignedData): Chart {
  let data = first;
  const whole = (): uPlot.Options => ({ series: [], ...options(), width: place.clientWidth, height: height_px, legend: { show: false } });
  const draw = (): uPlot => new uPlot(whole(), data, place);
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
  const size = new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: height_px }));
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

/** How axes look. */
export function axisLook(): uPlot.Axis {
  return { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
}

/** The value of a token as the canvas knows it: one colour, of the scheme that is shown. */
export function colour(token: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
