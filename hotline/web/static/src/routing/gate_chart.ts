// By half hours: the service level, today's plan beside the draft, and below it whose wait changes by
// how much. Told apart by dash, symbol, hatching and side of the line before colour.
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TitleComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsCoreOption } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { t } from "../i18n";
import { clock } from "./gate_model";

use([BarChart, LineChart, GridComponent, LegendComponent, TitleComponent, TooltipComponent, CanvasRenderer]);

// What a label of the time axis needs.
const LABEL_PX = 46;
const STEPS = [2, 4, 8, 12];
const [LEFT, RIGHT] = [40, 44];

export interface Levels {
  today: (number | null)[];
  draft: (number | null)[];
  /** Callers a day. */
  offered: number[];
  /** By how many seconds the mean wait grows. */
  longer: (number | null)[];
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Which half hours have callers: the rest of the day says nothing. */
function within({ offered }: Levels): [number, number] {
  const there = offered.flatMap((callers, index) => (callers > 0 ? [index] : []));
  return [there[0] ?? 0, (there.at(-1) ?? offered.length - 1) + 1];
}

function rounded(values: (number | null)[]): (number | null)[] {
  return values.map((value) => (value === null ? null : Number(value.toFixed(1))));
}

/** Both axes of time; as many labels as have room. */
function times(levels: Levels, width: number): object[] {
  const [first, end] = within(levels);
  const line = colour("line");
  const room = (width - LEFT - RIGHT) / (end - first);
  const step = STEPS.find((halfHours) => halfHours * room >= LABEL_PX) ?? STEPS.at(-1) ?? 1;
  const interval = (index: number): boolean => (index + first) % step === 0;
  const axis = {
    type: "category",
    data: levels.offered.map((_, index) => clock(index)).slice(first, end),
    axisTick: { interval },
    axisLine: { lineStyle: { color: line }, onZero: true },
  };
  return [
    { ...axis, gridIndex: 0, axisLabel: { show: false } },
    { ...axis, gridIndex: 1, axisLabel: { color: colour("muted"), interval }, axisLine: { onZero: false, lineStyle: { color: line } } },
  ];
}

function series(levels: Levels): object[] {
  const part = <T>(values: T[]): T[] => values.slice(...within(levels));
  const muted = colour("muted");
  const hatch = { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 3], rotation: -Math.PI / 4, color: colour("panel") };
  const bars = rounded(part(levels.longer)).map((value) => ({
    value,
    itemStyle: (value ?? 0) > 0 ? { color: colour("danger"), decal: hatch } : { color: colour("ok") },
  }));
  const line = (name: string, values: (number | null)[], symbol: string, color: string, width: number, type: string): object => ({
    name,
    type: "line",
    symbol,
    data: rounded(part(values)),
    itemStyle: { color },
    lineStyle: { color, width, type },
  });
  return [
    {
      name: t("routing.gate.offered"),
      type: "bar",
      yAxisIndex: 1,
      data: rounded(part(levels.offered)),
      itemStyle: { color: colour("line") },
    },
    line(t("routing.gate.today"), levels.today, "circle", muted, 1.5, "dashed"),
    line(t("routing.gate.draft"), levels.draft, "rect", colour("accent"), 2, "solid"),
    { name: t("routing.gate.wait_change"), type: "bar", xAxisIndex: 1, yAxisIndex: 2, data: bars },
  ];
}

function option(levels: Levels, width: number): EChartsCoreOption {
  const text = colour("text");
  const muted = colour("muted");
  const line = colour("line");
  const panel = colour("panel");
  const axis = { type: "value", axisLabel: { color: muted }, splitLine: { lineStyle: { color: line } } };
  return {
    animation: false,
    textStyle: { color: text, fontFamily: colour("font") },
    title: [
      { text: t("routing.gate.level_title"), top: 2, left: 0, textStyle: { color: muted, fontSize: 12, fontWeight: "normal" } },
      { text: t("routing.gate.change_title"), top: 190, left: 0, textStyle: { color: muted, fontSize: 12, fontWeight: "normal" } },
    ],
    grid: [
      { left: LEFT, right: RIGHT, top: 28, height: 152 },
      { left: LEFT, right: RIGHT, top: 212, height: 76 },
    ],
    legend: {
      top: 0,
      right: 0,
      itemWidth: 22,
      itemHeight: 10,
      textStyle: { color: text },
      data: [t("routing.gate.offered"), t("routing.gate.today"), t("routing.gate.draft")],
    },
    axisPointer: { link: [{ xAxisIndex: "all" }] },
    tooltip: {
      trigger: "axis",
      // Not HTML: the page's own policy refuses inline styles.
      renderMode: "richText",
      backgroundColor: panel,
      borderColor: line,
      textStyle: { color: text },
    },
    xAxis: times(levels, width),
    yAxis: [
      { ...axis, gridIndex: 0, min: 0, max: 100 },
      { ...axis, gridIndex: 0, splitLine: { show: false } },
      { ...axis, gridIndex: 1, splitNumber: 2 },
    ],
    series: series(levels),
  };
}

export class CompareChart {
  private readonly chart;
  private levels: Levels | null = null;

  constructor(place: HTMLElement) {
    this.chart = init(place, undefined, { renderer: "canvas" });
    new ResizeObserver(() => {
      this.chart.resize();
      this.draw();
    }).observe(place);
    document.addEventListener("theme", () => this.draw());
  }

  show(levels: Levels): void {
    this.levels = levels;
    this.draw();
  }

  private draw(): void {
    if (this.levels) this.chart.setOption(option(this.levels, this.chart.getWidth()), { notMerge: true });
  }
}
