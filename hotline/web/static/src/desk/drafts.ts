// What is typed is kept: every keystroke in this tab at once, and on the server as soon as the
// request before has come back. A request that is lost is sent again, sooner first and then later;
// one that comes late cannot undo a later one, since each says how manieth it is. What another page
// typed into the same form meanwhile is put together with what was typed here, field by field.
import { ApiError, request } from "../api";
import { stream } from "../stream";
import type { FormValues } from "./types";

const SOON_MS = 120;
const AGAIN_MS = 250;
const LATEST_MS = 5000;
// On a bad link an answer that takes longer will hardly come.
const PATIENCE_MS = 4000;
// One lost request is no news.
const TELL_AFTER = 2;
const BACKUP = "hotline-draft:";
const PAGE = crypto.getRandomValues(new Uint32Array(2)).join("-").slice(0, 32);

export type DraftState = "clean" | "waiting" | "saved" | "failed";

/** What the server has, as far as this page knows. */
interface Known<T> {
  values: T;
  revision: number;
}

/** `arrived`: the server said that it has all that was typed, as `revision`. */
interface Backup<T> extends Known<T> {
  typed: T;
  arrived: boolean;
}

/** hotline/web/drafts.py */
interface Typed<T> {
  call_id: string;
  page: string;
  revision: number;
  form: Partial<T>;
  /** The fields in which that page replaced what this one had written. */
  over: string[];
}

interface Overtaken<T> {
  form?: Partial<T>;
  revision?: number;
}

/** What was typed here since `base`, and in the other fields what was typed elsewhere. */
export function together<T extends object>(base: T, mine: T, theirs: T): T {
  const own = Object.entries(mine).filter(([name, value]) => value !== base[name as keyof T]);
  return { ...theirs, ...Object.fromEntries(own) };
}

/** What was typed elsewhere into fields that were filled in otherwise here, both since `base`. */
export function differing<T extends object>(base: T, mine: T, theirs: T): Partial<T> {
  const both = Object.entries(theirs).filter(([key, value]) => {
    const name = key as keyof T;
    return mine[name] !== base[name] && value !== base[name] && value !== mine[name];
  });
  return Object.fromEntries(both) as Partial<T>;
}

/** How long to wait before the try after `tries` that failed. */
export function pause(tries: number, dice: () => number = Math.random): number {
  return Math.min(LATEST_MS, AGAIN_MS * 2 ** (tries - 1)) * (0.75 + dice() / 2);
}

function ofCall(callId: string): string {
  return `/api/calls/${encodeURIComponent(callId)}/draft`;
}

/** Of a form that no offer brings: hotline/web/kept.py. */
export function ofTask(key: string): string {
  return `/api/kept/${key}`;
}

export class Drafts<T extends object = FormValues> {
  private readonly pending = new Map<string, T>();
  private readonly known = new Map<string, Known<T>>();
  /** The number of the last request of each call, whatever became of it. */
  private readonly sent = new Map<string, number>();
  private readonly flying = new Set<string>();
  private readonly tries = new Map<string, number>();
  private readonly timers = new Map<string, number>();

  /** `merged`: another page had typed into the form, and this is what it holds now; `path`: where
   * a draft is kept, by what it is called here: a call, or a task. */
  constructor(
    private readonly shown: (callId: string, state: DraftState) => void,
    private readonly merged: (callId: string, values: T) => void,
    private readonly path: (callId: string) => string = ofCall,
  ) {
    stream.on<Typed<T>>("draft", (typed) => this.heard(typed));
    window.addEventListener("pagehide", () => this.leave());
    window.addEventListener("online", () => this.flush());
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.leave();
    });
  }

  /** Whether the server has more than this page was given: it was made before the last words,
   * typed just before a reload, arrived. */
  behind = false;
  /** Told when other pages wrote something else into the same fields. */
  differs: (callId: string, theirs: Partial<T>) => void = () => undefined;
  /** Told when another page replaced what was written here. */
  replaced: (callId: string, mine: Partial<T>) => void = () => undefined;
  /** The fields in which another page's words are replaced by what is sent next. */
  private readonly over = new Map<string, Set<string>>();

  /** What the form is to hold: what the server has, with what was typed on this page (`mine`, or
   * before a reload) and may not have reached it. */
  meet(callId: string, stored: T, revision: number, mine: T | null): T {
    const before = this.known.get(callId);
    const backup = before ? null : this.notArrived(callId, revision);
    const typed = mine ?? backup?.typed;
    const base = before ?? backup ?? undefined;
    // A pop that was made before the last draft arrived, or after it became a case, knows less.
    const news = !base || revision > base.revision;
    if (news) this.known.set(callId, { values: stored, revision });
    else if (!before) this.known.set(callId, base);
    if (!typed) return stored;
    const values = news && base ? this.bring(callId, base.values, typed, stored) : typed;
    if (backup) this.keep(callId, values);
    return values;
  }

  keep(callId: string, values: T): void {
    this.pending.set(callId, values);
    this.backUp(callId, values);
    if ((this.tries.get(callId) ?? 0) < TELL_AFTER) this.shown(callId, "waiting");
    if (!this.flying.has(callId) && !this.timers.has(callId)) this.later(callId, SOON_MS);
  }

  /** Whether something typed here has not reached the server yet. */
  hasUnsent(callId: string): boolean {
    return this.pending.has(callId);
  }

  /** Another page of ours typed, and the server has it. */
  private heard({ call_id, page, revision, form, over }: Typed<T>): void {
    const before = this.known.get(call_id);
    if (page === PAGE || !before || revision <= before.revision) return;
    const theirs = { ...before.values, ...form };
    const mine = this.pending.get(call_id);
    const values = mine ? this.bring(call_id, before.values, mine, theirs) : theirs;
    this.known.set(call_id, { values: theirs, revision });
    if (mine) this.pending.set(call_id, values);
    this.backUp(call_id, values, !mine);
    this.merged(call_id, values);
    const lost = over.filter((name) => values[name as keyof T] !== before.values[name as keyof T]);
    if (lost.length === 0) return;
    const own = lost.map((name) => [name, before.values[name as keyof T]]);
    this.replaced(call_id, Object.fromEntries(own) as Partial<T>);
  }

  private bring(callId: string, base: T, mine: T, theirs: T): T {
    const both = differing(base, mine, theirs);
    const names = Object.keys(both);
    if (names.length > 0) {
      this.over.set(callId, new Set([...(this.over.get(callId) ?? []), ...names]));
      this.differs(callId, both);
    }
    return together(base, mine, theirs);
  }

  /** Send what has not been sent, now. */
  flush(): void {
    for (const callId of this.pending.keys()) if (!this.flying.has(callId)) void this.send(callId);
  }

  /** The form was saved as a case or given up: there is no draft any more. */
  forget(callId: string): void {
    this.pending.delete(callId);
    this.stopTimer(callId);
    this.tries.delete(callId);
    sessionStorage.removeItem(BACKUP + callId);
    this.shown(callId, "clean");
  }

  private leave(): void {
    // The request must outlive the page.
    for (const callId of this.pending.keys()) void this.send(callId, true);
  }

  private later(callId: string, milliseconds: number): void {
    this.stopTimer(callId);
    this.timers.set(callId, window.setTimeout(() => void this.send(callId), milliseconds));
  }

  private stopTimer(callId: string): void {
    clearTimeout(this.timers.get(callId));
    this.timers.delete(callId);
  }

  private async send(callId: string, leaving = false): Promise<void> {
    this.stopTimer(callId);
    const values = this.pending.get(callId);
    if (!values) return;
    const seen = this.known.get(callId)?.revision ?? 0;
    const revision = Math.max(seen, this.sent.get(callId) ?? 0) + 1;
    this.sent.set(callId, revision);
    this.flying.add(callId);
    try {
      const over = [...(this.over.get(callId) ?? [])];
      const body = { form: values, revision, seen, page: PAGE, over };
      await request("PUT", this.path(callId), body, { keepalive: leaving, patienceMs: PATIENCE_MS });
      this.arrived(callId, values, revision);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.failed(callId, error);
    } finally {
      this.flying.delete(callId);
    }
  }

  private arrived(callId: string, values: T, revision: number): void {
    this.tries.delete(callId);
    this.over.delete(callId);
    this.known.set(callId, { values, revision });
    if (this.pending.get(callId) === values) {
      this.pending.delete(callId);
      this.backUp(callId, values, true);
      this.shown(callId, "saved");
    } else if (this.pending.has(callId)) this.later(callId, SOON_MS);
  }

  private failed(callId: string, error: ApiError): void {
    const mine = this.pending.get(callId);
    if (!mine) return;
    if (error.key === "draft_overtaken") {
      this.overtaken(callId, mine, error.body as Overtaken<T>);
      return;
    }
    const tries = (this.tries.get(callId) ?? 0) + 1;
    this.tries.set(callId, tries);
    if (tries >= TELL_AFTER) this.shown(callId, "failed");
    // Asked again wherever that can help: not for a call that is not ours, nor a form that is none.
    if (error.status === 0 || error.status >= 429 || error.status < 404) {
      this.later(callId, pause(tries));
    }
  }

  private overtaken(callId: string, mine: T, { form = {}, revision = 0 }: Overtaken<T>): void {
    const before = this.known.get(callId)?.values ?? mine;
    const theirs = { ...before, ...form };
    const values = this.bring(callId, before, mine, theirs);
    this.known.set(callId, { values: theirs, revision });
    this.pending.set(callId, values);
    this.backUp(callId, values);
    this.merged(callId, values);
    this.later(callId, SOON_MS);
  }

  /** What this tab kept because the server may not have it. */
  private notArrived(callId: string, revision: number): Backup<T> | null {
    const kept = sessionStorage.getItem(BACKUP + callId);
    if (!kept) return null;
    const backup = JSON.parse(kept) as Backup<T>;
    if (!backup.arrived) return backup;
    sessionStorage.removeItem(BACKUP + callId);
    this.behind ||= revision < backup.revision;
    return null;
  }

  private backUp(callId: string, typed: T, arrived = false): void {
    const known = this.known.get(callId) ?? { values: typed, revision: 0 };
    const backup: Backup<T> = { ...known, typed, arrived };
    sessionStorage.setItem(BACKUP + callId, JSON.stringify(backup));
  }
}
