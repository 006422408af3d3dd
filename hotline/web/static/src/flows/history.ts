// What was in force when: compare with it, take it into the text, put it in force again.
import { ApiError, request } from "../api";
import { element, need } from "../dom";
import { t } from "../i18n";
import { moment } from "../time";
import type { Publication } from "./types";
import { versionName } from "./versions";

export interface HistoryActs {
  compare(version: number): void;
  load(version: number): void;
  rollBack(version: number, note: string): Promise<void>;
}

export class History {
  constructor(
    private readonly flow: string,
    private readonly acts: HistoryActs,
  ) {
    need("history").addEventListener("click", (event) => {
      const button = (event.target as Element).closest<HTMLButtonElement>("button[data-act]");
      if (button) this.act(button);
    });
  }

  async load(inForce: number): Promise<void> {
    const { shipped, publications } = await request<{
      shipped: boolean;
      publications: Publication[];
    }>("GET", `/api/flows/${this.flow}/history`);
    const rows = publications.map((one, index) => this.row(one, index === 0, inForce));
    if (shipped) {
      const first = { version: 0, by: "", at: null, note: "", rolled_back_from: null };
      rows.push(this.row(first, publications.length === 0, inForce));
    }
    need("history").replaceChildren(...rows);
    need("history-table").hidden = rows.length === 0;
    need("no-history").hidden = rows.length > 0;
  }

  private row(one: Publication, newest: boolean, inForce: number): HTMLElement {
    const { version, at, by, note, rolled_back_from: from } = one;
    const name = versionName(version);
    const acts = ["compare", "load"];
    if (version !== inForce) acts.push("roll_back");
    const word = newest ? [" ", element("span", { class: "tag ok" }, t("flows.in_force"))] : [];
    const back = from === null ? "" : t("flows.rolled_back_from", { name: versionName(from) });
    return element(
      "tr",
      { "data-version": version },
      element("td", { class: "nowrap" }, name, ...word),
      element("td", { class: "nowrap" }, moment(at)),
      element("td", { class: "nowrap" }, by || "—"),
      element("td", {}, [back, note].filter(Boolean).join(" ")),
      element("td", {}, ...acts.map((act) => this.button(act))),
    );
  }

  private button(act: string): HTMLElement {
    const word = t(`flows.history.${act}` as "flows.history.compare");
    return element("button", { type: "button", class: "quiet", "data-act": act }, word);
  }

  private act(button: HTMLButtonElement): void {
    const row = button.closest<HTMLTableRowElement>("tr[data-version]");
    if (!row) return;
    const version = Number(row.dataset.version);
    if (button.dataset.act === "compare") this.acts.compare(version);
    else if (button.dataset.act === "load") this.acts.load(version);
    else this.askWhy(row, version);
  }

  /** A reason is asked for in the row itself. */
  private askWhy(row: HTMLTableRowElement, version: number): void {
    document.getElementById("roll-back")?.remove();
    const note = element("input", {
      maxlength: 500,
      autocomplete: "off",
      placeholder: t("flows.why"),
      "aria-label": t("flows.why"),
    });
    const problem = element("span", { class: "error", role: "alert" });
    const go = element("button", { class: "danger" }, t("flows.roll_back_go"));
    const form = element("form", { class: "why" }, note, go, problem);
    const line = element("tr", { id: "roll-back" }, element("td", { colspan: 5 }, form));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.rollBack(version, note, problem);
    });
    form.addEventListener("keydown", (event) => event.key === "Escape" && line.remove());
    row.after(line);
    note.focus();
  }

  private async rollBack(version: number, note: HTMLInputElement, problem: HTMLElement): Promise<void> {
    if (!note.value.trim()) {
      problem.textContent = t("flows.why_needed");
      note.focus();
      return;
    }
    try {
      await this.acts.rollBack(version, note.value);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      problem.textContent = error.message;
    }
  }
}
