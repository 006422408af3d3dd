// Messages to agents: written here, with who has read them and what they answered.
import { ApiError, request } from "../api";
import { element, need } from "../dom";
import { t } from "../i18n";
import { addShortcuts } from "../shortcuts";
import { stream } from "../stream";
import { timeOfDay } from "../time";

interface Answer {
  at: number;
  name: string;
  text: string;
}

/** hotline/web/messages.py */
interface Sent {
  message_id: number;
  at: number;
  name: string;
  to: string;
  text: string;
  addressees: number;
  unread: string[];
  answers: Answer[];
}

interface Today {
  sent: Sent[];
  audience: { to: string; name: string }[];
}

interface News {
  what: "sent" | "read" | "answered";
}

const GATHER_MS = 200;

export class BoardMessages {
  private today: Today = { sent: [], audience: [] };
  private fresh = 0;
  private timer: number | undefined;
  private readonly panel = need("board-messages");
  private readonly opener = need<HTMLButtonElement>("messages-open");
  private readonly to = need<HTMLSelectElement>("message-to");
  private readonly text = need<HTMLInputElement>("message-write");

  start(): void {
    this.opener.addEventListener("click", () => this.toggle());
    this.panel.addEventListener("keydown", ({ key, isComposing }) => {
      if (key === "Escape" && !isComposing) this.toggle();
    });
    addShortcuts("keys.here", [{ keys: "M", says: "keys.board.messages", act: () => this.toggle() }]);
    need<HTMLFormElement>("message-form").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send();
    });
    stream.on<News>("message", (news) => this.heard(news));
    stream.on("reset", () => void this.load());
    void this.load();
  }

  private heard({ what }: News): void {
    if (what === "answered" && this.panel.hidden) this.fresh += 1;
    this.showCount();
    // Everybody reads a message to all at about the same time.
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.load(), GATHER_MS);
  }

  private toggle(): void {
    this.panel.hidden = !this.panel.hidden;
    this.opener.setAttribute("aria-expanded", String(!this.panel.hidden));
    if (this.panel.hidden) {
      this.opener.focus();
      return;
    }
    this.fresh = 0;
    this.showCount();
    this.text.focus();
  }

  private async load(): Promise<void> {
    await this.ask(async () => this.show(await request<Today>("GET", "/api/messages")));
  }

  private async send(): Promise<void> {
    await this.ask(async () => {
      const body = { to: this.to.value, text: this.text.value };
      this.show(await request<Today>("POST", "/api/messages", body));
      // The next one may be begun already.
      if (this.text.value === body.text) this.text.value = "";
    });
  }

  private async ask(job: () => Promise<void>): Promise<void> {
    const problem = need("message-problem");
    try {
      await job();
      problem.textContent = "";
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      problem.textContent = error.fields.text ?? error.fields.to ?? error.message;
    }
  }

  private showCount(): void {
    const count = need("messages-fresh");
    count.textContent = String(this.fresh);
    count.hidden = this.fresh === 0;
  }

  private show(today: Today): void {
    const before = this.to.value;
    this.today = today;
    this.to.replaceChildren(
      ...today.audience.map(({ to, name }) => element("option", { value: to }, name)),
    );
    if (today.audience.some(({ to }) => to === before)) this.to.value = before;
    need("messages-none").hidden = today.sent.length > 0;
    need("messages-sent").replaceChildren(...today.sent.map((one) => this.item(one)));
  }

  private item(one: Sent): HTMLElement {
    const to = this.today.audience.find(({ to: code }) => code === one.to)?.name ?? one.to;
    const read = one.addressees - one.unread.length;
    const missing = one.unread.join(" ");
    const head = element(
      "p",
      { class: "line" },
      element("b", {}, `→ ${to}`),
      element("span", { class: "muted small" }, `${one.name} ${timeOfDay(one.at)}`),
      element(
        "span",
        { class: one.unread.length ? "tag" : "tag ok", title: missing && t("messages.missing", { names: missing }) },
        t("messages.read_by", { read, of: one.addressees }),
      ),
    );
    const answers = one.answers.map(({ name, text, at }) =>
      element("p", { class: "told answer" }, element("b", {}, name), ` ${text} `, element("span", { class: "muted small" }, timeOfDay(at))),
    );
    return element("li", {}, head, element("p", { class: "told" }, one.text), ...answers);
  }
}
