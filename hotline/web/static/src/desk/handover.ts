// Handing the caller of the talk over, or asking somebody first: choosing whom, and what becomes of
// it. The panel lies over the history, never over the form.
import { ApiError, request } from "../api";
import { asLookedUp, composing, element, need } from "../dom";
import { t, tLoose } from "../i18n";
import { countUp } from "../time";
import { showProblem } from "./callbar";
import type { CallProgress, HandoverView, Pop } from "./types";

/** hotline/web/handover.py */
export interface Target {
  code: string;
  kind: "service" | "agent" | "supervisor" | "queue";
  name: string;
  number: string;
  initials: string;
  emergency: boolean;
  /** An agent's, empty for others. */
  state: string;
}

type Mode = "three_way" | "blind" | "consult" | "queue";

function usual(target: Target): Mode {
  if (target.kind === "queue") return "queue";
  if (target.kind === "service") return target.emergency ? "three_way" : "blind";
  return "consult";
}

function described(target: Target): HTMLElement {
  if (target.emergency) {
    return element("span", { class: "tag danger" }, t("desk.handover.emergency"));
  }
  if (target.kind === "service") return element("span", { class: "muted small" }, target.number);
  const words = [tLoose(`desk.handover.kind.${target.kind}`), target.number];
  if (target.state) words.push(tLoose(`agent.state.${target.state}`));
  return element("span", { class: "muted small" }, words.filter(Boolean).join(" "));
}

const FAILED = new Set(["busy", "no_answer", "unreachable", "hung_up", "unknown"]);

/** Targets that fit what was typed, those that begin with it first. */
export function fitting(targets: Target[], typed: string): Target[] {
  const wanted = asLookedUp(typed);
  const texts = (one: Target) => [one.number, one.code, one.initials, one.name.toLowerCase()];
  const begins = targets.filter((one) => texts(one).some((text) => text.startsWith(wanted)));
  const holds = targets.filter((one) => texts(one).some((text) => text.includes(wanted)));
  return [...new Set([...begins, ...holds])];
}

export class HandoverPanel {
  private readonly button = need<HTMLButtonElement>("hand-over");
  private readonly drop = need<HTMLButtonElement>("handover-drop");
  private readonly form = need<HTMLFormElement>("handover-form");
  private readonly input = need<HTMLInputElement>("h-target");
  private readonly list = need("handover-list");
  private readonly note = need<HTMLInputElement>("h-note");
  private callId = "";
  private onHold = false;
  private chosen: Target | null = null;
  private shown: Target[] = [];
  private at = 0;
  private before: HTMLElement | null = null;

  private within: Target[] = [];

  /** `about`: what is known of the matter so far, to be told to the other side. */
  constructor(
    private readonly services: Target[],
    private readonly about: () => string,
  ) {
    this.button.addEventListener("click", () => this.toggle());
    this.drop.addEventListener("click", () => void this.stop());
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.keyed(event));
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const item = (event.target as HTMLElement).closest<HTMLElement>("li");
      if (item) this.choose(this.shown[Number(item.dataset.index)]);
    });
    this.form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || composing(event)) return;
      event.stopPropagation();
      this.close();
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send();
    });
  }

  toggle(): void {
    if (this.button.hidden) return;
    if (this.form.hidden) this.open();
    else this.close();
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
    if (this.button.hidden) this.close();
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

  private get targets(): Target[] {
    const urgent = this.services.filter((one) => one.emergency);
    return [...urgent, ...this.within, ...this.services.filter((one) => !one.emergency)];
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

  private open(): void {
    this.before = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    this.form.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.note.value ||= this.about();
    this.input.value = "";
    this.input.focus();
    this.typed();
    void this.fetchWithin();
  }

  /** Colleagues come and go: asked for each time. */
  private async fetchWithin(): Promise<void> {
    try {
      this.within = (await request<{ ways: Target[] }>("GET", "/api/desk/ways")).ways;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      showProblem(error.message);
    }
    if (!this.form.hidden && !this.chosen) this.typed();
  }

  private close(): void {
    if (this.form.hidden) return;
    const inside = this.form.contains(document.activeElement);
    this.form.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    this.note.value = "";
    if (inside) (this.before?.isConnected ? this.before : this.button).focus();
  }

  private typed(): void {
    this.chosen = null;
    this.at = 0;
    this.shown = fitting(this.targets, this.input.value);
    this.showList();
  }

  private showList(): void {
    const items = this.shown.map((target, index) =>
      element(
        "li",
        {
          role: "option",
          id: `target-${index}`,
          "data-index": index,
          "aria-selected": index === this.at ? "true" : "false",
        },
        target.name,
        described(target),
      ),
    );
    const none = element("li", { class: "muted" }, t("desk.handover.none"));
    this.list.replaceChildren(...(items.length ? items : [none]));
    this.input.setAttribute("aria-activedescendant", items.length ? `target-${this.at}` : "");
    items[this.at]?.scrollIntoView({ block: "nearest" });
  }

  private keyed(event: KeyboardEvent): void {
    if (composing(event)) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      const count = Math.max(1, this.shown.length);
      this.at = (this.at + step + count) % count;
      this.showList();
    } else if (event.key === "Enter" && !event.ctrlKey && !this.chosen) {
      this.choose(this.shown[this.at]);
    } else return;
    event.preventDefault();
  }

  private choose(target: Target | undefined): void {
    if (!target) return;
    this.chosen = target;
    this.input.value = target.name;
    this.shown = [target];
    this.at = 0;
    this.showList();
    this.offer(target);
    this.note.focus();
    this.note.select();
  }

  /** What can be done with this target, the usual chosen. */
  private offer(target: Target): void {
    const mode = usual(target);
    for (const radio of this.form.querySelectorAll<HTMLInputElement>("input[name='handover-mode']")) {
      radio.checked = radio.value === mode;
      const able = (radio.value === "queue") === (target.kind === "queue");
      radio.disabled = !able;
      radio.closest("label")!.hidden = !able;
    }
    const spoken = target.kind === "service";
    this.note.placeholder = t(spoken ? "desk.handover.note_hint" : "desk.handover.note_screen");
  }

  private async send(): Promise<void> {
    if (!this.chosen) this.choose(this.shown[this.at]);
    const target = this.chosen;
    if (!target || !this.callId) return;
    const mode = this.form.querySelector<HTMLInputElement>("input[name='handover-mode']:checked");
    const body = { target: target.code, mode: mode?.value, note: this.note.value.trim() };
    if (await this.ask("POST", body)) this.close();
  }

  private async stop(): Promise<void> {
    await this.ask("DELETE");
  }

  private async ask(method: "POST" | "DELETE", body?: unknown): Promise<boolean> {
    try {
      await request(method, `/api/calls/${encodeURIComponent(this.callId)}/handover`, body);
      showProblem("");
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      showProblem(error.message);
      return false;
    }
  }
}
