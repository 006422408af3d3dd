// Skills and teams: what they are called in both languages. Their codes stay as they are, for agents
// and queues name them.
import { element, need } from "../dom";
import { t, type Key } from "../i18n";
import { named, type Named, type Plan } from "./types";

const PARTS = ["skills", "teams"] as const;
type Part = (typeof PARTS)[number];
const LANGUAGES = ["zh", "en"] as const;
const LONGEST = 60;

export class Names {
  /** `changed` is told whether there are others now, or only another title. */
  constructor(
    private readonly plan: () => Plan,
    private readonly changed: (others: boolean) => void,
  ) {
    for (const part of PARTS) this.watchAdding(part);
  }

  show(): void {
    for (const part of PARTS) {
      const rows = this.plan()[part].map((one, index) => this.row(part, one, index));
      need(`${part}-list`).replaceChildren(...rows);
    }
  }

  private row(part: Part, one: Named, index: number): HTMLElement {
    const word = t("routing.remove", { name: named(one.title, one.code) });
    const remove = element("button", { type: "button", class: "quiet", title: word, "aria-label": word }, "×");
    remove.addEventListener("click", () => this.remove(part, one.code));
    const code = element("span", { class: "muted small code", title: one.code, "data-path": `${part}.${index}.code` }, one.code);
    return element("li", {}, code, ...LANGUAGES.map((language) => this.title(part, one, index, language)), remove);
  }

  private title(part: Part, one: Named, index: number, language: "zh" | "en"): HTMLInputElement {
    const words = t(`routing.title_${language}` as Key);
    const input = element("input", {
      value: one.title[language] ?? "",
      maxlength: LONGEST,
      autocomplete: "off",
      placeholder: words,
      "aria-label": `${one.code} ${words}`,
      "data-path": `${part}.${index}.title.${language}`,
    });
    input.addEventListener("change", () => {
      const { [language]: _, ...others } = one.title;
      const typed = input.value.trim();
      one.title = typed ? { ...others, [language]: typed } : others;
      this.changed(false);
    });
    return input;
  }

  private watchAdding(part: Part): void {
    const form = need<HTMLFormElement>(`${part}-add`);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const [code, zh, en] = ["code", "zh", "en"].map((name) => {
        const input = form.elements.namedItem(name) as HTMLInputElement;
        return input.value.trim();
      });
      if (!code || !zh) return;
      this.plan()[part].push({ code, title: { zh, ...(en ? { en } : {}) } });
      form.reset();
      this.changed(true);
      need(`${part}-list`).lastElementChild?.scrollIntoView({ block: "nearest" });
      (form.elements.namedItem("code") as HTMLInputElement).focus();
    });
  }

  private remove(part: Part, code: string): void {
    const plan = this.plan();
    plan[part] = plan[part].filter((one) => one.code !== code);
    for (const agent of plan.agents) {
      if (part === "teams" && agent.team === code) agent.team = "";
      if (part === "skills" && agent.skills) delete agent.skills[code];
    }
    this.changed(true);
  }
}
