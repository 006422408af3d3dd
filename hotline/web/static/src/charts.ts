// The frame that every chart stands in: its inks, its axes, its tooltip, and when it is drawn anew.
import { init, type EChartsCoreOption } from "echarts/core";

export interface Inks {
  text: string;
  muted: string;
  line: string;
  panel: string;
  accent: string;
}

export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** The page's colours as they are now: they follow the theme. */
export function inks(): Inks {
  return {
    text: colour("text"),
    muted: colour("muted"),
    line: colour("line"),
    panel: colour("panel"),
    accent: colour("accent"),
  };
}

/** What all charts share; a series brings its own legend when it needs one. */
export function frame(ink: Inks): EChartsCoreOption {
  return {
    animation: false,
    textStyle: { color: ink.text, fontFamily: colour("font") },
    tooltip: {
      trigger: "axis",
      // Not HTML: the page's own policy refuses inline styles.
      renderMode: "richText",
      backgroundColor: ink.panel,
      borderColor: ink.line,
      textStyle: { color: ink.text },
    },
  };
}

export function legend(ink: Inks, itemWidth = 16): EChartsCoreOption {
  return { top: 0, right: 0, itemWidth, itemHeight: 10, textStyle: { color: ink.text } };
}

/** An axis of names; `labelled` says which of them are written. */
export function names(ink: Inks, data: string[], labelled?: (index: number) => boolean): EChartsCoreOption {
  return {
    type: "category",
    data,
    axisLabel: { color: ink.muted, ...(labelled ? { interval: labelled } : { hideOverlap: true }) },
    ...(labelled ? { axisTick: { interval: labelled } } : {}),
    axisLine: { lineStyle: { color: ink.line } },
  };
}

export function numbers(ink: Inks): EChartsCoreOption {
  return {
    type: "value",
    axisLabel: { color: ink.muted },
    splitLine: { lineStyle: { color: ink.line } },
  };
}

/** Draw into a place, and again when the theme changes; the answer draws once more. */
export function drawn(place: HTMLElement, option: (ink: Inks) => EChartsCoreOption): () => void {
  const chart = init(place, undefined, { renderer: "canvas" });
  const draw = (): void => chart.setOption(option(inks()), { notMerge: true });
  new ResizeObserver(() => chart.resize()).observe(place);
  document.addEventListener("theme", draw);
  draw();
  return draw;
}
