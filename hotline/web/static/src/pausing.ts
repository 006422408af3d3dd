// Pauses: their reasons' names, and what is left of what a day allows.
import { element, embedded } from "./dom";
import { t, tLoose } from "./i18n";
import { countLeft, duration } from "./time";

/** hotline/cti/views.py */
export interface PauseView {
  reason: string;
  used_s: number;
  times: number;
  unknown_s: number;
  /** null: it is not this pause that runs. */
  running_since: number | null;
  allowed_s: number | null;
  allowed_times: number | null;
}

/** A reason as it is from now on: hotline/web/shown.py */
export interface Reason {
  code: string;
  zh: string;
  en: string;
  minutes: number | null;
  times: number | null;
  offered: boolean;
}

const MINUTE_S = 60;

/** The server's names, as the page was given them. */
const names = embedded<Record<string, string>>("reason-names");

export function reasonName(code: string): string {
  return names[code] ?? tLoose(`agent.reason.${code}`);
}

/** Call a reason so from now on; gives its name. */
export function learnName({ code, zh, en }: Reason): string {
  const name = document.documentElement.lang.startsWith("zh") ? zh : en;
  names[code] = name;
  return name;
}

/** What was used of a reason, against what a day allows from now on. */
export function withReason(pauses: PauseView[], { code, minutes, times }: Reason): PauseView[] {
  const fresh = { reason: code, used_s: 0, times: 0, unknown_s: 0, running_since: null };
  const limits = { allowed_s: minutes === null ? null : minutes * MINUTE_S, allowed_times: times };
  const known = pauses.some(({ reason }) => reason === code);
  const all = known ? pauses : [...pauses, { ...fresh, ...limits }];
  return all.map((pause) => (pause.reason === code ? { ...pause, ...limits } : pause));
}

/** What is left today, as it counts down while the pause runs; nothing without a limit. */
export function whatIsLeft(pause: PauseView | undefined): HTMLElement[] {
  if (!pause) return [];
  const said: HTMLElement[] = [];
  if (pause.allowed_s !== null) {
    const left = pause.allowed_s - pause.used_s;
    const time = element("time", { class: "left" });
    if (pause.running_since !== null) countLeft(time, pause.running_since + left);
    else showLeft(time, left);
    said.push(time);
  }
  if (pause.allowed_times !== null) {
    const over = pause.times > pause.allowed_times;
    const words = t("pause.times", { times: pause.times, allowed: pause.allowed_times });
    said.push(element("span", { class: over ? "left times over" : "left times" }, words));
  }
  return said;
}

function showLeft(time: HTMLElement, left: number): void {
  time.textContent = left < 0 ? t("pause.over", { time: duration(-left) }) : t("pause.left", { time: duration(left) });
  time.classList.toggle("over", left < 0);
}

/** What nobody saw of today's pauses; empty for nothing. */
export function whatIsUnknown(pause: PauseView | undefined): string {
  return pause && pause.unknown_s >= 1 ? t("pause.unknown", { time: duration(pause.unknown_s) }) : "";
}
