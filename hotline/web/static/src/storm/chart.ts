// Registrations by ten minutes.
import { BarChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { use, type EChartsCoreOption } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { colour, drawn, frame, names, numbers, type Inks } from "../charts";
import { t } from "../i18n";
import { timeOfDay } from "../time";

use([BarChart, GridComponent, TooltipComponent, CanvasRenderer]);

/** The beginning of each ten minutes, and how many registered in them. */
export type Slots = [number, number][];

const LABELS = 12;

function option(slots: Slots, ink: Inks): EChartsCoreOption {
  const every = Math.max(1, Math.ceil(slots.length / LABELS));
  return {
    ...frame(ink),
    grid: { left: 36, right: 10, top: 12, bottom: 24 },
    xAxis: names(ink, slots.map(([start]) => timeOfDay(start)), (index) => index % every === 0),
    yAxis: { ...numbers(ink), minInterval: 1 },
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
  private readonly draw: () => void;
  private slots: Slots = [];

  constructor(place: HTMLElement) {
    this.draw = drawn(place, (ink) => option(this.slots, ink));
  }

  show(slots: Slots): void {
    this.slots = slots;
    this.draw();
  }
}
