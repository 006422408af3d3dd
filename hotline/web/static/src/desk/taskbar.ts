// Work for the time between calls: shown quietly, taken by key, never in a call's way.
import { need } from "../dom";
import { t } from "../i18n";
import { duration } from "../time";
import type { AgentView, TaskView } from "./types";

const PAGE = "/desk/task";

function whatIsShown({ kind, who, seconds }: TaskView): string {
  const whose = who || t("desk.task_of_unknown");
  if (kind === "callback") return t("desk.task_offered.callback", { who: whose });
  return t("desk.task_offered.verification", { who: whose, length: duration(seconds) });
}

/** Its place is in the call bar, so that nothing moves when it comes or goes. */
export class TaskBar {
  private agent: AgentView | null = null;

  /** `ask` gives the key of the server's fault, empty for none. */
  constructor(private readonly ask: (path: string, body?: unknown) => Promise<string>) {
    need("take-task").addEventListener("click", () => void this.take());
    need("end-task").addEventListener("click", () => void this.end());
  }

  show(agent: AgentView | null): void {
    this.agent = agent;
    const begun = agent?.state === "on_task";
    const task = begun || agent?.state === "ready" ? (agent?.task ?? null) : null;
    for (const id of ["task-text", "take-task"]) need(id).hidden = task === null;
    need("end-task").hidden = task === null || !begun;
    if (!task) return;
    const { kind } = task;
    need("task-text").textContent = begun ? t(`desk.task_begun.${kind}`) : whatIsShown(task);
    need("take-task-text").textContent = t(`desk.${begun ? "open" : "take"}_task.${kind}`);
  }

  /** Give back what was begun. */
  async end(): Promise<void> {
    if (this.agent?.state === "on_task") await this.ask("/api/agent/task/end");
  }

  async take(): Promise<void> {
    const { agent } = this;
    if (!agent || agent.task === null) return;
    const body = { task: agent.task.task_id };
    if (agent.state === "ready" && (await this.ask("/api/agent/task/take", body))) return;
    if (this.agent?.state === "on_task") location.assign(PAGE);
  }
}
