// The category's field: answers at each key by name, pinyin, initials or code.
import { request } from "../api";
import { element, need } from "../dom";

interface Category {
  key: string;
  branch: string;
  code: string;
  major: string;
  name: string;
  pinyin: string;
  initials: string;
}

const MOST_SHOWN = 12;

function rank(category: Category, wanted: string): number {
  const texts = [category.name, category.initials, category.pinyin, category.code];
  const begins = texts.findIndex((text) => text.startsWith(wanted));
  if (begins >= 0) return begins;
  const holds = [...texts.slice(0, 3), category.major].findIndex((text) => text.includes(wanted));
  return holds >= 0 ? texts.length + holds : Number.POSITIVE_INFINITY;
}

export class CategoryField {
  private categories: Category[] = [];
  private shown: Category[] = [];
  private at = 0;
  private key = "";
  private readonly input = need<HTMLInputElement>("f-category");
  private readonly list = need("category-list");

  constructor(private readonly changed: () => void) {
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("focus", () => this.input.select());
    this.input.addEventListener("keydown", (event) => this.keyed(event));
    this.input.addEventListener("blur", () => this.left());
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const item = (event.target as HTMLElement).closest<HTMLElement>("li");
      if (item) this.choose(this.shown[Number(item.dataset.index)]);
    });
  }

  async load(): Promise<void> {
    this.categories = await request<Category[]>("GET", "/api/categories");
    this.value = this.key;
  }

  /** The chosen category's key, empty for none. */
  get value(): string {
    return this.key;
  }

  set value(key: string) {
    this.key = key;
    const found = this.categories.find((category) => category.key === key);
    this.input.value = found?.name ?? "";
    this.close();
  }

  private typed(): void {
    const wanted = this.input.value.replace(/\s/g, "").toLowerCase();
    this.key = "";
    this.changed();
    this.shown = this.categories
      .map((category) => ({ category, order: rank(category, wanted) }))
      .filter(({ order }) => wanted && Number.isFinite(order))
      .sort((one, other) => one.order - other.order)
      .slice(0, MOST_SHOWN)
      .map(({ category }) => category);
    this.at = 0;
    this.show();
  }

  private show(): void {
    const items = this.shown.map((category, index) =>
      element(
        "li",
        {
          role: "option",
          id: `category-${index}`,
          "data-index": index,
          "aria-selected": index === this.at ? "true" : "false",
        },
        category.name,
        element("span", { class: "muted small" }, `${category.major} ${category.code}`),
      ),
    );
    this.list.replaceChildren(...items);
    this.list.hidden = items.length === 0;
    this.input.setAttribute("aria-expanded", String(items.length > 0));
    this.input.setAttribute("aria-activedescendant", items.length ? `category-${this.at}` : "");
    items[this.at]?.scrollIntoView({ block: "nearest" });
  }

  private close(): void {
    this.shown = [];
    this.show();
  }

  private keyed(event: KeyboardEvent): void {
    if (event.isComposing || this.shown.length === 0) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.at = (this.at + step + this.shown.length) % this.shown.length;
      this.show();
    } else if (event.key === "Enter" && !event.ctrlKey) this.choose(this.shown[this.at]);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private choose(category: Category | undefined): void {
    if (!category) return;
    this.value = category.key;
    this.changed();
  }

  private left(): void {
    // Words that name exactly one category choose it; others are left for the server's message.
    const exact = this.categories.find((category) => category.name === this.input.value.trim());
    if (exact && !this.key) this.choose(exact);
    else this.close();
  }

  /** What was typed without choosing, empty when a category is chosen. */
  get unchosen(): string {
    return this.key ? "" : this.input.value.trim();
  }
}
