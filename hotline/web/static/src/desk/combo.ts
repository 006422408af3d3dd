// The category's field: answers at each key by name, everyday word, pinyin, initials or code. What
// it finds nothing for (a sentence, a slip of the keyboard) the server looks for.
import { request } from "../api";
import { asLookedUp, composing, element, need } from "../dom";

interface Word {
  text: string;
  pinyin: string;
  initials: string;
}

interface Category {
  key: string;
  branch: string;
  code: string;
  major: string;
  name: string;
  pinyin: string;
  initials: string;
  words: Word[];
}

interface Choice {
  category: Category;
  /** The everyday word that fitted, empty for the class's own name. */
  word: string;
  order: number;
}

const MOST_SHOWN = 12;
const PAUSE_MS = 150;
const NOWHERE = Number.POSITIVE_INFINITY;

function place(texts: readonly string[], wanted: string): number {
  const same = texts.indexOf(wanted);
  if (same >= 0) return same;
  const begins = texts.findIndex((text) => text.startsWith(wanted));
  if (begins >= 0) return 10 + begins;
  const holds = texts.findIndex((text) => text.includes(wanted));
  return holds >= 0 ? 20 + holds : NOWHERE;
}

/** How well a category fits, smaller is better: its name before its everyday words. */
function rank(category: Category, wanted: string): Choice {
  const own = [category.name, category.initials, category.pinyin, category.code];
  let best: Choice = { category, word: "", order: place(own, wanted) };
  for (const word of category.words) {
    const order = place([word.text, word.initials, word.pinyin], wanted) + 0.5;
    if (order < best.order) best = { category, word: word.text, order };
  }
  if (best.order === NOWHERE && category.major.includes(wanted)) return { ...best, order: 40 };
  return best;
}

export class CategoryField {
  private categories: Category[] = [];
  private shown: Choice[] = [];
  private asking = 0;
  private at = 0;
  private key = "";
  private readonly remembered = new Map<string, string>();
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
      if (item) this.choose(this.shown[Number(item.dataset.index)]?.category);
    });
  }

  async load(): Promise<void> {
    this.categories = await request<Category[]>("GET", "/api/categories");
    this.value = this.key;
  }

  /** What a case's own class is called, which may stand in no list any more. */
  remember(key: string, name: string): void {
    this.remembered.set(key, name);
  }

  /** `component` or `event`, empty for no class. */
  get branch(): string {
    const held = this.key.replace(/^@/, "");
    return this.categories.find((category) => category.key === held)?.branch ?? "";
  }

  /** The chosen category's key, empty for none. */
  get value(): string {
    return this.key;
  }

  set value(key: string) {
    this.key = key;
    const found = this.categories.find((category) => category.key === key);
    this.input.value = this.remembered.get(key) ?? found?.name ?? "";
    this.close();
  }

  private typed(): void {
    const wanted = asLookedUp(this.input.value);
    this.key = "";
    this.changed();
    this.shown = this.categories
      .map((category) => rank(category, wanted))
      .filter(({ order }) => wanted && Number.isFinite(order))
      .sort((one, other) => one.order - other.order)
      .slice(0, MOST_SHOWN);
    this.at = 0;
    this.show();
    window.clearTimeout(this.asking);
    if (wanted.length > 1 && this.shown.length === 0) {
      this.asking = window.setTimeout(() => void this.ask(this.input.value), PAUSE_MS);
    }
  }

  private async ask(typed: string): Promise<void> {
    const query = new URLSearchParams({ words: typed.slice(0, 200) });
    // Without an answer what was found before stays.
    const path = `/api/categories/search?${query}`;
    const found = await request<{ key: string; matched: string }[]>("GET", path).catch(() => null);
    // Somebody who has gone on typing is answered by what they type now.
    if (!found || this.input.value !== typed || this.key || document.activeElement !== this.input) return;
    this.shown = found.flatMap(({ key, matched }, order) => {
      const category = this.categories.find((one) => one.key === key);
      const word = matched === category?.name ? "" : matched;
      return category ? [{ category, word, order }] : [];
    });
    this.show();
  }

  private show(): void {
    const items = this.shown.map(({ category, word }, index) =>
      element(
        "li",
        {
          role: "option",
          id: `category-${index}`,
          "data-index": index,
          "aria-selected": index === this.at ? "true" : "false",
        },
        category.name,
        element(
          "span",
          { class: "muted small" },
          [word, category.major, category.code].filter(Boolean).join(" · "),
        ),
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
    if (composing(event) || this.shown.length === 0) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.at = (this.at + step + this.shown.length) % this.shown.length;
      this.show();
    } else if (event.key === "Enter" && !event.ctrlKey) this.choose(this.shown[this.at]?.category);
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

  /** Words of a form that was left before a category was chosen. */
  set unchosen(words: string) {
    if (!this.key && document.activeElement !== this.input) this.input.value = words;
  }
}
