// What callers were told beside how long they then waited, by hour of the day. Told apart by dash and
// symbol before colour.
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { use, type EChartsCoreOption } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { drawn, frame, legend, names, numbers, type Inks } from "../charts";
import { t } from "../i18n";

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

/** hotline/waiting/hours.py; seconds. */
export interface Hour {
  hour: number;
  told: number;
  compared: number;
  told_s: number | null;
  waited_s: number | null;
}

function option(hours: Hour[], ink: Inks): EChartsCoreOption {
  const whole = (name: "told_s" | "waited_s"): (number | null)[] =>
    hours.map(({ [name]: value }) => (value === null ? null : Math.round(value)));
  return {
    ...frame(ink),
    grid: { left: 44, right: 48, top: 30, bottom: 24 },
    legend: legend(ink, 22),
    xAxis: names(ink, hours.map(({ hour }) => `${String(hour).padStart(2, "0")}:00`)),
    yAxis: [numbers(ink), { ...numbers(ink), minInterval: 1, splitLine: { show: false } }],
    series: [
      {
        name: t("waits.told_right"),
        type: "bar",
        yAxisIndex: 1,
        data: hours.map(({ told }) => told),
        itemStyle: { color: ink.line },
      },
      {
        name: t("waits.told_mean_s"),
        type: "line",
        symbol: "circle",
        symbolSize: 6,
        data: whole("told_s"),
        itemStyle: { color: ink.muted },
        lineStyle: { color: ink.muted, width: 1.5, type: "dashed" },
      },
      {
        name: t("waits.waited_mean_s"),
        type: "line",
        symbol: "rect",
        symbolSize: 6,
        data: whole("waited_s"),
        itemStyle: { color: ink.accent },
        lineStyle: { color: ink.accent, width: 2 },
      },
    ],
  };
}

export class HourChart {
  constructor(place: HTMLElement, hours: Hour[]) {
    drawn(place, (ink) => option(hours, ink));
  }
}
