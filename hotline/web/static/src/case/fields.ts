// The case's form: what was typed against what the case says, and against what others made of it.
import { CategoryField } from "../desk/combo";
import { element, need } from "../dom";
import { t, type Key } from "../i18n";
import type { Case, FieldName, Values } from "./types";

const TEXTS = [
  "component_code",
  "address",
  "description",
  "happened",
  "caller_name",
  "caller_phone",
  "unit",
] as const;
// The citizen's name and number stay on the server: an empty field leaves them as they are.
const HIDDEN = ["caller_name", "caller_phone"] as const;
const CHOICES = ["kind", "urgency"] as const;
const CHECKS = ["anonymous", "confidential", "callback_wanted"] as const;

export class CaseFields {
  readonly element = need<HTMLFormElement>("case-form");
  private readonly category: CategoryField;
  private base: Values;
  private categoryName: string;

  constructor(
    shown: Case,
    private readonly changed: () => void,
  ) {
    this.base = baseOf(shown);
    this.categoryName = shown.category_name;
    this.category = new CategoryField(changed);
    this.category.remember(this.base.category as string, shown.category_name);
    this.category.value = this.base.category as string;
    this.element.addEventListener("input", (event) => {
      const field = (event.target as HTMLElement).closest<HTMLElement>("[data-field]");
      if (field) this.showError(field.dataset.field ?? "", "");
      changed();
    });
    this.put(this.base);
    void this.category.load();
  }

  /** The fields that differ from what the case says. */
  get changes(): Partial<Values> {
    const now = this.read();
    return Object.fromEntries(
      Object.entries(now).filter(([name, value]) => value !== this.base[name as FieldName]),
    );
  }

  get dirty(): boolean {
    return Object.keys(this.changes).length > 0 || this.category.unchosen !== "";
  }

  /** Faults found before asking the server. */
  check(): Record<string, string> {
    const typed = this.category.unchosen;
    return typed && typed !== this.categoryName ? { category: t("error.field.category") } : {};
  }

  /** The case says this now; nothing on the screen changes. */
  settle(shown: Case): void {
    this.base = baseOf(shown);
    this.categoryName = shown.category_name;
    this.category.remember(this.base.category as string, shown.category_name);
    for (const name of HIDDEN) this.control(name).value = "";
    for (const note of this.element.querySelectorAll(".theirs")) note.remove();
  }

  /** Back to what the case says. */
  undo(): void {
    this.put(this.base);
    this.showErrors({});
    this.changed();
  }

  /** Somebody else saved first: take their changes where nothing was typed here, and where both
   * changed something show theirs beside mine. Gives how many of the latter there are. */
  meet(shown: Case, by: string): number {
    const before = this.base;
    const mine = this.read();
    const theirs = baseOf(shown);
    this.settle(shown);
    let clashes = 0;
    for (const name of Object.keys(theirs) as FieldName[]) {
      if (theirs[name] === before[name] || theirs[name] === mine[name]) continue;
      if (mine[name] === before[name]) this.put({ [name]: theirs[name] });
      else {
        clashes += 1;
        this.showTheirs(name, theirs[name], by, shown);
      }
    }
    for (const name of HIDDEN) if (mine[name]) this.control(name).value = mine[name] as string;
    this.changed();
    return clashes;
  }

  showErrors(errors: Record<string, string>): void {
    for (const place of this.element.querySelectorAll<HTMLElement>("[data-field]")) {
      const name = place.dataset.field ?? "";
      this.showError(name, errors[name] ?? "");
    }
    this.element.querySelector<HTMLElement>("[aria-invalid='true']")?.focus();
  }

  private read(): Values {
    const values: Values = { ...this.base, category: this.category.value };
    // A category that was typed half is told by check(); what the case says still counts.
    if (this.category.unchosen === this.categoryName) values.category = this.base.category;
    for (const name of TEXTS) values[name] = this.control(name).value.trim();
    for (const name of CHOICES) values[name] = this.chosen(name);
    for (const name of CHECKS) values[name] = this.control(name).checked;
    return values;
  }

  private put(values: Partial<Values>): void {
    for (const [name, value] of Object.entries(values) as [FieldName, string | boolean][]) {
      if (name === "category") this.category.value = value as string;
      else if (typeof value === "boolean") this.control(name).checked = value;
      else if ((CHOICES as readonly string[]).includes(name)) {
        for (const radio of this.radios(name)) radio.checked = radio.value === value;
      } else this.control(name).value = value;
    }
  }

  private showTheirs(name: FieldName, value: string | boolean, by: string, shown: Case): void {
    const take = element("button", { type: "button", class: "quiet" }, t("case.take_theirs"));
    const words = this.words(name, value, shown);
    const text = t("case.theirs", { who: by, value: words || t("case.emptied") });
    const note = element("span", { class: "theirs", role: "alert" }, text, " ", take);
    take.addEventListener("click", () => {
      this.put({ [name]: value });
      note.remove();
      this.changed();
    });
    this.place(name)?.append(note);
  }

  private words(name: FieldName, value: string | boolean, shown: Case): string {
    if (typeof value === "boolean") return t(value ? "base.yes" : "base.no");
    if (name === "category") return shown.category_name;
    const key = `case.${name}.${value}`;
    return (CHOICES as readonly string[]).includes(name) && value ? t(key as Key) : value;
  }

  private showError(name: string, text: string): void {
    const place = document.getElementById(`e-${name}`);
    if (!place) return;
    place.textContent = text;
    for (const control of this.element.querySelectorAll(`[name=${name}], #f-${name}`)) {
      if (text) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
    }
  }

  private place(name: FieldName): Element | null {
    return (
      this.element.querySelector(`[data-field=${name}]`) ?? this.control(name).closest(".field")
    );
  }

  private control(name: string): HTMLInputElement {
    return need<HTMLInputElement>(`f-${name}`);
  }

  private radios(name: string): NodeListOf<HTMLInputElement> {
    return this.element.querySelectorAll<HTMLInputElement>(`[name=${name}]`);
  }

  private chosen(name: string): string {
    return [...this.radios(name)].find((radio) => radio.checked)?.value ?? "";
  }
}

// The @ says: the class that the case has, which another standard may call something else.
function baseOf(shown: Case): Values {
  const held = shown.form.category ? `@${shown.form.category}` : "";
  return { ...shown.form, category: held, caller_name: "", caller_phone: "" };
}
