// The bar in which a flow is published: what changes, a note, and no dialog over the text.
import { need } from "../dom";
import { t } from "../i18n";
import { summary } from "./findings";
import type { Examined } from "./types";

export class PublishBar {
  private readonly bar = need<HTMLFormElement>("publish-bar");
  private readonly note = need<HTMLInputElement>("publish-note");
  private readonly go = need<HTMLButtonElement>("publish-go");
  private readonly problem = need("publish-problem");

  /** `publish` gives back what is in the way, empty when it is done. */
  constructor(
    publish: (note: string) => Promise<string>,
    private readonly closed: () => void,
  ) {
    this.bar.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submit(publish);
    });
    this.bar.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    need("publish-cancel").addEventListener("click", () => this.close());
  }

  toggle(examined: Examined | null): void {
    if (this.bar.hidden) this.open(examined);
    else this.bar.requestSubmit();
  }

  private open(examined: Examined | null): void {
    this.bar.hidden = false;
    const errors = examined?.findings.filter(({ severity }) => severity === "error").length ?? 0;
    need("publish-summary").textContent = summary(examined?.changes ?? null);
    this.problem.textContent = errors ? t("flows.errors_first", { errors }) : "";
    this.note.focus();
  }

  private close(): void {
    this.bar.hidden = true;
    this.problem.textContent = "";
    this.closed();
  }

  private async submit(publish: (note: string) => Promise<string>): Promise<void> {
    if (this.go.disabled) return;
    this.go.disabled = true;
    try {
      this.problem.textContent = await publish(this.note.value);
    } finally {
      this.go.disabled = false;
    }
    if (this.problem.textContent) return;
    this.note.value = "";
    this.close();
  }
}
