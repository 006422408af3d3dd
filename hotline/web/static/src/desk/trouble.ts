// When the network or the PBX goes away: what happened, what the caller hears now, what to do, and what
// becomes of what is typed. In words, and told again as it changes.
import { hideBar, showBar, tellLost, whileLost } from "../connection";
import { need } from "../dom";
import { t } from "../i18n";
import { stream } from "../stream";
import { duration, now, timeOfDay } from "../time";
import type { PhoneKind } from "./phone_menu";
import type { WebPhone } from "./phone";
import type { AgentView } from "./types";

const LOOK_MS = 1000;
const NOTE_MS = 12_000;
const BAR = "talk-cut";

/** hotline/phones/limits.py, hotline/calls/holding.py */
interface Times {
  /** The PBX hears nothing for so long, and then holds the caller. */
  deaf_s: number;
  /** For so long the caller is held for the same agent. */
  hold_s: number;
}

export class Trouble {
  /** Since when agent and caller do not hear each other, as far as this page can tell. */
  private since: number | null = null;
  private callId = "";
  private agent: AgentView | null = null;
  private kind: PhoneKind = "web";
  private readonly times = JSON.parse(need("callbar").dataset.times ?? "{}") as Times;

  constructor(private readonly phone: WebPhone) {
    whileLost(() => this.whatWorks());
    setInterval(() => this.look(), LOOK_MS);
    stream.onState((state) => {
      if (state === "lost" || state === "open") phone.suspect();
    });
    window.addEventListener("online", () => phone.suspect());
  }

  show(agent: AgentView | null, kind: PhoneKind): void {
    this.agent = agent;
    this.kind = kind;
    this.look();
  }

  private look(): void {
    const talking = this.agent?.state === "talking";
    // What becomes of a talk at another machine is told there.
    const here = this.kind === "web" && this.phone.registration !== "moved";
    const cut = talking && here ? this.cutSince() : null;
    if (cut !== null) this.tellCut(cut);
    else if (this.since !== null) this.tellEnd(talking);
    tellLost();
  }

  /** The sound has no way, or the caller is held for us. */
  private cutSince(): number | null {
    const { cutAt, line } = this.phone;
    if (line === "talking" && cutAt === null) return null;
    return this.since ?? cutAt ?? this.agent?.held_since ?? null;
  }

  private tellCut(since: number): void {
    this.since = since;
    this.callId = this.agent?.call_id ?? "";
    const passed = now() - since;
    const hears = this.agent?.held_since ? "music" : this.heard(passed);
    const words = [
      t("cut.since", { time: timeOfDay(since) }),
      t(`cut.hears.${hears}`),
      t(hears === "queue" ? "cut.do.later" : "cut.do.stay"),
      t("cut.form"),
    ].join("");
    const bar = document.querySelector<HTMLElement>(`#bars [data-bar="${BAR}"]`);
    if (bar?.dataset.says !== words) showBar(BAR, "danger", words).dataset.says = words;
  }

  /** What the caller hears by now when the PBX hears nothing from us. */
  private heard(passed: number): "silence" | "music" | "queue" {
    if (passed < this.times.deaf_s) return "silence";
    return passed < this.times.deaf_s + this.times.hold_s ? "music" : "queue";
  }

  private tellEnd(talking: boolean): void {
    const passed = duration(now() - (this.since ?? now()));
    this.since = null;
    hideBar(BAR);
    // Offered, perhaps, once more: that call's bar says it all.
    if (this.agent?.call_id === this.callId && this.agent.state === "offered") return;
    const words = t(talking ? "cut.back" : "cut.over", { time: passed });
    const bar = showBar("talk-back", "info", words);
    if (talking) setTimeout(() => bar.remove(), NOTE_MS);
    else bar.addEventListener("click", () => bar.remove());
  }

  private whatWorks(): string {
    if (this.since !== null) return t("connection.desk_keeps");
    if (this.agent?.state === "talking") return t("connection.desk_works");
    return `${t("connection.desk_waits")}${t("connection.desk_keeps")}`;
  }
}
