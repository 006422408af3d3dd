// The caller of the talk hears music, or is taken back: one button, one key.
import { ApiError, request } from "../api";
import { need } from "../dom";
import { t } from "../i18n";
import { showProblem } from "./callbar";
import type { AgentView, Pop } from "./types";

export class HoldButton {
  private readonly button = need<HTMLButtonElement>("hold");
  private callId = "";
  private held = false;

  constructor() {
    this.button.addEventListener("click", () => void this.toggle());
  }

  /** `pop` is of the talk, null without one. */
  show(agent: AgentView | null, pop: Pop | null): void {
    this.callId = pop?.call_id ?? "";
    this.held = agent !== null && agent.on_hold_since !== null;
    // On its way to a queue, or with nobody on the line, there is nothing to hold.
    const now = pop?.handover ?? null;
    const able = pop !== null && agent?.held_since === null;
    this.button.hidden = !able || now?.mode === "queue" || now?.mode === "park" || (now?.caller_gone ?? false);
    this.button.setAttribute("aria-pressed", String(this.held));
    const back = now?.step === "joined" ? t("desk.merge") : t("desk.take_back");
    need("hold-text").textContent = this.held ? back : t("desk.hold");
  }

  async toggle(): Promise<void> {
    if (this.button.hidden || !this.callId) return;
    const path = `/api/calls/${encodeURIComponent(this.callId)}/hold`;
    try {
      await request(this.held ? "DELETE" : "POST", path);
      showProblem("");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      showProblem(error.message);
    }
  }
}
