// Urgent help: one key asks, and a quiet note says who saw it and what they answered.
import { ApiError, request } from "../api";
import { need, shape } from "../dom";
import { t, tLoose } from "../i18n";
import { stream } from "../stream";
import { countUp } from "../time";

/** hotline/web/help.py */
export interface Help {
  help_id: number;
  agent_id: string;
  name: string;
  extension: string;
  call_id: string;
  calling: string;
  asked_at: number;
  state: "asked" | "seen" | "answered" | "dismissed" | "withdrawn";
  by: string;
  words: string;
  changed_at: number | null;
}

const PATH = "/api/agent/help";
const CLOSED = "hotline-help-closed";

export class HelpButton {
  private help: Help | null = null;
  private readonly button = need<HTMLButtonElement>("help-ask");

  constructor(private readonly problem: (error: unknown) => void) {
    this.button.addEventListener("click", () => void this.ask());
    need("help-withdraw").addEventListener("click", () => void this.withdraw());
    need("help-close").addEventListener("click", () => this.close());
    stream.on<{ help: Help }>("help", ({ help }) => this.show(help));
  }

  async load(): Promise<void> {
    await this.send("GET");
  }

  /** Take it back: nobody needs to come. */
  async withdraw(): Promise<void> {
    if (!need("help-withdraw").hidden) await this.send("DELETE");
  }

  /** Asking twice is asking once: what a hand does in need must not take it back. */
  async ask(): Promise<void> {
    await this.send("POST");
  }

  private async send(method: "GET" | "POST" | "DELETE"): Promise<void> {
    try {
      this.show((await request<{ help: Help | null }>(method, PATH)).help);
    } catch (error) {
      if (error instanceof ApiError && error.key === "help_over") await this.load();
      else this.problem(error);
    }
  }

  private close(): void {
    if (this.help) sessionStorage.setItem(CLOSED, String(this.help.help_id));
    this.show(this.help);
  }

  private show(help: Help | null): void {
    // An answer to what was asked may come after the news of what became of it.
    if (help && this.help && isOlder(help, this.help)) return;
    this.help = help;
    const open = help?.state === "asked" || help?.state === "seen";
    const closed = String(help?.help_id ?? "") === sessionStorage.getItem(CLOSED);
    const note = need("help-note");
    this.button.setAttribute("aria-pressed", String(open));
    note.hidden = !help || (!open && (closed || help.state === "withdrawn"));
    if (!help || note.hidden) return;
    note.dataset.state = help.state;
    need("help-shape").replaceChildren(shape(help.state === "asked" ? "warning" : "ready"));
    need("help-words").textContent = words(help);
    countUp(need("help-time"), help.changed_at ?? help.asked_at);
    need("help-time").hidden = !open;
    need("help-withdraw").hidden = !open;
    need("help-close").hidden = open;
  }
}

/** Whether ``one`` is how things stood before ``other``. */
function isOlder(one: Help, other: Help): boolean {
  if (one.help_id !== other.help_id) return one.help_id < other.help_id;
  return (one.changed_at ?? one.asked_at) < (other.changed_at ?? other.asked_at);
}

function words({ state, by, words: said }: Help): string {
  if (said) return t("help.said", { name: by, words: said });
  return tLoose(`help.state.${state}`, { name: by });
}
