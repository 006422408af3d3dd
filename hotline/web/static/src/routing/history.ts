// What was in force when: load it into the draft, or put it in force again with a reason.
import { ApiError, request } from "../api";
import { element, need } from "../dom";
import { t } from "../i18n";
import { moment } from "../time";
import type { Publication } from "./types";

export interface HistoryActs {
  load(version: number): Promise<void>;
  rollBack(version: number, note: string): Promise<void>;
  showGate(gate: number): Promise<void>;
}

export function versionName(version: number): string {
  return version === 0 ? t("routing.configured") : t("routing.version", { version });
}

export class History {
  constructor(private readonly acts: HistoryActs) {}

  async show(inForce: number): Promise<void> {
    const { publications } = await request<{ publications: Publication[] }>("GET", "/api/routing/history");
    const first = { version: 0, by: "", at: null, note: "", rolled_back_from: null, gate_id: null, unproved: "" };
    const rows = [...publications, first].map((one, index) => this.row(one, index === 0, inForce));
    need("history").replaceChildren(...rows);
  }

  private row(one: Publication, newest: boolean, inForce: number): HTMLElement {
    const { version, at, by, note, rolled_back_from: from, gate_id: gate, unproved } = one;
    const word = newest ? [" ", element("span", { class: "tag ok" }, t("routing.in_force"))] : [];
    const back = from === null ? "" : t("routing.rolled_back_from", { name: versionName(from) });
    const proof = gate !== null ? this.proof(gate) : unproved && t("routing.unproved", { why: unproved });
    const row = element(
      "tr",
      {},
      element("td", { class: "nowrap" }, versionName(version), ...word),
      element("td", { class: "nowrap" }, moment(at)),
      element("td", { class: "nowrap" }, by || "—"),
      element("td", {}, [back, note].filter(Boolean).join(" ")),
      element("td", {}, proof || "—"),
    );
    row.append(element("td", { class: "nowrap" }, ...this.buttons(row, version, inForce)));
    return row;
  }

  private proof(gate: number): HTMLElement {
    const button = element("button", { type: "button", class: "quiet" }, t("routing.proved", { gate }));
    button.addEventListener("click", () => void this.acts.showGate(gate));
    return button;
  }

  private buttons(row: HTMLElement, version: number, inForce: number): HTMLElement[] {
    const load = element("button", { type: "button", class: "quiet" }, t("routing.load"));
    load.addEventListener("click", () => void this.acts.load(version));
    const back = element("button", { type: "button", class: "quiet" }, t("routing.roll_back"));
    back.addEventListener("click", () => this.askWhy(row, version));
    const file = element("a", { class: "button quiet", href: `/routing/plan.yaml?version=${version}` }, t("routing.file_download"));
    return version === inForce ? [load, file] : [load, back, file];
  }

  /** A reason is asked for below the row itself. */
  private askWhy(row: HTMLElement, version: number): void {
    document.getElementById("roll-back")?.remove();
    const words = { placeholder: t("routing.why"), "aria-label": t("routing.why") };
    const note = element("input", { maxlength: 500, autocomplete: "off", required: true, ...words });
    const go = element("button", { class: "primary" }, t("routing.roll_back_go"));
    const problem = element("span", { class: "error", role: "alert" });
    const form = element("form", { class: "publish-bar" }, note, go, problem);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.rollBack(version, note.value.trim(), problem);
    });
    form.addEventListener("keydown", ({ key }) => key === "Escape" && asking.remove());
    const asking = element("tr", { id: "roll-back" }, element("td", { colspan: 6 }, form));
    row.after(asking);
    note.focus();
  }

  private async rollBack(version: number, note: string, problem: HTMLElement): Promise<void> {
    if (!note) return;
    try {
      await this.acts.rollBack(version, note);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      problem.textContent = error.message;
    }
  }
}
