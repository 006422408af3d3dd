// Texts that supervisors keep, put into the description by key instead of typed.
import { request } from "../api";
import { composing, element, need } from "../dom";
import { t } from "../i18n";

interface TextTemplate {
  template_id: number;
  name: string;
  kind: string;
  text: string;
  pinyin: string;
  initials: string;
}

const MOST_SHOWN = 9;

function fits(one: TextTemplate, wanted: string): boolean {
  const ways = [one.name, one.pinyin, one.initials, one.text];
  return ways.some((way) => way.toLowerCase().includes(wanted));
}

export class TextMenu {
  private all: TextTemplate[] = [];
  private shown: TextTemplate[] = [];
  private at = 0;
  private readonly menu = need("text-menu");
  private readonly input = need<HTMLInputElement>("text-search");
  private readonly list = need("text-list");

  constructor(
    private readonly target: HTMLInputElement | HTMLTextAreaElement,
    private readonly kind: () => string,
  ) {
    need("insert-text").addEventListener("click", () => void this.toggle());
    this.input.addEventListener("input", () => this.narrow());
    this.input.addEventListener("keydown", (event) => this.keyed(event));
    this.input.addEventListener("blur", () => this.close());
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const item = (event.target as HTMLElement).closest<HTMLElement>("li[data-index]");
      if (item) this.insert(Number(item.dataset.index));
    });
  }

  async toggle(): Promise<void> {
    if (!this.menu.hidden) {
      this.target.focus();
      return;
    }
    this.menu.hidden = false;
    this.input.value = "";
    this.input.focus();
    this.narrow();
    // Each time: a supervisor may have just written one. Without an answer those known are offered.
    this.all = await request<TextTemplate[]>("GET", "/api/texts").catch(() => this.all);
    this.narrow();
  }

  private close(): void {
    this.menu.hidden = true;
  }

  private narrow(): void {
    const wanted = this.input.value.normalize("NFKC").trim().toLowerCase();
    const kind = this.kind();
    this.shown = this.all
      .filter((one) => !one.kind || !kind || one.kind === kind)
      .filter((one) => !wanted || fits(one, wanted))
      .slice(0, MOST_SHOWN);
    this.at = 0;
    this.show();
  }

  private show(): void {
    const items = this.shown.map((one, index) =>
      element(
        "li",
        { role: "option", id: `text-${index}`, "data-index": index, "aria-selected": `${index === this.at}` },
        element("b", {}, one.name),
        element("span", { class: "muted small" }, one.text),
      ),
    );
    const none = element("li", { class: "muted small" }, t("desk.no_texts"));
    this.list.replaceChildren(...(items.length ? items : [none]));
    this.input.setAttribute("aria-activedescendant", items.length ? `text-${this.at}` : "");
  }

  private keyed(event: KeyboardEvent): void {
    if (composing(event)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.shown.length) {
      this.at = (this.at + step + this.shown.length) % this.shown.length;
      this.show();
    } else if (event.key === "Enter" && !event.ctrlKey) this.insert(this.at);
    else if (event.key === "Escape") this.target.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private insert(index: number): void {
    const one = this.shown[index];
    if (!one) return;
    const { target } = this;
    target.focus();
    const start = target.selectionStart ?? target.value.length;
    target.setRangeText(one.text, start, target.selectionEnd ?? start, "end");
    target.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
