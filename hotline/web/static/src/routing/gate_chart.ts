// The service level by half hours, today's plan beside the draft; told apart by dash and symbol
// before colour.
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsCoreOption } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { t } from "../i18n";

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

export interface Levels {
  today: (number | null)[];
  draft: (number | null)[];
  /** Callers a day. */
  offered: number[];
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function option({ today, draft, offered }: Levels): EChartsCoreOption {
  const text = colour("text");
  const muted = colour("muted");
  const line = colour("line");
  const panel = colour("panel");
  const hours = offered.map((_, index) => `${String(Math.floor(index / 2)).padStart(2, "0")}:${index % 2 ? "30" : "00"}`);
  const rounded = (values: (number | null)[]): (number | null)[] =>
    values.map((value) => (value === null ? null : Number(value.toFixed(1))));
  const axis = { axisLabel: { color: muted }, splitLine: { lineStyle: { color: line } } };
  return {
    animation: false,
    textStyle: { color: text, fontFamily: colour("font") },
    grid: { left: 40, right: 44, top: 28, bottom: 24 },
    legend: { top: 0, right: 0, itemWidth: 22, itemHeight: 10, textStyle: { color: text } },
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
      data: hours,
      axisLabel: { color: muted, interval: (index: number) => index % 4 === 0 },
      axisTick: { interval: (index: number) => index % 4 === 0 },
      axisLine: { lineStyle: { color: line } },
    },
    yAxis: [
      { type: "value", min: 0, max: 100, ...axis },
      { type: "value", ...axis, splitLine: { show: false } },
    ],
    series: [
      {
        name: t("routing.gate.offered"),
        type: "bar",
        yAxisIndex: 1,
        data: offered.map((value) => Number(value.toFixed(1))),
        itemStyle: { color: line },
      },
      {
        name: t("routing.gate.today"),
        type: "line",
        symbol: "circle",
        data: rounded(today),
        itemStyle: { color: muted },
        lineStyle: { color: muted, width: 1.5, type: "dashed" },
      },
      {
        name: t("routing.gate.draft"),
        type: "line",
        symbol: "rect",
        data: rounded(draft),
        itemStyle: { color: colour("accent") },
        lineStyle: { color: colour("accent"), width: 2 },
      },
    ],
  };
}

export class CompareChart {
  private readonly chart;
  private levels: Levels | null = null;

  constructor(place: HTMLElement) {
    this.chart = init(place, undefined, { renderer: "canvas" });
    new ResizeObserver(() => this.chart.resize()).observe(place);
    document.addEventListener("theme", () => this.draw());
  }

  show(levels: Levels): void {
    this.levels = levels;
    this.draw();
  }

  private draw(): void {
    if (this.levels) this.chart.setOption(option(this.levels), { notMerge: true });
  }
}
