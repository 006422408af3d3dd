// Bars, columns and the week's heat map. Every value stands beside or in its mark, so grey tells as
// much as colour.
import { BarChart, HeatmapChart } from "echarts/charts";
import { GridComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { use, type EChartsCoreOption } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { drawn, frame, names, numbers, type Inks } from "../charts";

use([BarChart, HeatmapChart, GridComponent, TooltipComponent, VisualMapComponent, CanvasRenderer]);

/** What hotline/web/judging_figures.py sends. */
export interface Figure {
  kind: "bars" | "columns" | "week";
  name: string;
  names: string[];
  values: number[];
  percent: boolean;
  rows: string[];
  cells: number[][];
}

const BAR_PX = 26;
const ROOM_PX = 40;

function written(figure: Figure, value: number): string {
  return figure.percent ? `${value.toFixed(1)} %` : value.toLocaleString("en-US");
}

function bars(figure: Figure, ink: Inks): EChartsCoreOption {
  const upright = figure.kind === "columns";
  const crowded = upright && figure.names.length > 16;
  const axisOfNames = upright
    ? names(ink, figure.names)
    : { ...names(ink, figure.names), inverse: true, axisLabel: { color: ink.text, width: 130, overflow: "truncate" } };
  const axisOfNumbers = { ...numbers(ink), ...(figure.percent ? { max: 100 } : { minInterval: 1 }) };
  return {
    ...frame(ink),
    grid: upright
      ? { left: 44, right: 12, top: 24, bottom: 24 }
      : { left: 8, right: 56, top: 4, bottom: 4, containLabel: true },
    xAxis: upright ? axisOfNames : axisOfNumbers,
    yAxis: upright ? axisOfNumbers : axisOfNames,
    series: [
      {
        name: figure.name,
        type: "bar",
        barCategoryGap: "25%",
        data: figure.values,
        itemStyle: { color: ink.accent },
        label: {
          show: !crowded,
          position: upright ? "top" : "right",
          color: ink.text,
          formatter: ({ value }: { value: number }) => written(figure, value),
        },
      },
    ],
  };
}

function week(figure: Figure, ink: Inks): EChartsCoreOption {
  const data = figure.cells.flatMap((row, y) => row.map((value, x) => [x, y, value]));
  const most = Math.max(1, ...data.map(([, , value]) => value ?? 0));
  return {
    ...frame(ink),
    tooltip: { ...(frame(ink).tooltip as object), trigger: "item" },
    grid: { left: 48, right: 8, top: 24, bottom: 4 },
    xAxis: { ...names(ink, figure.names), position: "top", axisTick: { show: false } },
    yAxis: { ...names(ink, figure.rows), inverse: true, axisTick: { show: false } },
    visualMap: { show: false, min: 0, max: most, inRange: { color: [ink.panel, ink.accent] } },
    series: [
      {
        name: figure.name,
        type: "heatmap",
        data: data.map(([x, y, value]) => ({
          value: [x, y, value],
          label: { color: (value ?? 0) > most * 0.55 ? ink.panel : ink.text },
        })),
        itemStyle: { borderColor: ink.line, borderWidth: 0.5 },
        label: { show: true, fontSize: 11, formatter: ({ value }: { value: number[] }) => String(value[2] || "") },
      },
    ],
  };
}

export function draw(place: HTMLElement, figure: Figure): void {
  if (figure.kind === "bars") place.style.height = `${figure.names.length * BAR_PX + ROOM_PX}px`;
  drawn(place, (ink) => (figure.kind === "week" ? week(figure, ink) : bars(figure, ink)));
}
