// Before a plan goes live: how the past period would have gone with it, beside today's plan.
import { ApiError, request } from "../api";
import { element, need } from "../dom";
import { t, type Key } from "../i18n";
import { CompareChart } from "./gate_chart";
import { showLoads } from "./gate_loads";
import { byHalfHour, change, count, level, meanWait, total, type Result, type Side } from "./gate_model";
import { showIntervals, showLonger, showTotals } from "./gate_tables";
import { named, type Plan } from "./types";

const ASK_EVERY_MS = 700;
const LONGEST_DAYS = 92;

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
    const input = need<HTMLInputElement>("gate-days");
    const days = input.valueAsNumber;
    if (!(Number.isInteger(days) && days >= 1 && days <= LONGEST_DAYS)) {
      need("gate-state").textContent = t("routing.gate.days_wrong", { most: LONGEST_DAYS });
      input.focus();
      return;
    }
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
    // Without a value it says that it works, not how far it is.
    if (of > 0) bar.value = done;
    else bar.removeAttribute("value");
    const reading = running && of === 0;
    const words = state === "lacking" ? `lacking_${lacking}` : reading ? "reading" : state;
    need("gate-state").textContent = t(`routing.gate.${words}` as Key, { done, of, have, need: wanted });
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
    const queues = [...new Set([...Object.keys(sides.today.queues), ...Object.keys(sides.draft.queues)])];
    need("gate-queue").replaceChildren(
      element("option", { value: "" }, t("routing.gate.every_queue")),
      ...queues.map((name) => element("option", { value: name }, this.title(name))),
    );
  }

  private draw(): void {
    if (!this.result) return;
    const { sides, days } = this.result;
    const queue = need<HTMLSelectElement>("gate-queue").value;
    const [today, draft] = [byHalfHour(sides.today, queue), byHalfHour(sides.draft, queue)];
    need("gate-notes").replaceChildren(...notes(this.result).map((words) => element("li", {}, words)));
    showTotals(total(today), total(draft));
    this.chart.show({
      today: today.map(level),
      draft: draft.map(level),
      offered: today.map(({ offered }) => offered / days),
      longer: draft.map((after, index) => change(meanWait(today[index] ?? after), meanWait(after))),
    });
    showIntervals(today, draft);
    showLoads(sides, this.plan(), this.nameOf);
    showLonger(sides, (name) => this.title(name));
  }

  private title(queue: string): string {
    const found = this.plan().queues.find(({ name }) => name === queue);
    return found ? named(found.title, queue) : queue;
  }
}

/** How the result is to be read: what it rests on, and what it leaves out. */
function notes({ days, calls, sides: { today, draft } }: Result): string[] {
  const presence = (side: Side): string => t(`routing.gate.presence.${side.presence}` as Key);
  const rostered = [today, draft].filter((side) => side.presence === "roster").length;
  const pauses = (["none", "one", "both"] as const)[rostered] ?? "both";
  return [
    t("routing.gate.basis", { days, calls: count(calls), today: presence(today), draft: presence(draft) }),
    t(`routing.gate.pauses.${pauses}`),
    t("routing.gate.answered_only"),
    t("routing.gate.no_overflow"),
    t("routing.gate.not_known"),
  ];
}
