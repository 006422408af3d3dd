// What a supervisor made of one's state: a quiet bar, until it is closed or one does something.
import { hideBar, showBar } from "../connection";
import { element } from "../dom";
import { t } from "../i18n";
import { reasonName } from "../pausing";
import { timeOfDay } from "../time";
import type { AgentView, Forced } from "./types";

const BAR = "forced";
const SEEN = "hotline-forced";

function what({ want, reason }: Forced): string {
  if (want === "end_wrap_up") return t("board.force.end_wrap_up");
  return want === "paused" ? reasonName(reason) : t(`agent.state.${want}`);
}

export class ForcedBar {
  private shown = 0;

  show(agent: AgentView | null): void {
    const forced = agent?.forced;
    if (!forced || forced.at === this.shown || String(forced.at) === localStorage.getItem(SEEN)) return;
    this.shown = forced.at;
    const { name, why, at } = forced;
    const close = element("button", { type: "button", class: "quiet", "data-dismiss": true }, t("base.close"));
    close.addEventListener("click", () => this.seen());
    showBar(BAR, "", t("desk.forced", { time: timeOfDay(at), name, what: what(forced), why }), close);
  }

  /** The agent has read it, or acted since. */
  seen(): void {
    if (!this.shown) return;
    localStorage.setItem(SEEN, String(this.shown));
    hideBar(BAR);
  }
}
