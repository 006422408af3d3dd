// What the agent says of a call (silent, nuisance, abusive), and the rule that is in force for its
// number. Kept outside of the panels that are drawn anew, so that a reason being typed stays.
import { ApiError, request } from "../api";
import { need } from "../dom";
import { t, tLoose } from "../i18n";
import { moment } from "../time";
import type { OpenCall } from "./calls";
import type { CallerInfo, Pop } from "./types";

export class Marks {
  private call: OpenCall | null = null;
  private readonly place = need("marks");
  private readonly why = need<HTMLInputElement>("mark-why");
  private readonly said = need("mark-said");
  private readonly appealText = need<HTMLTextAreaElement>("appeal-text");

  constructor() {
    for (const button of this.buttons) {
      button.addEventListener("click", () => void this.pressed(button.dataset.mark ?? ""));
    }
    this.why.addEventListener("change", () => void this.mark(this.call?.caller.mark ?? ""));
    this.why.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.why.blur();
    });
    need("appeal-save").addEventListener("click", () => void this.appeal());
  }

  /** The call whose form is shown; `above`: whose caller is. Only who was talked with can be
   * marked. */
  show(call: OpenCall | null, above: Pop | null): void {
    const another = call !== null && call.pop.call_id !== above?.call_id;
    need("marks-about").textContent = another ? call.pop.calling : "";
    const other = call?.pop.call_id !== this.call?.pop.call_id;
    this.call = call;
    this.place.hidden = !call || call.pop.answered_at === null;
    if (other) {
      this.said.textContent = "";
      need<HTMLDetailsElement>("appeal").open = false;
      this.appealText.value = "";
    }
    this.draw(other);
  }

  /** Put the keyboard on the first mark. */
  focus(): void {
    if (!this.place.hidden) this.buttons[0]?.focus();
  }

  private get buttons(): HTMLButtonElement[] {
    return [...this.place.querySelectorAll<HTMLButtonElement>("[data-mark]")];
  }

  private draw(anew: boolean): void {
    const caller = this.call?.caller;
    for (const button of this.buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.mark === caller?.mark));
    }
    this.why.hidden = !caller?.mark;
    if (anew || document.activeElement !== this.why) this.why.value = caller?.why ?? "";
    const rule = caller?.rule ?? null;
    need("caller-rule").hidden = !this.call || rule === null;
    if (!rule) return;
    const effect = tLoose(`callers.effect_is.${rule.effect}`);
    need("caller-rule-words").textContent = t("desk.rule", { effect, until: moment(rule.until) });
  }

  private pressed(mark: string): Promise<void> {
    return mark === this.call?.caller.mark ? this.undo() : this.mark(mark);
  }

  private mark(mark: string): Promise<void> {
    const why = mark === this.call?.caller.mark ? this.why.value : "";
    return this.ask("POST", { mark, why }, t("desk.marked"));
  }

  private undo(): Promise<void> {
    return this.ask("DELETE", undefined, t("desk.unmarked"));
  }

  private async ask(method: "POST" | "DELETE", body: object | undefined, done: string): Promise<void> {
    const { call } = this;
    if (!call) return;
    const path = `/api/calls/${encodeURIComponent(call.pop.call_id)}/mark`;
    try {
      call.caller = await request<CallerInfo>(method, path, body);
      if (this.call === call) this.say(done);
    } catch (error) {
      this.problem(error);
    }
    this.draw(false);
  }

  private async appeal(): Promise<void> {
    const rule = this.call?.caller.rule;
    if (!rule) return;
    try {
      await request("POST", `/api/callers/${rule.id}/appeals`, { text: this.appealText.value });
      need<HTMLDetailsElement>("appeal").open = false;
      this.say(t("desk.appeal_saved"));
    } catch (error) {
      this.problem(error);
    }
  }

  private say(words: string): void {
    this.said.className = "muted small";
    this.said.textContent = words;
  }

  private problem(error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    this.said.className = "problem-text small";
    this.said.textContent = error.message;
  }
}
