// The steps that the case allows: a button each, and a box for the reason where one is needed.
import { need } from "../dom";

export interface Step {
  action: string;
  why: string;
}

export class Steps {
  private asked: HTMLButtonElement | undefined;
  private readonly box = document.getElementById("why-box");

  constructor(private readonly take: (step: Step) => Promise<void>) {
    for (const button of this.buttons()) {
      button.addEventListener("click", () => this.press(button));
    }
    if (!this.box) return;
    need("why-go").addEventListener("click", () => this.go());
    need("why-cancel").addEventListener("click", () => this.close());
    this.box.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.go();
      else if (event.key === "Escape") this.close();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    document.addEventListener("keydown", (event) => this.onKey(event));
  }

  say(problem: string): void {
    need("step-problem").textContent = problem;
  }

  faultOfReason(text: string): void {
    const place = document.getElementById("e-why");
    if (place) place.textContent = text;
    if (text) need("f-why").focus();
  }

  set busy(busy: boolean) {
    for (const button of this.buttons()) button.disabled = busy;
    const go = document.getElementById("why-go") as HTMLButtonElement | null;
    if (go) go.disabled = busy;
  }

  /** Whether a reason has been begun that leaving the page would lose. */
  get begun(): boolean {
    return this.box !== null && !this.box.hidden && this.reason !== "";
  }

  private buttons(): HTMLButtonElement[] {
    return [...document.querySelectorAll<HTMLButtonElement>("#step-buttons [data-action]")];
  }

  private get reason(): string {
    return need<HTMLTextAreaElement>("f-why").value.trim();
  }

  private onKey(event: KeyboardEvent): void {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.repeat) return;
    const button = this.buttons()[Number(/^Digit(\d)$/.exec(event.code)?.[1] ?? 0) - 1];
    if (!button) return;
    event.preventDefault();
    this.press(button);
  }

  private press(button: HTMLButtonElement): void {
    if (button.disabled) return;
    this.say("");
    const { action, why } = button.dataset;
    if (!why) {
      this.close();
      void this.take({ action: action ?? "", why: "" });
      return;
    }
    this.asked = button;
    need("why-label").textContent = why;
    need("why-go").querySelector("span")?.replaceChildren(button.firstChild?.textContent?.trim() ?? "");
    if (this.box) this.box.hidden = false;
    this.faultOfReason("");
    need("f-why").focus();
  }

  private go(): void {
    if (!this.asked || this.asked.disabled) return;
    void this.take({ action: this.asked.dataset.action ?? "", why: this.reason });
  }

  private close(): void {
    if (!this.box || this.box.hidden) return;
    this.box.hidden = true;
    this.asked?.focus();
    this.asked = undefined;
  }
}
