// To whom the citizen of the talk is handed over, and how. The panel lies over the history, never
// over the form.
import { ApiError, request } from "../api";
import { asLookedUp, composing, element, need } from "../dom";
import { t, tLoose } from "../i18n";

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

/** Targets that fit what was typed, those that begin with it first. */
export function fitting(targets: Target[], typed: string): Target[] {
  const wanted = asLookedUp(typed);
  const texts = (one: Target) => [one.number, one.code, one.initials, one.name.toLowerCase()];
  const begins = targets.filter((one) => texts(one).some((text) => text.startsWith(wanted)));
  const holds = targets.filter((one) => texts(one).some((text) => text.includes(wanted)));
  return [...new Set([...begins, ...holds])];
}

export class HandoverForm {
  private readonly form = need<HTMLFormElement>("handover-form");
  private readonly input = need<HTMLInputElement>("h-target");
  private readonly list = need("handover-list");
  private readonly note = need<HTMLInputElement>("h-note");
  private chosen: Target | null = null;
  private shown: Target[] = [];
  private at = 0;
  private before: HTMLElement | null = null;
  private opener: HTMLElement | null = null;
  private within: Target[] = [];
  /** Where to send it: of a call, or of one that was placed. */
  path = "";

  /** `about`: what is known of the matter so far, to be told to the other side; `problem`: where it
   * is said that it cannot be, empty: it can. */
  constructor(
    private readonly services: Target[],
    private readonly about: () => string,
    private readonly problem: (words: string) => void,
  ) {
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

  /** `opener` opens it, and has the focus again when nothing else had it. */
  toggle(path: string, opener: HTMLElement): void {
    const again = !this.form.hidden && this.path === path;
    this.close();
    if (!again) this.open(path, opener);
  }

  private get targets(): Target[] {
    const urgent = this.services.filter((one) => one.emergency);
    return [...urgent, ...this.within, ...this.services.filter((one) => !one.emergency)];
  }

  private open(path: string, opener: HTMLElement): void {
    this.path = path;
    this.opener = opener;
    this.before = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    this.form.hidden = false;
    opener.setAttribute("aria-expanded", "true");
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
      this.problem(error.message);
    }
    if (!this.form.hidden && !this.chosen) this.typed();
  }

  close(): void {
    if (this.form.hidden) return;
    const inside = this.form.contains(document.activeElement);
    this.form.hidden = true;
    this.opener?.setAttribute("aria-expanded", "false");
    this.note.value = "";
    if (inside) (this.before?.isConnected ? this.before : this.opener)?.focus();
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
    const radios = [...this.form.querySelectorAll<HTMLInputElement>("input[name='handover-mode']")];
    // Whose page has no place for an asking first stays on the line.
    const mode = radios.some((one) => one.value === usual(target)) ? usual(target) : "three_way";
    for (const radio of radios) {
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
    if (!target) return;
    const mode = this.form.querySelector<HTMLInputElement>("input[name='handover-mode']:checked");
    const body = { target: target.code, mode: mode?.value, note: this.note.value.trim() };
    try {
      await request("POST", this.path, body);
      this.problem("");
      this.close();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem(error.message);
    }
  }

}
