// The knowledge base beside the form: found as one types, suggested by the form's class and words,
// read over the history, and answered from in one key.
import { ApiError, request } from "../api";
import { composing, element, need } from "../dom";
import { t } from "../i18n";
import { keepRoomForNotes } from "./notes_room";

/** hotline/web/knowledge.py */
interface Found {
  article_id: number;
  title: string;
  excerpt: string;
  matched: string;
  why: "" | "class" | "words" | "major";
  overdue: boolean;
}

interface Article {
  article_id: number;
  version: number;
  title: string;
  body: string;
  review_on: string;
  overdue: boolean;
}

export interface Asked {
  category: string;
  description: string;
}

const PAUSE_MS = 180;
const LOOK_MS = 600;
const MOST_DESCRIPTION = 2000;

export class KnowledgePanel {
  private readonly input = need<HTMLInputElement>("k-search");
  private readonly list = need("knowledge-list");
  private readonly panel = need("article-panel");
  private readonly said = need("article-said");
  private hits: Found[] = [];
  private at = -1;
  private open: Article | null = null;
  private timer = 0;
  private looking = 0;
  private looked = "";
  private turn = 0;

  /** `asked`: what the open form says, null without one; `answer` files and closes its case, null
   * where no case is closed. */
  constructor(
    private readonly asked: () => Asked | null,
    private readonly answer: ((article_id: number) => Promise<boolean>) | null,
  ) {
    keepRoomForNotes();
    // While a syllable is being put together nothing is searched for yet.
    this.input.addEventListener("input", (event) => (event as InputEvent).isComposing || this.soon());
    this.input.addEventListener("compositionend", () => this.soon());
    this.input.addEventListener("keydown", (event) => this.keyed(event));
    this.list.addEventListener("click", ({ target }) => {
      const item = (target as HTMLElement).closest<HTMLElement>("li[data-index]");
      if (item) void this.read(this.hits[Number(item.dataset.index)]);
    });
    need("article-answer").hidden = answer === null;
    need("article-answer").addEventListener("click", () => void this.answerNow());
    need("article-close").addEventListener("click", () => this.close());
    this.panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || composing(event)) return;
      event.stopPropagation();
      this.close();
      this.input.focus();
    });
    const form = document.getElementById("case-form");
    for (const what of ["input", "focusout", "keyup"]) form?.addEventListener(what, () => this.look());
  }

  /** To the search, or back from it. */
  focus(): void {
    this.input.focus();
    this.input.select();
  }

  /** Another form is shown, or it says something else: other suggestions. */
  look(): void {
    clearTimeout(this.looking);
    this.looking = window.setTimeout(() => void this.suggest(), LOOK_MS);
  }

  /** Answer from the article that is open, else from the marked one. */
  async answerNow(): Promise<void> {
    const marked = document.activeElement === this.input ? this.hits[this.at] : undefined;
    const article = this.open ?? marked;
    if (!article) {
      this.focus();
      this.tell(t("knowledge.choose_first"));
      return;
    }
    if (!this.asked()) {
      this.tell(t("knowledge.no_form"));
      return;
    }
    if (!this.answer || !(await this.answer(article.article_id))) return;
    this.close();
    this.input.value = "";
    void this.suggest();
  }

  private soon(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.find(), PAUSE_MS);
  }

  private async find(): Promise<void> {
    const words = this.input.value.trim();
    this.looked = "";
    if (!words) {
      await this.suggest();
      return;
    }
    await this.fetch(`/api/knowledge/search?${new URLSearchParams({ q: words })}`, 0);
    if (this.hits.length === 0) this.tell(t("knowledge.nothing", { words }));
  }

  private async suggest(): Promise<void> {
    if (this.input.value.trim()) return;
    const asked = this.asked();
    const query = asked
      ? new URLSearchParams({
          category: asked.category,
          description: asked.description.slice(0, MOST_DESCRIPTION),
        }).toString()
      : "";
    if (query === this.looked) return;
    this.looked = query;
    if (!asked?.category && !asked?.description.trim()) {
      this.turn += 1;
      this.show([], -1);
      return;
    }
    await this.fetch(`/api/knowledge/suggestions?${query}`, -1);
  }

  private async fetch(path: string, at: number): Promise<void> {
    const turn = ++this.turn;
    try {
      const hits = await request<Found[]>("GET", path);
      // Somebody who has gone on typing is answered by what they type now.
      if (turn === this.turn) this.show(hits, at);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // What was found before stays.
      this.tell(error.message);
    }
  }

  private show(hits: Found[], at: number): void {
    this.hits = hits;
    this.at = hits.length ? at : -1;
    this.tell("");
    const items = hits.map((hit, index) =>
      element(
        "li",
        { role: "option", id: `knowledge-${index}`, "data-index": index },
        element("span", { class: "title", title: hit.title }, hit.title),
        element("span", { class: "muted small" }, this.beside(hit)),
      ),
    );
    this.list.replaceChildren(...items);
    this.list.hidden = items.length === 0;
    this.mark();
  }

  private beside({ title, why, matched, overdue }: Found): string {
    if (overdue) return t("knowledge.overdue");
    if (why === "class" || why === "major") return t(`knowledge.by.${why}`);
    return matched === title ? "" : matched;
  }

  private mark(): void {
    [...this.list.children].forEach((item, index) => {
      item.setAttribute("aria-selected", String(index === this.at));
      if (index === this.at) item.scrollIntoView({ block: "nearest" });
    });
    this.input.setAttribute("aria-expanded", String(this.hits.length > 0));
    this.input.setAttribute("aria-activedescendant", this.at < 0 ? "" : `knowledge-${this.at}`);
  }

  private keyed(event: KeyboardEvent): void {
    if (composing(event) || event.altKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.hits.length) {
      this.at = (this.at + step + this.hits.length) % this.hits.length;
      this.mark();
    } else if (event.key === "Enter" && !event.ctrlKey) {
      void this.read(this.hits[Math.max(0, this.at)]);
    } else if (event.key === "Escape" && (this.input.value || this.open)) {
      this.input.value = "";
      this.close();
      void this.find();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private async read(hit: Found | undefined): Promise<void> {
    if (!hit) return;
    try {
      this.put(await request<Article>("GET", `/api/knowledge/${hit.article_id}`));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.tell(error.message);
    }
  }

  private put(article: Article): void {
    this.open = article;
    need("article-title").textContent = article.title;
    need("article-body").textContent = article.body;
    const link = need<HTMLAnchorElement>("article-link");
    link.href = `/knowledge?article=${article.article_id}`;
    link.textContent = t("knowledge.version_of", { number: article.article_id, version: article.version });
    const due = t("knowledge.review_until", { day: article.review_on });
    need("article-review").textContent = article.overdue ? `${due} · ${t("knowledge.overdue")}` : due;
    this.said.textContent = "";
    this.panel.hidden = false;
  }

  /** Another caller: what was read for the one before does not lie over what is known of them. */
  makeRoom(): void {
    const reading = this.panel.contains(document.activeElement);
    if (!reading && document.activeElement !== this.input) this.close();
  }

  private close(): void {
    this.open = null;
    this.panel.hidden = true;
  }

  private tell(words: string): void {
    need("knowledge-said").textContent = words;
    this.said.textContent = words;
  }
}
