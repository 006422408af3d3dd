// Before a plan goes live: how the past period would have gone with it, beside today's plan.
import { ApiError, request } from "../api";
import { element, need } from "../dom";
import { t, type Key } from "../i18n";
import { CompareChart } from "./gate_chart";
import { named, type Plan } from "./types";

const ASK_EVERY_MS = 700;
const HALF_HOUR_MIN = 30;
// A wait that is this much longer on average, over at least so many callers, is told.
const LONGER_S = 3;
const ENOUGH = 10;
const MOST_TOLD = 12;

interface Counts {
  offered: number;
  answered: number;
  abandoned: number;
  overflowed: number;
  within: number;
  waited_s: number;
}

interface Load {
  agent_id: string;
  answered: number;
  busy_s: number;
  duty_s: number;
}

interface Side {
  presence: "roster" | "recorded";
  queues: Record<string, Counts[]>;
  agents: Load[];
}

interface Result {
  days: number;
  calls: number;
  sides: { today: Side; draft: Side };
}

interface Progress {
  state: "idle" | "running" | "done" | "lacking" | "failed" | "stopped";
  done: number;
  of: number;
  gate_id: number | null;
  lacking: string;
  have: number;
  need: number;
  result: Partial<Result>;
}

type Name = "today" | "draft";
const SIDES: Name[] = ["today", "draft"];

export class Gate {
  private readonly chart = new CompareChart(need("gate-chart"));
  private readonly run = need<HTMLButtonElement>("gate-run");
  private readonly stop = need<HTMLButtonElement>("gate-stop");
  private result: Result | null = null;
  /** Whether what is shown belongs to a publication, not to the draft. */
  private kept = false;

  constructor(
    private readonly plan: () => Plan,
    private readonly nameOf: (agent: string) => string,
    private readonly proved: () => void,
  ) {
    this.run.addEventListener("click", () => void this.start());
    this.stop.addEventListener("click", () => void request("DELETE", "/api/routing/gate"));
    need("gate-queue").addEventListener("change", () => this.draw());
  }

  /** Goes on showing a comparison that was begun before the page was loaded. */
  async show(): Promise<void> {
    const progress = await request<Progress>("GET", "/api/routing/gate");
    this.tell(progress);
    if (progress.state === "running") void this.follow();
  }

  /** A comparison that was kept with a publication. */
  async open(gate: number): Promise<void> {
    const { result } = await request<{ result: Result }>("GET", `/api/routing/gates/${gate}`);
    need("gate-state").textContent = t("routing.proved", { gate });
    this.kept = true;
    this.outdate(true);
    this.showResult(result);
  }

  /** What was changed since was not compared. */
  outdate(current: boolean): void {
    need("gate-outdated").hidden = current || this.kept || this.result === null;
  }

  private async start(): Promise<void> {
    this.kept = false;
    const days = Number(need<HTMLInputElement>("gate-days").value);
    try {
      await request("POST", "/api/routing/gate", { plan: this.plan(), days });
      await this.follow();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      need("gate-state").textContent = error.message;
    }
  }

  private async follow(): Promise<void> {
    for (;;) {
      const progress = await request<Progress>("GET", "/api/routing/gate");
      this.tell(progress);
      if (progress.state !== "running") {
        if (progress.state === "done") this.proved();
        return;
      }
      await new Promise((done) => setTimeout(done, ASK_EVERY_MS));
    }
  }

  private tell(progress: Progress): void {
    const { state, done, of, have, need: wanted, lacking, result } = progress;
    const running = state === "running";
    this.run.disabled = running;
    this.stop.hidden = !running;
    const bar = need<HTMLProgressElement>("gate-progress");
    bar.hidden = !running;
    bar.max = of || 1;
    bar.value = done;
    const words = state === "lacking" ? `routing.gate.lacking_${lacking}` : `routing.gate.${state}`;
    need("gate-state").textContent = t(words as Key, { done, of, have, need: wanted });
    if (state === "done" && result.sides) {
      this.showResult(result as Result);
    }
  }

  private showResult(result: Result): void {
    this.result = result;
    // Shown first: a chart needs its size.
    need("gate-result").hidden = false;
    this.choices(result);
    this.draw();
  }

  private choices({ sides }: Result): void {
    const known = this.plan().queues;
    const queues = [...new Set([...Object.keys(sides.today.queues), ...Object.keys(sides.draft.queues)])];
    const title = (name: string): string => {
      const queue = known.find((one) => one.name === name);
      return queue ? named(queue.title, name) : name;
    };
    need("gate-queue").replaceChildren(
      element("option", { value: "" }, t("routing.gate.every_queue")),
      ...queues.map((name) => element("option", { value: name }, title(name))),
    );
  }

  private draw(): void {
    if (!this.result) return;
    const { sides, days, calls } = this.result;
    const queue = need<HTMLSelectElement>("gate-queue").value;
    const [today, draft] = SIDES.map((name) => byHalfHour(sides[name], queue));
    if (!today || !draft) return;
    need("gate-basis").textContent = t("routing.gate.basis", {
      days,
      calls,
      today: t(`routing.gate.presence.${sides.today.presence}` as Key),
      draft: t(`routing.gate.presence.${sides.draft.presence}` as Key),
    });
    this.showTotals(total(today), total(draft));
    this.chart.show({ today: today.map(level), draft: draft.map(level), offered: today.map(({ offered }) => offered / days) });
    this.showIntervals(today, draft);
    this.showLoads();
    this.showLonger();
  }

  private showTotals(today: Counts, draft: Counts): void {
    const row = (key: string, of: (one: Counts) => string): HTMLElement =>
      element("tr", {}, element("th", { scope: "row" }, t(`routing.gate.${key}` as Key)), cell(of(today)), cell(of(draft)));
    need("gate-totals").replaceChildren(
      row("level", (one) => `${share(one.within, one.offered)} (${count(one.within)} / ${count(one.offered)})`),
      row("wait", (one) => seconds(meanWait(one))),
      row("abandoned", (one) => `${share(one.abandoned, one.offered)} (${count(one.abandoned)})`),
      row("overflowed", (one) => `${share(one.overflowed, one.offered)} (${count(one.overflowed)})`),
    );
  }

  private showIntervals(today: Counts[], draft: Counts[]): void {
    const rows = today.flatMap((one, index) => {
      const other = draft[index];
      if (!other || (one.offered === 0 && other.offered === 0)) return [];
      return [
        element(
          "tr",
          {},
          element("td", {}, clock(index)),
          cell(`${share(one.within, one.offered)} (${count(one.within)} / ${count(one.offered)})`),
          cell(`${share(other.within, other.offered)} (${count(other.within)} / ${count(other.offered)})`),
          cell(seconds(meanWait(one))),
          cell(seconds(meanWait(other))),
        ),
      ];
    });
    need("gate-intervals").replaceChildren(...rows);
  }

  private showLoads(): void {
    if (!this.result) return;
    const { today, draft } = this.result.sides;
    const find = (side: Side, id: string): Load | undefined => side.agents.find(({ agent_id }) => agent_id === id);
    const ids = [...new Set([...today.agents, ...draft.agents].map(({ agent_id }) => agent_id))];
    const teams = new Map(this.plan().agents.map(({ agent_id, team }) => [agent_id, team ?? ""]));
    const sorted = ids.sort((a, b) => `${teams.get(a) ?? ""}`.localeCompare(`${teams.get(b) ?? ""}`));
    const rows = sorted.map((id) => {
      const loads = [find(today, id), find(draft, id)];
      return element(
        "tr",
        {},
        element("td", {}, this.nameOf(id)),
        element("td", { class: "muted" }, this.team(teams.get(id) ?? "")),
        ...loads.map((load) => element("td", { class: "load" }, meter(load), load ? share(load.busy_s, load.duty_s) : "—")),
        ...loads.map((load) => cell(load ? count(load.answered) : "—")),
      );
    });
    need("gate-loads").replaceChildren(...rows);
  }

  private team(code: string): string {
    const found = this.plan().teams.find((team) => team.code === code);
    return found ? named(found.title, code) : code;
  }

  /** Whose wait grows, the most callers' seconds first. */
  private showLonger(): void {
    if (!this.result) return;
    const { today, draft } = this.result.sides;
    const cells = Object.entries(draft.queues).flatMap(([queue, intervals]) =>
      intervals.map((after, index) => ({ queue, index, before: today.queues[queue]?.[index], after })),
    );
    const longer = cells.flatMap(({ queue, index, before, after }) => {
      const [was, is] = [before ? meanWait(before) : null, meanWait(after)];
      if (was === null || is === null || is - was < LONGER_S || after.offered < ENOUGH) return [];
      return [{ queue, index, was, is, offered: after.offered }];
    });
    longer.sort((a, b) => (b.is - b.was) * b.offered - (a.is - a.was) * a.offered);
    const rows = longer.slice(0, MOST_TOLD).map(({ queue, index, was, is, offered }) =>
      element("tr", {}, element("td", {}, this.title(queue)), element("td", {}, clock(index)), cell(count(offered)), cell(seconds(was)), cell(seconds(is))),
    );
    need("gate-longer").replaceChildren(...rows);
    need("gate-longer-table").hidden = rows.length === 0;
    need("gate-nobody").hidden = rows.length > 0;
  }

  private title(queue: string): string {
    const found = this.plan().queues.find(({ name }) => name === queue);
    return found ? named(found.title, queue) : queue;
  }
}

const NOTHING: Counts = { offered: 0, answered: 0, abandoned: 0, overflowed: 0, within: 0, waited_s: 0 };

function add(a: Counts, b: Counts): Counts {
  const names = Object.keys(NOTHING) as (keyof Counts)[];
  return Object.fromEntries(names.map((name) => [name, a[name] + b[name]])) as unknown as Counts;
}

function byHalfHour(side: Side, queue: string): Counts[] {
  const chosen = Object.entries(side.queues).filter(([name]) => !queue || name === queue);
  return Array.from({ length: 48 }, (_, index) =>
    chosen.map(([, intervals]) => intervals[index] ?? NOTHING).reduce(add, NOTHING),
  );
}

function total(intervals: Counts[]): Counts {
  return intervals.reduce(add, NOTHING);
}

function level({ within, offered }: Counts): number | null {
  return offered > 0 ? (100 * within) / offered : null;
}

function meanWait({ waited_s, answered }: Counts): number | null {
  return answered > 0 ? waited_s / answered : null;
}

function share(part: number, whole: number): string {
  return whole > 0 ? `${((100 * part) / whole).toFixed(1)} %` : "—";
}

function count(value: number): string {
  return String(Math.round(value));
}

function seconds(value: number | null): string {
  return value === null ? "—" : `${value.toFixed(1)} s`;
}

function clock(index: number): string {
  const minutes = index * HALF_HOUR_MIN;
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

function cell(text: string): HTMLElement {
  return element("td", { class: "number" }, text);
}

function meter(load: Load | undefined): HTMLElement | string {
  if (!load || load.duty_s <= 0) return "";
  return element("meter", { min: 0, max: 1, value: load.busy_s / load.duty_s });
}
