// The same field was filled in at two places at once: one's words stand, and the other's are told at
// both, to be taken instead.
import { hideBar, showBar } from "../connection";
import { element } from "../dom";
import { t } from "../i18n";

const LONGEST = 120;

function label(form: string, name: string): string {
  const field = document.querySelector(`#${form} [data-field="${name}"]`);
  const text = field?.querySelector(".label, label, legend")?.textContent ?? "";
  return text.replace(/[*\s]+$/, "").trim() || name;
}

/** A field's value as a reader knows it. */
function shown(form: string, name: string, value: string): string {
  const control = document.getElementById(`f-${name}`);
  if (control instanceof HTMLSelectElement) return control.querySelector(`[value="${CSS.escape(value)}"]`)?.textContent ?? "";
  const radio = document.querySelector(`#${form} [name="${name}"][value="${CSS.escape(value)}"]`)?.closest("label");
  // Its key is no part of what it says.
  if (radio) return (radio.querySelector("span") ?? radio).textContent.trim();
  const typed = control instanceof HTMLTextAreaElement || control?.getAttribute("type") === "text";
  if (!typed || name === "category") return t("draft.differs.choice");
  return value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value;
}

/** Tell what does not stand here any more: what other pages wrote (`differs`), or what was written here
 * and `replaced` there; `use` puts it in its place. `form` is the id of the form that both fill in. */
export function tellDiffering(
  what: "differs" | "replaced",
  words: object,
  use: (name: string, value: string) => void,
  form = "case-form",
): void {
  for (const [name, value] of Object.entries(words)) {
    // A tick has two values: the one that is not shown is the other page's.
    if (typeof value !== "string" || !value.trim()) continue;
    const bar = `differs-${name}`;
    const take = element("button", { type: "button" }, t(`draft.${what}.take`));
    take.addEventListener("click", () => {
      hideBar(bar);
      use(name, value);
    });
    const close = element("button", { type: "button", class: "quiet" }, t("base.close"));
    close.addEventListener("click", () => hideBar(bar));
    const told = t(`draft.${what}`, { field: label(form, name), text: shown(form, name, value) });
    showBar(bar, "", told, take, close);
  }
}
