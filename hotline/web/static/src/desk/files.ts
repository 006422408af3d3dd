// Files for the form's case. What is added before the form is saved waits in the browser's own store,
// and is sent once the case has its number.
import { forget, keep, waiting, type Waiting } from "../attachments/box";
import { Sender } from "../attachments/sender";
import { shrunk } from "../attachments/shrink";
import { request } from "../api";
import { element, need } from "../dom";
import { t } from "../i18n";
import { now } from "../time";

interface Kept {
  name: string;
  url: string;
}

const STAGE = "report";

export class FormFiles {
  private readonly user = document.body.dataset.user ?? "";
  private readonly input = need<HTMLInputElement>("case-files");
  private readonly most = Number(this.input.dataset.most);
  private readonly sender = new Sender(
    this.user,
    () => void this.draw(),
    () => void this.fetch(),
  );
  private callId = "";
  private caseNumber = "";
  private kept: Kept[] = [];

  constructor() {
    this.input.addEventListener("change", () => {
      void this.add([...(this.input.files ?? [])]);
      this.input.value = "";
    });
    void this.sender.run();
  }

  /** The form that is shown; `caseNumber` is empty until it was saved. */
  show(callId: string, caseNumber: string): void {
    const same = callId === this.callId && caseNumber === this.caseNumber;
    this.callId = callId;
    this.caseNumber = caseNumber;
    if (same) return;
    this.kept = [];
    this.say("");
    void this.draw();
    if (!caseNumber) return;
    void this.numbered(callId, caseNumber);
    void this.fetch();
  }

  private async add(files: File[]): Promise<void> {
    this.say("");
    for (const file of files) {
      const data = await shrunk(file);
      if (data.size > this.most) {
        this.say(t("attachment.too_large", { name: file.name, most: this.most / 1024 / 1024 }));
        continue;
      }
      const { callId, caseNumber, user } = this;
      const key = crypto.randomUUID?.() ?? `${now()}-${Math.random().toString(36).slice(2)}`;
      try {
        await this.sender.add({ key, user, caseNumber, callId, stage: STAGE, name: file.name, at: now(), data });
      } catch {
        // A browser without a store of its own, or a full one: say so, do not pretend.
        this.say(t("attachment.not_kept", { name: file.name }));
      }
    }
  }

  /** The case has its number: what was added before goes to it. */
  private async numbered(callId: string, caseNumber: string): Promise<void> {
    for (const one of await this.own()) {
      if (one.callId === callId && !one.caseNumber) await keep({ ...one, caseNumber });
    }
    void this.sender.run();
  }

  private async fetch(): Promise<void> {
    const { caseNumber } = this;
    if (!caseNumber) return;
    const path = `/api/cases/${encodeURIComponent(caseNumber)}/attachments`;
    // Without an answer those that wait are shown; the case's page has them all.
    const found = await request<{ attachments: Kept[] }>("GET", path).catch(() => null);
    if (!found || caseNumber !== this.caseNumber) return;
    this.kept = found.attachments;
    void this.draw();
  }

  /** What waits for this form; nothing in a browser without a store. */
  private async own(): Promise<Waiting[]> {
    const all = await waiting(this.user).catch((): Waiting[] => []);
    const here = (one: Waiting) =>
      one.caseNumber ? one.caseNumber === this.caseNumber : one.callId === this.callId;
    return all.filter(here);
  }

  private async draw(): Promise<void> {
    const own = await this.own();
    need("case-files-list").replaceChildren(
      ...this.kept.map(({ name, url }) => element("a", { href: url, target: "_blank", rel: "noopener" }, name)),
      ...own.map((one) => this.waits(one)),
    );
  }

  private waits(one: Waiting): HTMLElement {
    const state = one.refused ?? t(one.caseNumber ? "attachment.waiting" : "desk.file_waits");
    const label = `${t("attachment.drop")} ${one.name}`;
    const drop = element("button", { type: "button", class: "quiet", "aria-label": label }, "×");
    drop.addEventListener("click", () => void forget(one.key).then(() => this.draw()));
    return element("span", { class: one.refused ? "problem-text" : "muted" }, `${one.name} ${state}`, drop);
  }

  private say(problem: string): void {
    need("e-case-files").textContent = problem;
  }
}
