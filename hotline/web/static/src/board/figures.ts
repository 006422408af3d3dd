// The figures: what is unknown is said so, never shown as 0.
import { need } from "../dom";
import { t } from "../i18n";
import { countUp, duration, now } from "../time";
import type { Agent, Board, State, Today } from "./types";

const UNKNOWN = "—";
// GB/T 33358-2016: a call is to be answered within this time.
const PROMPT_S = 15;

function put(id: string, text: string | number): void {
  const place = need(id);
  const words = String(text);
  if (place.textContent !== words) place.textContent = words;
}

function share(part: number, whole: number): string {
  return whole > 0 ? `${((100 * part) / whole).toFixed(1)} %` : UNKNOWN;
}

export function countByState(agents: Agent[]): Record<State, number> {
  const counts = { ready: 0, offered: 0, talking: 0, wrap_up: 0, on_task: 0, paused: 0, offline: 0 };
  for (const agent of agents) counts[agent.state] += 1;
  return counts;
}

export function longestSince(board: Board): number | null {
  if (!board.pbx_up || board.waiting.length === 0) return null;
  return Math.min(...board.waiting.map((call) => call.since));
}

function showNow(board: Board): void {
  const known = board.pbx_up;
  const unknown = t("board.unknown");
  put("now-waiting", known ? board.waiting.length : unknown);
  put("now-talking", known ? board.talking : unknown);
  put("now-ready", known ? countByState(board.agents).ready : unknown);
  const since = longestSince(board);
  const longest = need("now-longest");
  if (known && since === null) {
    countUp(longest, null);
    longest.textContent = t("board.nobody");
  } else if (since === null) {
    countUp(longest, null);
    longest.textContent = unknown;
  } else if (longest.dataset.since !== String(since)) countUp(longest, since);
  need("now").classList.toggle("unknown", !known);
}

function showToday(today: Today): void {
  put("today-arrived", today.arrived);
  put("today-answered", today.answered);
  put("today-abandoned", today.abandoned);
  put("today-prompt", share(today.within_15_s, today.answered));
  put("today-prompt-of", `${today.within_15_s} / ${today.answered}`);
  put("today-reports", today.reports);
  put("today-talk", today.answered > 0 ? duration(today.talk_s / today.answered) : UNKNOWN);
  put("today-rating", today.rated > 0 ? (today.rating_sum / today.rated).toFixed(1) : UNKNOWN);
  put("today-rating-of", t("board.rated", { count: today.rated }));
  put("today-blind", today.blind_s >= 1 ? t("board.blind", { time: duration(today.blind_s) }) : "");
}

export function showFigures(board: Board): void {
  showNow(board);
  showToday(board.today);
  warnOfWaits(board);
}

/** A wait that is longer than it should be is marked, also between two boards. */
export function warnOfWaits(board: Board): void {
  const since = longestSince(board);
  need("now").classList.toggle("late", since !== null && now() - since > PROMPT_S);
}
