// What is typed is kept: half a second after the last key, and when the page goes away. When the
// server cannot be reached it stays in this tab and is sent when it is back.
import { ApiError, request } from "../api";
import type { FormValues } from "./types";

const PAUSE_MS = 500;
const BACKUP = "hotline-draft:";

export type DraftState = "clean" | "waiting" | "saved" | "failed";

export class Drafts {
  private pending = new Map<string, FormValues>();
  private timer: number | undefined;

  constructor(private readonly shown: (callId: string, state: DraftState) => void) {
    window.addEventListener("pagehide", () => void this.flush(true));
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) void this.flush(true);
    });
  }

  keep(callId: string, values: FormValues): void {
    this.pending.set(callId, values);
    this.shown(callId, "waiting");
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.flush(), PAUSE_MS);
  }

  /** Send what has not been sent. `leaving`: the request must outlive the page. */
  async flush(leaving = false): Promise<void> {
    clearTimeout(this.timer);
    const batch = [...this.pending];
    for (const [callId, values] of batch) {
      if (leaving) this.backUp(callId, values);
      await this.send(callId, values, leaving);
    }
  }

  /** The form was saved as a case or given up: there is no draft any more. */
  forget(callId: string): void {
    this.pending.delete(callId);
    sessionStorage.removeItem(BACKUP + callId);
    this.shown(callId, "clean");
  }

  /** What this tab kept because the server did not. */
  backup(callId: string): FormValues | null {
    const kept = sessionStorage.getItem(BACKUP + callId);
    return kept ? (JSON.parse(kept) as FormValues) : null;
  }

  private backUp(callId: string, values: FormValues): void {
    sessionStorage.setItem(BACKUP + callId, JSON.stringify(values));
  }

  private async send(callId: string, values: FormValues, keepalive: boolean): Promise<void> {
    try {
      const path = `/api/calls/${encodeURIComponent(callId)}/draft`;
      await request("PUT", path, { form: values }, { keepalive });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.backUp(callId, values);
      this.shown(callId, "failed");
      return;
    }
    sessionStorage.removeItem(BACKUP + callId);
    if (this.pending.get(callId) === values) {
      this.pending.delete(callId);
      this.shown(callId, "saved");
    }
  }
}
