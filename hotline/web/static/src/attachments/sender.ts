// Sends what waits, one after another, again and again until the server has it or says no. Each
// file keeps its key, so that one whose answer was lost is not there twice.
import { csrfToken } from "../api";
import { t } from "../i18n";
import { forget, keep, waiting, type Waiting } from "./box";

const AGAIN_MS = 8_000;
const SILENCE_MS = 60_000;

export interface Progress {
  key: string;
  share: number;
}

interface Answer {
  status: number;
  message: string;
}

export class Sender {
  private busy = false;
  private again: number | undefined;

  constructor(
    private readonly user: string,
    private readonly changed: (progress?: Progress) => void,
    private readonly arrived: (one: Waiting) => void,
  ) {
    window.addEventListener("online", () => void this.run());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) void this.run();
    });
  }

  async add(one: Waiting): Promise<void> {
    await keep(one);
    this.changed();
    void this.run();
  }

  async drop(key: string): Promise<void> {
    await forget(key);
    this.changed();
  }

  /** Send everything that waits; come back later when the network does not carry it. */
  async run(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    clearTimeout(this.again);
    const tried = new Set<string>();
    try {
      for (;;) {
        const all = await waiting(this.user);
        const due = all.filter((one) => one.caseNumber && !one.refused);
        const next = due.find((one) => !tried.has(one.key));
        if (!next) {
          if (due.length) this.later();
          return;
        }
        tried.add(next.key);
        if (!(await this.send(next))) {
          this.later();
          return;
        }
      }
    } finally {
      this.busy = false;
      this.changed();
    }
  }

  private later(): void {
    this.again = window.setTimeout(() => void this.run(), AGAIN_MS);
  }

  /** False when the network or the server could not; later it may. */
  private async send(one: Waiting): Promise<boolean> {
    const answer = await post(one, (share) => this.changed({ key: one.key, share }));
    if (answer.status === 200 || answer.status === 201) {
      await forget(one.key);
      this.arrived(one);
      return true;
    }
    // Logged out, throttled or overloaded: the file is not at fault.
    if ([0, 401, 403, 429, 500, 502, 503, 504, 507].includes(answer.status)) return false;
    await keep({ ...one, refused: answer.message || t("error.status", { status: answer.status }) });
    return true;
  }
}

function post(one: Waiting, progress: (share: number) => void): Promise<Answer> {
  const where = new URLSearchParams({ stage: one.stage, name: one.name });
  const asked = new XMLHttpRequest();
  let silence: number | undefined;
  const heard = (): void => {
    clearTimeout(silence);
    silence = window.setTimeout(() => asked.abort(), SILENCE_MS);
  };
  return new Promise((done) => {
    // Not fetch: it tells nothing of how much has gone out.
    asked.open("POST", `/api/cases/${encodeURIComponent(one.caseNumber)}/attachments?${where}`);
    asked.setRequestHeader("Accept", "application/json");
    asked.setRequestHeader("Content-Type", "application/octet-stream");
    asked.setRequestHeader("X-CSRF-Token", csrfToken());
    asked.setRequestHeader("Idempotency-Key", one.key);
    asked.upload.onprogress = ({ loaded, total }) => {
      heard();
      progress(total ? loaded / total : 0);
    };
    asked.onloadend = () => {
      clearTimeout(silence);
      done({ status: asked.status, message: said(asked.responseText) });
    };
    heard();
    asked.send(one.data);
  });
}

function said(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? "";
  } catch {
    return "";
  }
}
