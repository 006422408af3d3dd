// Messages from supervisors: one that is unread is a quiet note, all of them stand in the panel.
import { request } from "../api";
import { element, need } from "../dom";
import { t } from "../i18n";
import { stream } from "../stream";
import { now, timeOfDay } from "../time";

/** hotline/web/messages.py */
interface Message {
  message_id: number;
  at: number;
  by: string;
  name: string;
  text: string;
  read_at: number | null;
  answer: string;
}

interface News {
  what: "sent" | "read" | "answered";
  message?: Message;
  message_id?: number;
}

export class Messages {
  private all: Message[] = [];
  /** The one that an answer goes to. */
  private chosen = 0;
  /** The one in the note: it stays until it is acknowledged, so that nobody acknowledges unread
   * one that came just before the key was pressed. */
  private noted = 0;
  private readonly form = need<HTMLFormElement>("message-answer");
  private readonly text = need<HTMLInputElement>("message-answer-text");

  constructor(private readonly problem: (error: unknown) => void) {
    need("message-read").addEventListener("click", () => void this.acknowledge());
    need("messages").addEventListener("click", ({ target }) => {
      const item = (target as HTMLElement).closest<HTMLElement>("[data-message]");
      if (item) this.choose(Number(item.dataset.message));
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.answer();
    });
    stream.on<News>("message", (news) => this.heard(news));
  }

  async load(): Promise<void> {
    const before = this.all;
    try {
      const kept = (await request<{ messages: Message[] }>("GET", "/api/messages/inbox")).messages;
      // What the stream told meanwhile is newer than the answer.
      const came = this.all.filter((one) => !before.includes(one));
      this.all = [...came, ...kept.filter(({ message_id }) => !came.some((one) => one.message_id === message_id))];
    } catch (error) {
      this.problem(error);
    }
    this.show();
  }

  /** The panel is open: where the keyboard goes. */
  focus(): void {
    const first = this.unread[0] ?? this.all[0];
    if (first) this.choose(first.message_id);
    else need("floor-panel").focus();
  }

  /** Say that the one that is shown was read. */
  async acknowledge(): Promise<void> {
    const shown = this.unread.find(({ message_id }) => message_id === this.noted);
    if (!shown) return;
    await this.send(shown, "read");
    shown.read_at ??= now();
    this.show();
  }

  private get unread(): Message[] {
    return this.all.filter(({ read_at }) => read_at === null);
  }

  private heard({ what, message, message_id }: News): void {
    if (what === "sent" && message) {
      this.all = [message, ...this.all.filter((one) => one.message_id !== message.message_id)];
    } else if (what === "read") {
      const read = this.all.find((one) => one.message_id === message_id);
      if (read) read.read_at ??= now();
    }
    this.show();
  }

  private choose(messageId: number): void {
    this.chosen = messageId;
    this.show();
    this.text.focus();
  }

  private async answer(): Promise<void> {
    const to = this.all.find(({ message_id }) => message_id === this.chosen);
    const text = this.text.value.trim();
    if (!to || !text || !(await this.send(to, "answer", { text }))) return;
    to.answer = text;
    to.read_at ??= now();
    if (this.text.value.trim() === text) this.text.value = "";
    this.show();
  }

  private async send(message: Message, what: "read" | "answer", body?: object): Promise<boolean> {
    try {
      await request("POST", `/api/messages/${message.message_id}/${what}`, body);
      return true;
    } catch (error) {
      this.problem(error);
      return false;
    }
  }

  private show(): void {
    const { unread } = this;
    const count = need("messages-unread");
    count.textContent = String(unread.length);
    count.hidden = unread.length === 0;
    this.showNote(unread);
    need("no-messages").hidden = this.all.length > 0;
    need("messages").replaceChildren(...this.all.map((one) => this.item(one)));
    const to = this.all.find(({ message_id }) => message_id === this.chosen);
    this.form.hidden = !to;
    if (to) this.text.placeholder = t("messages.answer_to", { name: to.name });
  }

  private showNote(unread: Message[]): void {
    const noted = unread.find(({ message_id }) => message_id === this.noted) ?? unread[0];
    this.noted = noted?.message_id ?? 0;
    need("message-note").hidden = !noted;
    if (!noted) return;
    need("message-from").textContent = noted.name;
    need("message-at").textContent = timeOfDay(noted.at);
    const more = unread.length - 1;
    need("message-more").textContent = more > 0 ? t("messages.more", { count: more }) : "";
    const text = need("message-text");
    // Told again to who hears the page only when it is another one.
    if (text.textContent !== noted.text) text.textContent = noted.text;
  }

  private item(one: Message): HTMLElement {
    const chosen = one.message_id === this.chosen;
    const head = element(
      "button",
      { type: "button", class: "quiet line", "data-message": one.message_id, "aria-pressed": String(chosen) },
      element("b", {}, one.name),
      element("span", { class: "muted small" }, timeOfDay(one.at)),
      ...(one.read_at === null ? [element("span", { class: "tag accent" }, t("messages.unread"))] : []),
    );
    const said = one.answer ? [element("p", { class: "muted small" }, t("messages.you", { text: one.answer }))] : [];
    return element("li", {}, head, element("p", { class: "told" }, one.text), ...said);
  }
}
