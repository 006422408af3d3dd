// The answers of the callback that is open. What was chosen and typed survives a reload.
import { need } from "../dom";

export interface Answers {
  reached: boolean | null;
  solved: boolean | null;
  satisfaction: number | null;
  why_not: string;
}

type Choice = "reached" | "solved" | "satisfaction";

const EMPTY: Answers = { reached: null, solved: null, satisfaction: null, why_not: "" };

function truth(value: string | undefined): boolean | null {
  return value === undefined ? null : value === "true";
}

function storeAs(taskId: string): string {
  return `hotline-answers:${taskId}`;
}

export class AnswersForm {
  constructor(
    private readonly element: HTMLFormElement,
    private readonly taskId: string,
    save: () => void,
  ) {
    this.fill(this.kept());
    this.element.addEventListener("input", (event) => {
      const field = (event.target as HTMLElement).closest<HTMLElement>("[data-field]");
      if (field) this.showError(field.dataset.field ?? "", "");
      this.changed();
    });
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      save();
    });
  }

  read(): Answers {
    const satisfaction = this.chosen("satisfaction");
    return {
      reached: truth(this.chosen("reached")),
      solved: truth(this.chosen("solved")),
      satisfaction: satisfaction === undefined ? null : Number(satisfaction),
      why_not: this.why.value,
    };
  }

  /** By the keyboard: a mark or "solved" says that the citizen was reached. */
  choose(name: Choice, value: string): void {
    if (name !== "reached") this.check("reached", "true");
    this.check(name, value);
    this.showError(name, "");
    this.changed();
    if (this.needsReason && !this.why.value) this.why.focus();
  }

  showErrors(errors: Record<string, string>): void {
    for (const field of this.element.querySelectorAll<HTMLElement>("[data-field]")) {
      const name = field.dataset.field ?? "";
      this.showError(name, errors[name] ?? "");
    }
    const first = this.element.querySelector<HTMLElement>(".error:not(:empty)")?.parentElement;
    first?.querySelector<HTMLElement>("input, textarea")?.focus();
  }

  forget(): void {
    sessionStorage.removeItem(storeAs(this.taskId));
  }

  private get why(): HTMLTextAreaElement {
    return need<HTMLTextAreaElement>("f-why_not");
  }

  private get needsReason(): boolean {
    const { solved, satisfaction } = this.read();
    return solved === false || (satisfaction !== null && satisfaction < 3);
  }

  private changed(): void {
    this.show();
    sessionStorage.setItem(storeAs(this.taskId), JSON.stringify(this.read()));
  }

  private show(): void {
    const unreached = this.read().reached === false;
    if (unreached) this.clearMarks();
    need<HTMLFieldSetElement>("marks").disabled = unreached;
    need("l-why_not").classList.toggle("required", this.needsReason);
  }

  private clearMarks(): void {
    for (const input of this.element.querySelectorAll<HTMLInputElement>("#marks input")) {
      input.checked = false;
    }
    this.why.value = "";
  }

  private kept(): Answers {
    const text = sessionStorage.getItem(storeAs(this.taskId));
    return text ? { ...EMPTY, ...(JSON.parse(text) as Partial<Answers>) } : EMPTY;
  }

  private fill(answers: Answers): void {
    for (const name of ["reached", "solved", "satisfaction"] as const) {
      if (answers[name] !== null) this.check(name, String(answers[name]));
    }
    this.why.value = answers.why_not;
    this.show();
  }

  private chosen(name: Choice): string | undefined {
    return this.element.querySelector<HTMLInputElement>(`[name=${name}]:checked`)?.value;
  }

  private check(name: Choice, value: string): void {
    const found = this.element.querySelector<HTMLInputElement>(`[name=${name}][value="${value}"]`);
    if (found) found.checked = true;
  }

  private showError(name: string, text: string): void {
    const place = document.getElementById(`e-${name}`);
    if (place) place.textContent = text;
  }
}
