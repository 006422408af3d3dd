// The steps that the case allows: a button each, and a box for the reason and for what else a step
// needs.
import { composing, need } from "../dom";
import { addShortcuts } from "../shortcuts";

type Given = string | number | string[];

export interface Step {
  action: string;
  why: string;
  [input: string]: Given;
}

export class Steps {
  private asked: HTMLButtonElement | undefined;
  private readonly box = document.getElementById("why-box");

  constructor(private readonly take: (step: Step) => Promise<void>) {
    for (const button of this.buttons()) {
      button.addEventListener("click", () => this.press(button));
    }
    const any = () => this.buttons().length > 0;
    addShortcuts("keys.here", [
      { keys: "Alt+1–9", says: "keys.case.step", when: any, act: (event) => this.byDigit(event) },
    ]);
    if (!this.box) return;
    need("why-go").addEventListener("click", () => this.go());
    need("why-cancel").addEventListener("click", () => this.close());
    this.box.addEventListener("keydown", (event) => {
      if (composing(event)) return;
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.go();
      else if (event.key === "Escape") this.close();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  say(problem: string): void {
    need("step-problem").textContent = problem;
  }

  /** Say what is wrong with the reason and the inputs. */
  faults(faults: Record<string, string>): void {
    const reason = document.getElementById("e-why");
    if (reason) reason.textContent = faults.why ?? "";
    let first: HTMLElement | undefined;
    for (const input of this.inputs()) {
      // The unit is chosen by its id, and told by its name.
      const fault = faults[input.name] ?? faults[input.name.replace(/_id$/, "")] ?? "";
      const place = input.parentElement?.querySelector("[data-error]");
      if (place) place.textContent = fault;
      input.toggleAttribute("aria-invalid", fault !== "");
      if (fault) first ??= input;
    }
    if (first) first.focus();
    else if (faults.why) need("f-why").focus();
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

  private byDigit(event: KeyboardEvent): boolean {
    const button = this.buttons()[Number(event.code.slice(-1)) - 1];
    if (!button) return false;
    button.closest("details")?.setAttribute("open", "");
    this.press(button);
    return true;
  }

  private press(button: HTMLButtonElement): void {
    if (button.disabled) return;
    this.say("");
    const { action, why, asks } = button.dataset;
    if (asks === undefined) {
      this.close();
      void this.take({ action: action ?? "", why: "" });
      return;
    }
    this.asked = button;
    need("why-label").textContent = why ?? "";
    need("why-part").hidden = !why;
    for (const group of this.groups()) group.hidden = group.dataset.inputs !== action;
    need("why-go").querySelector("span")?.replaceChildren(button.firstChild?.textContent?.trim() ?? "");
    if (this.box) this.box.hidden = false;
    this.faults({});
    (this.inputs()[0] ?? need("f-why")).focus();
  }

  private groups(): HTMLElement[] {
    return [...(this.box?.querySelectorAll<HTMLElement>("[data-inputs]") ?? [])];
  }

  private inputs(): (HTMLInputElement | HTMLSelectElement)[] {
    const shown = this.groups().find((group) => !group.hidden);
    return [...(shown?.querySelectorAll<HTMLInputElement | HTMLSelectElement>("input, select") ?? [])];
  }

  private given(): Record<string, Given> {
    const given: Record<string, Given> = {};
    for (const input of this.inputs()) {
      if (input instanceof HTMLSelectElement && input.multiple) {
        given[input.name] = [...input.selectedOptions].map((option) => option.value);
      } else if (input.name === "level") {
        if (input.value) given.level = Number(input.value);
      } else given[input.name] = input.value.trim();
    }
    return given;
  }

  private go(): void {
    if (!this.asked || this.asked.disabled) return;
    const why = need("why-part").hidden ? "" : this.reason;
    void this.take({ ...this.given(), action: this.asked.dataset.action ?? "", why });
  }

  private close(): void {
    if (!this.box || this.box.hidden) return;
    this.box.hidden = true;
    this.asked?.focus();
    this.asked = undefined;
  }
}
