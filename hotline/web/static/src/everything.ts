// Search over everything, from every page: Ctrl+K, or / where the page has no filter of its own.
import { ApiError, request } from "./api";
import { composing, element } from "./dom";
import { t } from "./i18n";
import { addShortcuts } from "./shortcuts";

const PAUSE_MS = 180;

interface Hit {
  kind: "case" | "call" | "unit" | "class" | "place";
  title: string;
  detail: string;
  note: string;
  link: string;
}

interface Found {
  hits: Hit[];
  missing: number | null;
}

class Everything {
  private readonly input: HTMLInputElement;
  private readonly list: HTMLElement;
  private readonly note: HTMLElement;
  private timer: number | undefined;
  private asked = 0;
  private shown = 0;
  private at = 0;

  constructor(private readonly dialog: HTMLDialogElement) {
    this.input = dialog.querySelector("input")!;
    this.list = dialog.querySelector("#everything-list")!;
    this.note = dialog.querySelector("#everything-note")!;
    // While a syllable is being put together nothing is searched for yet.
    this.input.addEventListener("input", (event) => {
      if (!(event as InputEvent).isComposing) this.soon();
    });
    this.input.addEventListener("compositionend", () => this.soon());
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
  }

  open(): void {
    if (this.dialog.open) return;
    this.dialog.showModal();
    this.input.select();
  }

  private soon(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(), PAUSE_MS);
  }

  private async ask(): Promise<void> {
    const words = this.input.value.trim();
    const turn = ++this.asked;
    if (!words) {
      this.show({ hits: [], missing: 0 }, words);
      return;
    }
    this.dialog.setAttribute("aria-busy", "true");
    try {
      const found = await request<Found>("GET", `/api/search?q=${encodeURIComponent(words)}`);
      // An answer that was overtaken by a later one is not shown over it.
      if (turn > this.shown) {
        this.shown = turn;
        this.show(found, words);
      }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // What was found before stays.
      this.note.textContent = error.message;
    } finally {
      if (turn === this.asked) this.dialog.removeAttribute("aria-busy");
    }
  }

  private show({ hits, missing }: Found, words: string): void {
    this.at = 0;
    let kind = "";
    const items: HTMLElement[] = [];
    hits.forEach((hit, index) => {
      if (hit.kind !== kind) {
        kind = hit.kind;
        items.push(element("li", { class: "kind", role: "presentation" }, t(`search.kind.${hit.kind}`)));
      }
      items.push(this.item(hit, index));
    });
    this.list.replaceChildren(...items);
    this.note.textContent = missing
      ? t("search.missing", { missing })
      : words && hits.length === 0
        ? t("search.nothing")
        : "";
    this.mark();
  }

  private item(hit: Hit, index: number): HTMLElement {
    const parts = [element("b", {}, hit.title), element("span", { class: "detail" }, hit.detail)];
    if (hit.note) parts.push(element("span", { class: "muted small" }, hit.note));
    const aside = document.body.dataset.page?.startsWith("/desk");
    const inside = hit.link
      ? element("a", { href: hit.link, tabindex: -1, target: aside ? "_blank" : undefined, rel: "noopener" }, ...parts)
      : element("span", { class: "hit" }, ...parts);
    return element("li", { role: "option", id: `everything-${index}`, class: "one" }, inside);
  }

  private onKey(event: KeyboardEvent): void {
    if (composing(event)) return;
    const items = this.list.querySelectorAll<HTMLElement>("li.one");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (items.length === 0) return;
      this.at = (this.at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length;
      this.mark();
    } else if (event.key === "Enter") {
      items[this.at]?.querySelector<HTMLAnchorElement>("a")?.click();
    } else return;
    event.preventDefault();
  }

  private mark(): void {
    this.list.querySelectorAll<HTMLElement>("li.one").forEach((item, index) => {
      item.setAttribute("aria-selected", String(index === this.at));
      if (index === this.at) item.scrollIntoView({ block: "nearest" });
    });
    const any = this.list.querySelector("li.one") !== null;
    this.input.setAttribute("aria-activedescendant", any ? `everything-${this.at}` : "");
  }
}

export function startEverything(): void {
  const dialog = document.querySelector<HTMLDialogElement>("#everything");
  if (!dialog) return;
  const everything = new Everything(dialog);
  document.getElementById("everything-open")?.addEventListener("click", () => everything.open());
  const bySlash = () => !document.querySelector(".filters input");
  addShortcuts("keys.everywhere", [
    { keys: "Ctrl+K", says: "search.open", act: () => everything.open() },
    { keys: "/", says: "search.open", when: bySlash, act: () => everything.open() },
  ]);
}
