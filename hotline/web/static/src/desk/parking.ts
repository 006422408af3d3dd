// Parked callers: one key leaves the caller of the talk in a place, another takes one from there.
import { ApiError, request } from "../api";
import { parkedRow, type ParkedCall } from "../board/parked";
import { element, need } from "../dom";
import { t } from "../i18n";
import { addShortcuts } from "../shortcuts";
import { showProblem } from "./callbar";
import type { AgentView, Pop } from "./types";

export class Parking {
  private readonly button = need<HTMLButtonElement>("park");
  private callId = "";

  /** `about`: what is known of the matter so far, for whoever takes the caller. */
  constructor(private readonly about: () => string) {
    this.button.addEventListener("click", () => void this.park());
  }

  start(): void {
    addShortcuts("keys.call", [
      { keys: "Alt+1–9", says: "keys.parking.take", act: ({ code }) => void this.take(Number(code.slice(-1))) },
    ]);
  }

  /** `pop` is of the talk, null without one. */
  show(agent: AgentView | null, pop: Pop | null): void {
    this.callId = pop?.call_id ?? "";
    const able = pop !== null && pop.handover === null && !pop.kept_place && agent?.held_since === null;
    this.button.hidden = !able;
  }

  /** Everybody who is parked, in the notes over the end of the history. */
  list(parked: ParkedCall[]): void {
    need("parked-note").hidden = parked.length === 0;
    need("parked-list").replaceChildren(...parked.map((one) => this.row(one)));
  }

  private row(parked: ParkedCall): HTMLElement {
    const take = element(
      "button",
      { type: "button" },
      t("desk.take_parked"),
      " ",
      element("kbd", {}, `Alt+${parked.place}`),
    );
    take.addEventListener("click", () => void this.take(parked.place));
    return parkedRow(parked, parked.offered_to ? element("span", { class: "muted small" }, t("desk.parked_rings")) : take);
  }

  /** By key: leave the caller of the talk in a place. */
  park(): Promise<void> {
    if (this.button.hidden || !this.callId) return Promise.resolve();
    const path = `/api/calls/${encodeURIComponent(this.callId)}/park`;
    return this.ask(path, { note: this.about() });
  }

  private take(place: number): Promise<void> {
    if (need("parked-note").hidden) {
      showProblem(t("desk.not_now.nobody_parked"));
      return Promise.resolve();
    }
    return this.ask(`/api/parked/${place}/take`);
  }

  private async ask(path: string, body?: object): Promise<void> {
    try {
      await request("POST", path, body);
      showProblem("");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      showProblem(error.message);
    }
  }
}
