// The day by quarter hours. Told apart by fill, hatching and line before colour.
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { use, type EChartsCoreOption } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { colour, drawn, frame, legend, names, numbers, type Inks } from "../charts";
import { t } from "../i18n";
import { timeOfDay } from "../time";
import type { Interval } from "./types";

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

const QUARTER_S = 900;
const DAY_QUARTERS = 96;

/** The whole day: quarters that have not come yet are empty, not zero. */
function day(intervals: Interval[]): (Interval | { start: number })[] {
  const first = intervals[0]?.start ?? 0;
  const after = Math.max(0, DAY_QUARTERS - intervals.length);
  const rest = Array.from({ length: after }, (_, index) => ({
    start: first + (intervals.length + index) * QUARTER_S,
  }));
  return [...intervals, ...rest];
}

function option(intervals: Interval[], ink: Inks): EChartsCoreOption {
  const quarters = day(intervals);
  const values = (name: "arrived" | "answered" | "abandoned") =>
    quarters.map((quarter) => ("arrived" in quarter ? quarter[name] : null));
  const hatch = { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 3], rotation: -Math.PI / 4, color: ink.panel };
  return {
    ...frame(ink),
    grid: { left: 36, right: 10, top: 28, bottom: 24 },
    legend: legend(ink),
    xAxis: names(ink, quarters.map((quarter) => timeOfDay(quarter.start)), (index) => index % 8 === 0),
    yAxis: { ...numbers(ink), minInterval: 1 },
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
        itemStyle: { color: ink.text },
        lineStyle: { color: ink.text, width: 1.5 },
      },
    ],
  };
}

export class DayChart {
  private readonly draw: () => void;
  private intervals: Interval[] = [];

  constructor(place: HTMLElement) {
    this.draw = drawn(place, (ink) => option(this.intervals, ink));
  }

  show(intervals: Interval[]): void {
    this.intervals = intervals;
    this.draw();
  }
}
