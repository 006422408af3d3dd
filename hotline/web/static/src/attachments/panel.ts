// The attachments of a case on any page: shown, looked at, added; what is not through yet is told.
import { element, need } from "../dom";
import { t } from "../i18n";
import { refresh } from "../refresh";
import { now } from "../time";
import { waiting, type Waiting } from "./box";
import { Sender, type Progress } from "./sender";
import { shrunk } from "./shrink";
import { startViewer } from "./viewer";

const PICTURE = /^image\//;

/** Begin when the page has the panel. */
export function startAttachments(): void {
  const panel = document.getElementById("attachments");
  if (panel) new Panel(panel);
}

class Panel {
  private readonly user = document.body.dataset.user ?? "";
  private readonly caseNumber: string;
  private readonly mostBytes: number;
  private readonly sender: Sender;
  private readonly shares = new Map<string, number>();

  constructor(panel: HTMLElement) {
    this.caseNumber = panel.dataset.case ?? "";
    this.mostBytes = Number(panel.dataset.most);
    this.sender = new Sender(this.user, (progress) => this.changed(progress), (one) => this.arrived(one));
    startViewer();
    for (const input of panel.querySelectorAll<HTMLInputElement>("input[type=file]")) {
      input.addEventListener("change", () => {
        void this.take([...(input.files ?? [])]);
        input.value = "";
      });
    }
    panel.addEventListener("dragover", (event) => event.preventDefault());
    panel.addEventListener("drop", (event) => {
      event.preventDefault();
      void this.take([...(event.dataTransfer?.files ?? [])]);
    });
    void this.show();
    void this.sender.run();
  }

  private get stage(): string {
    const chosen = document.querySelector<HTMLInputElement | HTMLSelectElement>("#attachment-stage");
    return chosen?.value ?? "other";
  }

  private async take(files: File[]): Promise<void> {
    this.say("");
    const stage = this.stage;
    for (const file of files) {
      const data = PICTURE.test(file.type) ? await shrunk(file) : file;
      if (data.size > this.mostBytes) {
        this.say(t("attachment.too_large", { name: file.name, most: this.mostBytes / 1024 / 1024 }));
        continue;
      }
      const one: Waiting = {
        key: crypto.randomUUID?.() ?? `${now()}-${Math.random().toString(36).slice(2)}`,
        user: this.user,
        caseNumber: this.caseNumber,
        stage,
        name: file.name,
        at: now(),
        data,
      };
      try {
        await this.sender.add(one);
      } catch {
        // A browser without a store of its own, or a full one: say so, do not pretend.
        this.say(t("attachment.not_kept", { name: file.name }));
      }
    }
  }

  private say(problem: string): void {
    need("attachment-problem").textContent = problem;
  }

  private changed(progress?: Progress): void {
    if (!progress) {
      void this.show();
      return;
    }
    this.shares.set(progress.key, progress.share);
    const bar = document.querySelector<HTMLProgressElement>(`#attachment-waiting [data-key="${progress.key}"] progress`);
    if (bar) bar.value = progress.share;
  }

  private arrived(one: Waiting): void {
    this.shares.delete(one.key);
    if (one.caseNumber === this.caseNumber) void refresh("attachment-list");
  }

  private async show(): Promise<void> {
    let all: Waiting[];
    try {
      all = await waiting(this.user);
    } catch {
      // Without a store nothing can wait in it.
      return;
    }
    const own = all.filter((one) => one.caseNumber === this.caseNumber);
    need("attachment-waiting").replaceChildren(...own.map((one) => this.line(one)));
    const elsewhere = all.length - own.length;
    need("attachment-elsewhere").textContent = elsewhere
      ? t("attachment.waiting_elsewhere", { count: elsewhere })
      : "";
  }

  private line(one: Waiting): HTMLElement {
    const state = one.refused
      ? element("span", { class: "problem-text" }, one.refused)
      : element("progress", { max: 1, value: this.shares.get(one.key) ?? 0 });
    const drop = element("button", { type: "button", class: "quiet" }, t("attachment.drop"));
    drop.addEventListener("click", () => void this.sender.drop(one.key));
    const word = one.refused ? "" : t("attachment.waiting");
    return element(
      "li",
      { "data-key": one.key, class: one.refused ? "refused" : "" },
      element("span", { class: "name" }, one.name),
      element("span", { class: "muted small" }, word),
      state,
      drop,
    );
  }
}
