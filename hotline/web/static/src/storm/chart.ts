// Registrations by ten minutes.
import { BarChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsCoreOption } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { t } from "../i18n";
import { timeOfDay } from "../time";

use([BarChart, GridComponent, TooltipComponent, CanvasRenderer]);

/** The beginning of each ten minutes, and how many registered in them. */
export type Slots = [number, number][];

const LABELS = 12;

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function option(slots: Slots): EChartsCoreOption {
  const text = colour("text");
  const line = colour("line");
  const every = Math.max(1, Math.ceil(slots.length / LABELS));
  const labelled = (index: number) => index % every === 0;
  return {
    animation: false,
    textStyle: { color: text, fontFamily: colour("font") },
    grid: { left: 36, right: 10, top: 12, bottom: 24 },
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
      data: slots.map(([start]) => timeOfDay(start)),
      axisLabel: { color: colour("muted"), interval: labelled },
      axisTick: { interval: labelled },
      axisLine: { lineStyle: { color: line } },
    },
    yAxis: {
      type: "value",
      minInterval: 1,
      axisLabel: { color: colour("muted") },
      splitLine: { lineStyle: { color: line } },
    },
    series: [
      {
        name: t("storm.registered"),
        type: "bar",
        barCategoryGap: "15%",
        data: slots.map(([, count]) => count),
        itemStyle: { color: colour("state-talking") },
      },
    ],
  };
}

export class SlotChart {
  private readonly chart;
  private slots: Slots = [];

  constructor(place: HTMLElement) {
    this.chart = init(place, undefined, { renderer: "canvas" });
    new ResizeObserver(() => this.chart.resize()).observe(place);
    document.addEventListener("theme", () => this.draw());
  }

  show(slots: Slots): void {
    this.slots = slots;
    this.draw();
  }

  private draw(): void {
    this.chart.setOption(option(this.slots), { notMerge: true });
  }
}
