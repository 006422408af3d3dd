// Who waits and who is there. Rows stay where they are; only what changed is written.
import { element, need, shape } from "../dom";
import { t, type Key } from "../i18n";
import { reasonName, whatIsLeft } from "../pausing";
import { priorityWords } from "../priority";
import { countDown, countUp, timeOfDay } from "../time";
import type { Agent, Board, Waiting } from "./types";
import { countByState } from "./figures";
import { focusedCall, keepWhy, whyButton } from "./why";

const PROMPT_S = 15;
const MANY = 28;

/** What the agent's state is shown as: a talk whose caller hears music is held. */
function look(agent: Agent): string {
  return agent.held_since === null ? agent.state : "held";
}

export function stateOf(agent: Agent): HTMLElement {
  const shown = look(agent);
  return element("span", { class: `state ${shown}` }, shape(shown), element("span", {}, stateWord(agent)));
}

function stateWord(agent: Agent): string {
  if (agent.state === "paused" && agent.reason) return reasonName(agent.reason);
  return t(`agent.state.${look(agent)}` as Key);
}

function nextWord(agent: Agent): string {
  if (agent.next_state === "paused" && agent.next_reason) return reasonName(agent.next_reason);
  return t(`agent.state.${agent.next_state}` as Key);
}

function titleOf(agent: Agent): string {
  const words = [agent.extension, stateWord(agent)];
  if (agent.since) words.push(t("board.state_since", { time: timeOfDay(agent.held_since ?? agent.since) }));
  return words.join(" ");
}

function agentCell(agent: Agent): HTMLElement {
  const time = element("time");
  // An agent who has not been here since the start has no time in this state.
  if (agent.until !== null && agent.state !== "offline") countDown(time, agent.until);
  else countUp(time, agent.held_since ?? (agent.since || null));
  const name = element("button", { type: "button", class: "quiet", "data-agent": agent.agent_id }, agent.name);
  const cell = element("li", { "data-state": agent.state, title: titleOf(agent) }, name, stateOf(agent), time);
  const left = whatIsLeft(agent.pauses[0]);
  cell.append(...left);
  const tooOften = left.some((one) => one.matches(".times.over"));
  if (left.length > 0) cell.dataset.limited = tooOften ? "times" : "time";
  if (agent.next_state) {
    const next = t("desk.next_state", { state: nextWord(agent) });
    cell.append(mark(`state ${agent.next_state}`, next, "→", shape(agent.next_state)));
  }
  const told = agent.state === "offline" || agent.reason === "unreachable";
  if (agent.reachable === false && !told) {
    cell.append(mark("light warn", t("board.no_phone"), shape("warning")));
  }
  return cell;
}

/** A small sign with its words for whoever points at it or hears the page. */
function mark(kind: string, words: string, ...sign: (Node | string)[]): HTMLElement {
  const hidden = element("span", { class: "visually-hidden" }, words);
  return element("span", { class: kind, title: words }, ...sign, hidden);
}

function waitingRow(call: Waiting, names: Map<string, string>): HTMLElement {
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
    element("td", { class: "muted" }, queueName(call.queue)),
  );
}

/** Why a call is not in the order in which it came. */
function priorityMark({ priority, reasons }: Waiting): (Node | string)[] {
  const words = priorityWords(priority, reasons);
  if (!words) return [];
  const [kind, sign] = priority < 0 ? ["tag", t("board.later")] : ["tag warn", t("board.first")];
  return [" ", element("span", { class: kind, title: words, "aria-label": words }, sign)];
}

function queueName(queue: string): string {
  return queue === "hotline" ? t("case.queue.hotline") : queue;
}

let shownAgents = "";

function showAgents(board: Board): void {
  const known = JSON.stringify([board.pbx_up, board.agents]);
  if (known === shownAgents) return;
  shownAgents = known;
  need("agents").replaceChildren(...board.agents.map(agentCell));
  need("agents").toggleAttribute("data-many", board.agents.length > MANY);
  need("no-agents").hidden = board.agents.length > 0;
  need("agents-stale").hidden = board.pbx_up;
  const counts = countByState(board);
  for (const [state, count] of Object.entries(counts)) {
    const place = document.querySelector(`#by-state [data-count=${state}]`);
    if (place) place.textContent = String(count);
  }
}

function showWaiting(board: Board): void {
  const names = new Map(board.agents.map((agent) => [agent.agent_id, agent.name]));
  // In the order in which they will be taken.
  const calls = board.pbx_up ? board.waiting : [];
  const focused = focusedCall();
  need("waiting").replaceChildren(...calls.map((call) => waitingRow(call, names)));
  keepWhy(calls, focused);
  need("waiting-table").hidden = calls.length === 0;
  const empty = need("no-waiting");
  empty.hidden = calls.length > 0;
  empty.textContent = t(board.pbx_up ? "board.no_waiting" : "board.waiting_unknown");
}

export function showPeople(board: Board): void {
  showAgents(board);
  showWaiting(board);
}
