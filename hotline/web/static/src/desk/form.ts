// The case form: one form on the page, filled with the values of whichever call is open.
import { need } from "../dom";
import { t } from "../i18n";
import { AddressField } from "../places/address";
import { watchSimilar } from "../places/similar";
import { CategoryField } from "./combo";
import type { FormValues } from "./types";

export const EMPTY: FormValues = {
  kind: "",
  urgency: "normal",
  category: "",
  address: "",
  description: "",
  happened: "",
  caller_name: "",
  caller_phone: "",
  anonymous: false,
  confidential: false,
  callback_wanted: true,
};
const TEXTS = ["address", "description", "happened", "caller_name", "caller_phone"] as const;
const CHOICES = ["kind", "urgency"] as const;
const CHECKS = ["anonymous", "confidential", "callback_wanted"] as const;

export class CaseForm {
  readonly element = need<HTMLFormElement>("case-form");
  private readonly category: CategoryField;

  constructor(changed: () => void) {
    this.category = new CategoryField(changed);
    new AddressField();
    watchSimilar(this.element, need("similar"), () => this.read());
    this.element.addEventListener("input", (event) => {
      const field = (event.target as HTMLElement).closest<HTMLElement>("[data-field]");
      if (field) this.showError(field.dataset.field ?? "", "");
      changed();
    });
  }

  load(): Promise<void> {
    return this.category.load();
  }

  read(): FormValues {
    const values = { ...EMPTY, category: this.category.value };
    for (const name of TEXTS) values[name] = this.control(name).value;
    for (const name of CHOICES) {
      values[name] = this.element.querySelector<HTMLInputElement>(`[name=${name}]:checked`)?.value ?? "";
    }
    for (const name of CHECKS) values[name] = this.control(name).checked;
    return values;
  }

  fill(values: FormValues, phoneHint: string): void {
    for (const name of TEXTS) this.control(name).value = values[name];
    for (const name of CHOICES) {
      for (const radio of this.element.querySelectorAll<HTMLInputElement>(`[name=${name}]`)) {
        radio.checked = radio.value === values[name];
      }
    }
    for (const name of CHECKS) this.control(name).checked = values[name];
    this.category.value = values.category;
    this.control("caller_phone").placeholder = phoneHint;
    this.clearErrors();
  }

  /** Faults found before asking the server. */
  check(): Record<string, string> {
    return this.category.unchosen ? { category: t("error.field.category") } : {};
  }

  showErrors(errors: Record<string, string>): void {
    this.clearErrors();
    for (const [name, text] of Object.entries(errors)) this.showError(name, text);
    const first = this.element.querySelector<HTMLElement>("[aria-invalid='true']");
    first?.focus();
  }

  focus(): void {
    const checked = this.element.querySelector<HTMLInputElement>("[name=kind]:checked");
    (checked ?? this.element.querySelector<HTMLInputElement>("[name=kind]"))?.focus();
  }

  hasFocus(): boolean {
    return this.element.contains(document.activeElement);
  }

  private control(name: string): HTMLInputElement {
    return need<HTMLInputElement>(`f-${name}`);
  }

  private showError(name: string, text: string): void {
    const place = document.getElementById(`e-${name}`);
    if (place) place.textContent = text;
    const controls = this.element.querySelectorAll(`[name=${name}], #f-${name}`);
    for (const control of controls) {
      if (text) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
    }
  }

  private clearErrors(): void {
    for (const field of this.element.querySelectorAll<HTMLElement>("[data-field]")) {
      this.showError(field.dataset.field ?? "", "");
    }
  }
}
