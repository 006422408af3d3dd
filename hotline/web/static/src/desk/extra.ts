// The fields of the form that not every call needs: folded away, so that the form keeps its place.
import { embedded, need } from "../dom";

export class ExtraFields {
  private readonly fold = need<HTMLDetailsElement>("more-fields");

  private readonly required = embedded<Record<string, string[]>>("required-by-kind");

  constructor(private readonly form: HTMLElement) {
    need("f-unit").setAttribute("list", "units");
  }

  /** Mark what a case of this kind must say. */
  demand(kind: string): void {
    const wanted = ["kind", "description", ...(this.required[kind] ?? [])];
    for (const field of this.form.querySelectorAll<HTMLElement>("[data-field]")) {
      const label = field.querySelector(".label");
      label?.classList.toggle("required", wanted.includes(field.dataset.field ?? ""));
    }
  }

  /** A component's code is asked for where the class is one. */
  show(branch: string): void {
    const field = this.form.querySelector<HTMLElement>("[data-field=component_code]");
    const code = need<HTMLInputElement>("f-component_code").value;
    if (field) field.hidden = branch !== "component" && code === "";
  }

  /** Unfold when one of these fields is inside. */
  openFor(names: string[]): void {
    if (names.some((name) => this.fold.querySelector(`[data-field=${name}]`))) this.fold.open = true;
  }

  /** By key: unfolded with the focus in the first field, or folded with the focus back outside. */
  toggle(): void {
    if (this.form.hidden) return;
    this.fold.open = !this.fold.open;
    const inside = this.fold.querySelector<HTMLElement>("input, select");
    if (this.fold.open) inside?.focus();
    else this.fold.querySelector("summary")?.focus();
  }
}
