// What callers were told beside how long they then waited, by hour of the day. Told apart by dash and
// symbol before colour.
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsCoreOption } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
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

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function option(hours: Hour[]): EChartsCoreOption {
  const text = colour("text");
  const muted = colour("muted");
  const line = colour("line");
  const accent = colour("accent");
  const whole = (name: "told_s" | "waited_s"): (number | null)[] =>
    hours.map(({ [name]: value }) => (value === null ? null : Math.round(value)));
  const axis = { type: "value", axisLabel: { color: muted }, splitLine: { lineStyle: { color: line } } };
  return {
    animation: false,
    textStyle: { color: text, fontFamily: colour("font") },
    grid: { left: 44, right: 48, top: 30, bottom: 24 },
    legend: { top: 0, right: 0, itemWidth: 22, itemHeight: 10, textStyle: { color: text } },
    tooltip: {
      trigger: "axis",
      // Not HTML: the page's own policy refuses inline styles.
      renderMode: "richText",
      backgroundColor: colour("panel"),
      borderColor: line,
      textStyle: { color: text },
    },
    xAxis: {
      type: "category",
      data: hours.map(({ hour }) => `${String(hour).padStart(2, "0")}:00`),
      axisLabel: { color: muted, hideOverlap: true },
      axisLine: { lineStyle: { color: line } },
    },
    yAxis: [axis, { ...axis, minInterval: 1, splitLine: { show: false } }],
    series: [
      {
        name: t("waits.told_right"),
        type: "bar",
        yAxisIndex: 1,
        data: hours.map(({ told }) => told),
        itemStyle: { color: line },
      },
      {
        name: t("waits.told_mean_s"),
        type: "line",
        symbol: "circle",
        symbolSize: 6,
        data: whole("told_s"),
        itemStyle: { color: muted },
        lineStyle: { color: muted, width: 1.5, type: "dashed" },
      },
      {
        name: t("waits.waited_mean_s"),
        type: "line",
        symbol: "rect",
        symbolSize: 6,
        data: whole("waited_s"),
        itemStyle: { color: accent },
        lineStyle: { color: accent, width: 2 },
      },
    ],
  };
}

export class HourChart {
  constructor(place: HTMLElement, hours: Hour[]) {
    const chart = init(place, undefined, { renderer: "canvas" });
    const draw = (): void => chart.setOption(option(hours), { notMerge: true });
    new ResizeObserver(() => chart.resize()).observe(place);
    document.addEventListener("theme", draw);
    draw();
  }
}
