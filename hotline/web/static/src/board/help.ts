// Who needs help: a row for each agent who asked, until somebody answers or puts it aside.
import { ApiError, request } from "../api";
import type { Help } from "../desk/help";
import { element, need, shape } from "../dom";
import { t } from "../i18n";
import { addShortcuts } from "../shortcuts";
import { stream } from "../stream";
import { countUp } from "../time";

export class HelpRows {
  private rows = new Map<number, HTMLElement>();
  private readonly over = new Set<number>();
  private readonly list = need("help-list");

  start(): void {
    stream.on<{ help: Help }>("help", ({ help }) => this.take(help));
    stream.on("reset", () => void this.load());
    const first = () => this.list.querySelector<HTMLInputElement>("input");
    addShortcuts("keys.here", [
      { keys: "H", says: "keys.board.help", when: () => first() !== null, act: () => first()?.focus() },
    ]);
    void this.load();
  }

  private async load(): Promise<void> {
    await this.ask(async () => {
      const { open } = await request<{ open: Help[] }>("GET", "/api/help");
      for (const id of this.rows.keys()) this.drop(id);
      for (const one of open) this.take(one);
    });
  }

  private take(help: Help): void {
    const open = help.state === "asked" || help.state === "seen";
    if (!open) this.over.add(help.help_id);
    const old = this.rows.get(help.help_id);
    // An answer may come after the news of what became of it: what is over stays over.
    if (this.over.has(help.help_id)) this.drop(help.help_id);
    else if (old) mark(old, help);
    else {
      const row = this.row(help);
      this.rows.set(help.help_id, row);
      this.list.append(row);
    }
    this.show();
  }

  private drop(id: number): void {
    this.rows.get(id)?.remove();
    this.rows.delete(id);
    this.show();
  }

  private show(): void {
    const none = this.rows.size === 0;
    const helps = need("helps");
    helps.hidden = none;
    const board = helps.parentElement;
    board?.classList.toggle("with-helps", !none);
    // What lies over the board leaves this in sight.
    board?.style.setProperty("--helps", `${helps.offsetHeight}px`);
    const name = document.title.replace(/^⚠ /, "");
    document.title = none ? name : `⚠ ${name}`;
    if (none) need("help-problem").textContent = "";
  }

  private row(help: Help): HTMLElement {
    const time = element("time");
    countUp(time, help.asked_at);
    const said = element("input", {
      maxlength: 500,
      placeholder: t("help.answer_hint"),
      "aria-label": t("help.answer_to", { name: help.name }),
      autocomplete: "off",
    });
    const form = element(
      "form",
      {},
      said,
      element("button", { class: "primary" }, t("help.answer"), " ", element("kbd", {}, "Enter")),
    );
    const seen = element("button", { type: "button", "data-seen": true }, t("help.see"));
    const dismiss = element("button", { type: "button", class: "quiet" }, t("help.dismiss"));
    const path = `/api/help/${help.help_id}`;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.end(path, "answered", said.value);
    });
    seen.addEventListener("click", () => void this.see(path));
    dismiss.addEventListener("click", () => void this.end(path, "dismissed", said.value));
    const who = element("b", {}, `${help.name} ${help.extension}`.trim());
    const call = help.calling ? t("help.in_call", { number: help.calling }) : t("help.no_call");
    const row = element("li", { "data-help": help.help_id }, shape("warning"), who, time);
    row.append(element("span", {}, call), element("span", { class: "by muted" }), seen, form, dismiss);
    mark(row, help);
    return row;
  }

  private async see(path: string): Promise<void> {
    await this.ask(async () => this.take(await request<Help>("POST", `${path}/seen`)));
  }

  private async end(path: string, outcome: string, words: string): Promise<void> {
    await this.ask(async () => {
      this.take(await request<Help>("POST", `${path}/end`, { outcome, words }));
    });
  }

  private async ask(job: () => Promise<void>): Promise<void> {
    try {
      need("help-problem").textContent = "";
      await job();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.key === "help_over") await this.load();
      else need("help-problem").textContent = error.fields.words ?? error.message;
    }
  }
}

function mark(row: HTMLElement, { state, by }: Help): void {
  row.dataset.state = state;
  const seen = row.querySelector<HTMLElement>("[data-seen]");
  if (seen) seen.hidden = state === "seen";
  const place = row.querySelector(".by");
  if (place) place.textContent = state === "seen" ? t("help.seen_by", { name: by }) : "";
}
