// The case form: one form on the page, filled with the values of whichever call is open.
import { need } from "../dom";
import { t } from "../i18n";
import { AddressField } from "../places/address";
import { addShortcuts, tellKeys } from "../shortcuts";
import { watchSimilar } from "../places/similar";
import { CategoryField } from "./combo";
import { ExtraFields } from "./extra";
import { LimitFields } from "./limits";
import { PointField } from "./point";
import { TextMenu } from "./texts";
import type { FormValues } from "./types";

export const EMPTY: FormValues = {
  kind: "",
  urgency: "normal",
  category: "",
  category_words: "",
  address: "",
  description: "",
  happened: "",
  caller_name: "",
  caller_phone: "",
  caller_sex: "",
  expected_reply: "",
  source: "hotline",
  road: "",
  landmark: "",
  component_code: "",
  condition: "",
  unit: "",
  point: "",
  same_as: "",
  related_to: "",
  anonymous: false,
  confidential: false,
  callback_wanted: true,
};
// Selects, too.
const TEXTS = [
  "address",
  "description",
  "happened",
  "caller_name",
  "caller_phone",
  "expected_reply",
  "source",
  "road",
  "landmark",
  "component_code",
  "condition",
  "unit",
  "point",
  "same_as",
  "related_to",
] as const;
const CHOICES = ["kind", "urgency", "caller_sex"] as const;
const CHECKS = ["anonymous", "confidential", "callback_wanted"] as const;

export class CaseForm {
  readonly element = need<HTMLFormElement>("case-form");
  private readonly category: CategoryField;
  private readonly address: AddressField;
  readonly extra: ExtraFields;
  readonly point: PointField;
  readonly texts: TextMenu;
  private readonly similar: () => void;
  private readonly limits = new LimitFields(() => this.read());

  constructor(changed: () => void) {
    tellKeys("keys.inside", [
      { keys: "↑ ↓", says: "keys.inside.walk" },
      { keys: "Enter", says: "keys.inside.take" },
      { keys: "Esc", says: "keys.inside.close" },
      { keys: "← ↑ → ↓", says: "keys.inside.point" },
      { keys: "+ -", says: "keys.inside.zoom" },
      { keys: "Delete", says: "keys.inside.no_point" },
    ]);
    this.extra = new ExtraFields(this.element);
    this.category = new CategoryField(() => {
      this.extra.show(this.category.branch);
      this.limits.look();
      changed();
    });
    this.point = new PointField(this.control("point"));
    this.texts = new TextMenu(this.control("description"), () => this.read().kind);
    this.address = new AddressField((found) => this.point.found(found));
    this.similar = watchSimilar(this.element, need("similar"), () => this.read(), {
      get: (how) => this.control(how).value,
      set: (how, number) => {
        const field = this.control(how);
        field.value = number;
        field.dispatchEvent(new Event("input", { bubbles: true }));
      },
    });
    const related = () => document.querySelector<HTMLElement>("#similar [data-how=related_to]")?.click();
    // On the document, after the page's keys: Enter there may accept a call, Alt+Enter answer one.
    document.addEventListener("keydown", (event) => this.keepEnter(event));
    addShortcuts("keys.here", [{ keys: "Alt+Shift+Y", says: "keys.desk.related", act: related }]);
    this.element.addEventListener("input", (event) => {
      const field = (event.target as HTMLElement).closest<HTMLElement>("[data-field]");
      if (field) this.showError(field.dataset.field ?? "", "");
      this.extra.demand(this.read().kind);
      this.limits.look();
      changed();
    });
  }

  async load(): Promise<void> {
    const words = this.category.unchosen;
    await this.category.load();
    this.category.unchosen ||= words;
    this.extra.show(this.category.branch);
  }

  read(): FormValues {
    const values = { ...EMPTY, category: this.category.value, category_words: this.category.unchosen };
    for (const name of TEXTS) values[name] = this.control(name).value;
    for (const name of CHOICES) {
      values[name] = this.element.querySelector<HTMLInputElement>(`[name=${name}]:checked`)?.value ?? "";
    }
    for (const name of CHECKS) values[name] = this.control(name).checked;
    return values;
  }

  fill(values: FormValues, phoneHint: string): void {
    for (const name of TEXTS) this.control(name).value = values[name];
    for (const name of CHOICES) this.choose(name, values[name]);
    for (const name of CHECKS) this.control(name).checked = values[name];
    this.category.value = values.category;
    this.category.unchosen = values.category_words;
    this.extra.show(this.category.branch);
    this.control("caller_phone").placeholder = phoneHint;
    this.extra.demand(values.kind);
    this.limits.look();
    this.address.reset();
    void this.beginPoint();
    this.point.draw();
    this.similar();
    this.clearErrors();
  }

  /** Whether the point is its address's, and goes with it, or was set by hand. */
  private async beginPoint(): Promise<void> {
    this.point.begin(null);
    const { address, point } = this.read();
    const spot = address && point ? await this.address.spotOf(address) : null;
    const now = this.read();
    if (spot && now.address === address && now.point === point) this.point.begin(spot);
  }

  /** Values that came from elsewhere while this is being typed in: only what differs is touched, so
   * that the cursor stays. */
  take(values: FormValues): void {
    const shown = this.read();
    for (const name of TEXTS) {
      if (shown[name] !== values[name]) this.control(name).value = values[name];
    }
    for (const name of CHOICES) this.choose(name, values[name]);
    for (const name of CHECKS) this.control(name).checked = values[name];
    if (shown.category !== values.category) this.category.value = values.category;
    this.category.unchosen = values.category_words;
    this.extra.show(this.category.branch);
    this.limits.look();
  }

  /** Faults found before asking the server. */
  check(): Record<string, string> {
    return this.category.unchosen ? { category: t("error.field.category") } : {};
  }

  showErrors(errors: Record<string, string>): void {
    this.clearErrors();
    for (const [name, text] of Object.entries(errors)) this.showError(name, text);
    this.extra.openFor(Object.keys(errors));
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

  /** A case is filed by Ctrl+Enter: Enter in a field, once too often for a list, would file half. */
  private keepEnter(event: KeyboardEvent): void {
    const field = event.target;
    if (event.key !== "Enter" || !(field instanceof HTMLInputElement) || field.type === "file") return;
    if (this.element.contains(field)) event.preventDefault();
  }

  private control(name: string): HTMLInputElement {
    return need<HTMLInputElement>(`f-${name}`);
  }

  private choose(name: string, value: string): void {
    for (const radio of this.element.querySelectorAll<HTMLInputElement>(`[name=${name}]`)) {
      radio.checked = radio.value === value;
    }
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
