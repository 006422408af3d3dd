// The day by quarter hours. Told apart by fill, hatching and line before colour.
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsCoreOption } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { t } from "../i18n";
import { timeOfDay } from "../time";
import type { Interval } from "./types";

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

const QUARTER_S = 900;
const DAY_QUARTERS = 96;

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** The whole day: quarters that have not come yet are empty, not zero. */
function day(intervals: Interval[]): (Interval | { start: number })[] {
  const first = intervals[0]?.start ?? 0;
  const after = Math.max(0, DAY_QUARTERS - intervals.length);
  const rest = Array.from({ length: after }, (_, index) => ({
    start: first + (intervals.length + index) * QUARTER_S,
  }));
  return [...intervals, ...rest];
}

function option(intervals: Interval[]): EChartsCoreOption {
  const quarters = day(intervals);
  const text = colour("text");
  const muted = colour("muted");
  const line = colour("line");
  const panel = colour("panel");
  const values = (name: "arrived" | "answered" | "abandoned") =>
    quarters.map((quarter) => ("arrived" in quarter ? quarter[name] : null));
  const hatch = { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 3], rotation: -Math.PI / 4, color: panel };
  return {
    animation: false,
    textStyle: { color: text, fontFamily: colour("font") },
    grid: { left: 36, right: 10, top: 28, bottom: 24 },
    legend: { top: 0, right: 0, itemWidth: 16, itemHeight: 10, textStyle: { color: text } },
    tooltip: {
      trigger: "axis",
      // Not HTML: the page's own policy refuses inline styles.
      renderMode: "richText",
      backgroundColor: panel,
      borderColor: line,
      textStyle: { color: text },
    },
    xAxis: {
      type: "category",
      data: quarters.map((quarter) => timeOfDay(quarter.start)),
      axisLabel: { color: muted, interval: (index: number) => index % 8 === 0 },
      axisTick: { interval: (index: number) => index % 8 === 0 },
      axisLine: { lineStyle: { color: line } },
    },
    yAxis: {
      type: "value",
      minInterval: 1,
      axisLabel: { color: muted },
      splitLine: { lineStyle: { color: line } },
    },
    series: [
      {
        name: t("board.answered"),
        type: "bar",
        stack: "calls",
        barCategoryGap: "15%",
        data: values("answered"),
        itemStyle: { color: colour("state-talking") },
      },
      {
        name: t("board.abandoned"),
        type: "bar",
        stack: "calls",
        data: values("abandoned"),
        itemStyle: { color: colour("danger"), decal: hatch },
      },
      {
        name: t("board.arrived"),
        type: "line",
        step: "middle",
        symbol: "none",
        data: values("arrived"),
        itemStyle: { color: text },
        lineStyle: { color: text, width: 1.5 },
      },
    ],
  };
}

export class DayChart {
  private readonly chart;
  private intervals: Interval[] = [];

  constructor(place: HTMLElement) {
    this.chart = init(place, undefined, { renderer: "canvas" });
    new ResizeObserver(() => this.chart.resize()).observe(place);
    document.addEventListener("theme", () => this.draw());
  }

  show(intervals: Interval[]): void {
    this.intervals = intervals;
    this.draw();
  }

  private draw(): void {
    this.chart.setOption(option(this.intervals), { notMerge: true });
  }
}
