// Changing an agent's state for them: what, and why. Both are journalled with who did it.
import { ApiError, request } from "../api";
import { element, need } from "../dom";
import { learnName, type Reason } from "../pausing";
import { stateOf } from "./agents";
import type { Agent, Board } from "./types";

export class ForcePanel {
  private agentId = "";
  private readonly form = need<HTMLFormElement>("force");
  private readonly want = need<HTMLSelectElement>("force-want");
  private readonly why = need<HTMLInputElement>("force-why");

  constructor(private readonly board: () => Board) {
    need("agents").addEventListener("click", (event) => this.choose(event));
    need("force-close").addEventListener("click", () => this.close());
    this.form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send();
    });
  }

  /** The agent's state may have changed meanwhile. */
  show(): void {
    const agent = this.agent();
    if (agent) need("force-state").replaceChildren(stateOf(agent));
  }

  /** Take over a reason that was added or changed; what is chosen stays chosen. */
  learn(reason: Reason): void {
    const words = `→ ${learnName(reason)}`;
    const options = [...this.want.options].filter(({ value }) => value === "paused");
    let option = options.find(({ dataset }) => dataset.reason === reason.code);
    if (!option) {
      option = element("option", { value: "paused", "data-reason": reason.code });
      options.at(-1)?.after(option);
    }
    option.textContent = words;
    option.hidden = option.disabled = !reason.offered;
  }

  private agent(): Agent | undefined {
    return this.board().agents.find(({ agent_id }) => agent_id === this.agentId);
  }

  private choose(event: Event): void {
    const button = (event.target as HTMLElement).closest<HTMLElement>("[data-agent]");
    if (!button) return;
    this.agentId = button.dataset.agent ?? "";
    need("force-name").textContent = this.agent()?.name ?? "";
    need("force-problem").textContent = "";
    this.form.hidden = false;
    this.show();
    this.want.focus();
  }

  private close(): void {
    this.form.hidden = true;
    this.why.value = "";
    document.querySelector<HTMLElement>(`#agents [data-agent="${CSS.escape(this.agentId)}"]`)?.focus();
    this.agentId = "";
  }

  private async send(): Promise<void> {
    const chosen = this.want.selectedOptions[0];
    const body = { want: this.want.value, reason: chosen?.dataset.reason ?? "", why: this.why.value };
    need("force-problem").textContent = "";
    try {
      await request("POST", `/api/board/agents/${encodeURIComponent(this.agentId)}/state`, body);
      this.close();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      need("force-problem").textContent = error.fields.why ?? error.message;
    }
  }
}
