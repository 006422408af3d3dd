// Handing the caller of the talk over, or asking somebody first: what becomes of it.
import { ApiError, request } from "../api";
import { need } from "../dom";
import { t, tLoose } from "../i18n";
import { countUp } from "../time";
import { showProblem } from "./callbar";
import { HandoverForm, type Target } from "./handover_form";
import { PLACED } from "./outbound";
import type { CallProgress, HandoverView, Pop } from "./types";

const FAILED = new Set(["busy", "no_answer", "unreachable", "hung_up", "unknown"]);

export class HandoverPanel {
  private readonly button = need<HTMLButtonElement>("hand-over");
  private readonly drop = need<HTMLButtonElement>("handover-drop");
  private readonly form: HandoverForm;
  private callId = "";
  private onHold = false;

  /** `about`: what is known of the matter so far, to be told to the other side. */
  constructor(
    private readonly services: Target[],
    about: () => string,
  ) {
    this.form = new HandoverForm(services, about, showProblem);
    this.button.addEventListener("click", () => this.toggle());
    this.drop.addEventListener("click", () => void this.stop());
  }

  toggle(): void {
    if (!this.button.hidden) this.form.toggle(this.path, this.button);
  }

  /** The same for a call that one placed: its citizen becomes a caller first. */
  togglePlaced(opener: HTMLElement): void {
    this.form.toggle(PLACED, opener);
  }

  /** Let the other side go, ringing or talking. */
  dropThird(): void {
    if (!need("handover").hidden && !this.drop.hidden) void this.stop();
  }

  /** The bar's part of it: `pop` is of the talk, null without one. */
  show(pop: Pop | null, onHold: boolean): void {
    const now = pop?.handover ?? null;
    this.onHold = onHold;
    if (pop?.call_id !== this.callId) {
      this.callId = pop?.call_id ?? "";
      need("handover-note").textContent = "";
    }
    this.button.hidden = pop === null || now !== null;
    if (this.button.hidden && this.form.path !== PLACED) this.form.close();
    need("handover").hidden = now === null;
    countUp(need("handover-time"), now ? (now.joined_at ?? now.started_at) : null);
    if (now) this.showStep(now);
    need("hang-up-text").textContent =
      now?.step === "joined" && !now.caller_gone ? t("desk.handover.leave") : t("desk.hang_up");
  }

  /** Tell what became of it. */
  progressed(news: CallProgress): void {
    if (!news.what.startsWith("handover_") || news.call_id !== this.callId) return;
    const place = need("handover-note");
    place.textContent = "";
    if (news.what !== "handover_ended" || !news.outcome) return;
    place.className = FAILED.has(news.outcome) ? "problem-text" : "muted";
    const name = need("handover").dataset.name ?? "";
    place.textContent = tLoose(`desk.handover.outcome.${news.outcome}`, { name });
  }

  private showStep(now: HandoverView): void {
    const known = this.services.find((one) => one.code === now.target)?.name;
    const name = (known ?? now.name) || now.target;
    need("handover").dataset.name = name;
    need("handover").dataset.step = now.step;
    need("handover-text").textContent = tLoose(`desk.handover.${this.stepOf(now)}`, { name });
    this.drop.hidden = now.mode === "queue" || now.mode === "park";
    const over = now.step === "joined" ? t("desk.handover.drop") : t("desk.handover.cancel");
    const back = now.mode === "consult" ? t("desk.handover.back") : over;
    need("handover-drop-text").textContent = back;
  }

  private stepOf(now: HandoverView): string {
    if (now.mode === "queue") return "to_queue";
    if (now.mode === "park") return "to_park";
    if (now.caller_gone) return "caller_gone";
    if (!this.onHold) return now.step;
    return { joined: "aside", ringing: "consult_ringing" }[now.step as string] ?? now.step;
  }

  private get path(): string {
    return `/api/calls/${encodeURIComponent(this.callId)}/handover`;
  }

  private async stop(): Promise<void> {
    try {
      await request("DELETE", this.path);
      showProblem("");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      showProblem(error.message);
    }
  }
}
