// A callback for the time between calls: shown quietly, taken by key, never in a call's way.
import { need } from "../dom";
import { t } from "../i18n";
import type { AgentView } from "./types";

const PAGE = "/desk/task";

/** Its place is in the call bar, so that nothing moves when it comes or goes. */
export class TaskBar {
  private agent: AgentView | null = null;

  /** `ask` gives the key of the server's fault, empty for none. */
  constructor(private readonly ask: (path: string, body?: unknown) => Promise<string>) {
    need("take-task").addEventListener("click", () => void this.take());
    need("end-task").addEventListener("click", () => void this.ask("/api/agent/task/end"));
  }

  show(agent: AgentView | null): void {
    this.agent = agent;
    const begun = agent?.state === "on_task";
    const shown = agent !== null && agent.task !== null && (begun || agent.state === "ready");
    for (const id of ["task-text", "take-task"]) need(id).hidden = !shown;
    need("end-task").hidden = !shown || !begun;
    if (!shown) return;
    need("task-text").textContent = t(begun ? "desk.task_begun" : "desk.task_offered");
    need("take-task-text").textContent = t(begun ? "desk.open_task" : "desk.take_task");
  }

  async take(): Promise<void> {
    const { agent } = this;
    if (!agent || agent.task === null) return;
    if (agent.state === "ready" && (await this.ask("/api/agent/task/take", { task: agent.task }))) {
      return;
    }
    if (this.agent?.state === "on_task") location.assign(PAGE);
  }
}
