// The answers of the callback that is open. What was chosen and typed is kept by the server, as the
// form of a call is: it survives a reload, a crash and another machine.
import { tellDiffering } from "../desk/differs";
import { Drafts, ofTask, type DraftState } from "../desk/drafts";
import { need } from "../dom";
import { t } from "../i18n";
import { now, timeOfDay } from "../time";

export interface Answers {
  reached: boolean | null;
  solved: boolean | null;
  satisfaction: number | null;
  why_not: string;
}

type Choice = "reached" | "solved" | "satisfaction";

/** The form's controls as they stand; empty for what was not chosen. */
interface Typed {
  reached: string;
  solved: string;
  satisfaction: string;
  why_not: string;
}

const EMPTY: Typed = { reached: "", solved: "", satisfaction: "", why_not: "" };
const CHOICES = ["reached", "solved", "satisfaction"] as const;

function truth(value: string): boolean | null {
  return value === "" ? null : value === "true";
}

/** One for the page: what was typed for one callback is sent also while another one is open. */
export class KeptAnswers {
  private shown: AnswersForm | null = null;
  readonly drafts = new Drafts<Typed>(
    (key, state) => this.shown?.key === key && showDraft(state),
    (key, values) => this.shown?.key === key && this.shown.fill(values),
    ofTask,
  );

  constructor() {
    this.drafts.differs = (key, theirs) => this.tell("differs", key, theirs);
    this.drafts.replaced = (key, mine) => this.tell("replaced", key, mine);
  }

  private tell(what: "differs" | "replaced", key: string, words: Partial<Typed>): void {
    const form = this.shown;
    if (form?.key === key) tellDiffering(what, words, (name, value) => form.use(name, value), "answers");
  }

  /** This form is shown now; null for none. */
  show(form: AnswersForm | null): void {
    this.shown = form;
  }
}

function showDraft(state: DraftState): void {
  const place = document.getElementById("draft");
  if (!place) return;
  const key = ({ clean: "", waiting: "", saved: "desk.draft_saved", failed: "desk.draft_failed" } as const)[state];
  place.textContent = key ? t(key, { time: timeOfDay(now()) }) : "";
}

export class AnswersForm {
  /** What the draft is called. */
  readonly key: string;

  constructor(
    private readonly element: HTMLFormElement,
    taskId: string,
    private readonly drafts: Drafts<Typed>,
    before: AnswersForm | null,
    save: () => void,
  ) {
    this.key = `callback:${taskId}`;
    const stored = { ...EMPTY, ...(JSON.parse(element.dataset.kept ?? "{}") as Partial<Typed>) };
    // Fetched anew while it is filled in: what was typed may not have reached the server yet.
    const mine = before?.key === this.key ? before.typed : null;
    this.fill(drafts.meet(this.key, stored, Number(element.dataset.revision ?? 0), mine));
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
    const { reached, solved, satisfaction, why_not } = this.typed;
    return {
      reached: truth(reached),
      solved: truth(solved),
      satisfaction: satisfaction === "" ? null : Number(satisfaction),
      why_not,
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

  /** They were saved: nothing of them is a draft any more. */
  forget(): void {
    this.drafts.forget(this.key);
  }

  /** Show these values: what was kept, or another page of ours has typed. */
  fill(values: Typed): void {
    for (const name of CHOICES) {
      for (const radio of this.element.querySelectorAll<HTMLInputElement>(`[name=${name}]`)) {
        radio.checked = radio.value === values[name];
      }
    }
    if (this.why.value !== values.why_not) this.why.value = values.why_not;
    this.show();
  }

  /** What stood at another page, or here before it. */
  use(name: string, value: string): void {
    this.fill({ ...this.typed, [name]: value });
    this.changed();
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
    this.drafts.keep(this.key, this.typed);
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

  private get typed(): Typed {
    const [reached = "", solved = "", satisfaction = ""] = CHOICES.map((name) => this.chosen(name));
    return { reached, solved, satisfaction, why_not: this.why.value };
  }

  private chosen(name: Choice): string {
    return this.element.querySelector<HTMLInputElement>(`[name=${name}]:checked`)?.value ?? "";
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
