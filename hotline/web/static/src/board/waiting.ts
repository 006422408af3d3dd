// Who waits, in the order in which they will be taken; by queue where there are several.
import { element, need, shape } from "../dom";
import { t } from "../i18n";
import { priorityWords } from "../priority";
import { named } from "../routing/types";
import { countUp } from "../time";
import type { Board, Waiting } from "./types";
import { focusedCall, keepWhy, whyButton } from "./why";

const PROMPT_S = 15;

function waitingRow(call: Waiting, names: Map<string, string>, queue: string): HTMLElement {
  const time = element("time", { "data-late-after": PROMPT_S });
  countUp(time, call.since);
  const offered = call.offered_to
    ? element("span", { class: "state offered" }, shape("offered"), names.get(call.offered_to) ?? call.offered_to)
    : element("span", { class: "muted" }, t("board.in_line"));
  return element(
    "tr",
    {},
    element("td", {}, call.calling || t("phone.none"), ...priorityMark(call), " ", whyButton(call)),
    element("td", { class: "number" }, time),
    element("td", {}, offered),
    element("td", { class: "muted" }, queue),
  );
}

/** Why a call is not in the order in which it came. */
function priorityMark({ priority, reasons }: Waiting): (Node | string)[] {
  const words = priorityWords(priority, reasons);
  if (!words) return [];
  const [kind, sign] = priority < 0 ? ["tag", t("board.later")] : ["tag warn", t("board.first")];
  return [" ", element("span", { class: kind, title: words, "aria-label": words }, sign)];
}

/** How many wait in each queue of the plan, and of callers in one that is gone; since when. */
function showQueues(calls: Waiting[], titles: Map<string, string>): void {
  const place = need("by-queue");
  place.hidden = titles.size < 2;
  if (place.hidden) return;
  const gone = calls.map(({ queue }) => queue).filter((queue) => !titles.has(queue));
  const items = [...new Set([...titles.keys(), ...gone])].map((queue) => {
    const own = calls.filter((call) => call.queue === queue);
    const time = element("time", { class: "muted", "data-late-after": PROMPT_S });
    if (own.length > 0) countUp(time, Math.min(...own.map(({ since }) => since)));
    const kind = own.length > 0 ? "" : "muted";
    return element("li", { class: kind }, `${titles.get(queue) ?? queue} `, element("b", {}, String(own.length)), " ", time);
  });
  place.replaceChildren(...items);
}

export function showWaiting(board: Board): void {
  const names = new Map(board.agents.map((agent) => [agent.agent_id, agent.name]));
  const titles = new Map(board.queues.map(({ code, title }) => [code, named(title, code)]));
  const calls = board.pbx_up ? board.waiting : [];
  const focused = focusedCall();
  const rows = calls.map((call) => waitingRow(call, names, titles.get(call.queue) ?? call.queue));
  need("waiting").replaceChildren(...rows);
  keepWhy(calls, focused);
  showQueues(calls, titles);
  need("waiting-table").hidden = calls.length === 0;
  const empty = need("no-waiting");
  empty.hidden = calls.length > 0;
  empty.textContent = t(board.pbx_up ? "board.no_waiting" : "board.waiting_unknown");
}
