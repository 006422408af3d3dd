// Agents in cells. Rows stay where they are; only what changed is drawn, so the focus stays too.
import { element, shape } from "../dom";
import { t, tLoose, type Key } from "../i18n";
import { reasonName, whatIsLeft } from "../pausing";
import { countDown, countUp, timeOfDay } from "../time";
import type { Agent } from "./types";

/** What the agent's state is shown as: a talk whose caller hears music is held. */
function look(agent: Agent): string {
  return agent.held_since === null ? agent.state : "held";
}

export function stateOf(agent: Agent, word = stateWord(agent)): HTMLElement {
  const shown = look(agent);
  return element("span", { class: `state ${shown}` }, shape(shown), element("span", {}, word));
}

/** As a cell has room for it: what the engine paused for has long words, which its title has. */
function shortWord(agent: Agent): string {
  const key = `board.reason.${agent.reason}`;
  const short = tLoose(key);
  return agent.state === "paused" && short !== key ? short : stateWord(agent);
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
  const words = [agent.name, agent.extension, stateWord(agent)];
  if (agent.since) words.push(t("board.state_since", { time: timeOfDay(agent.held_since ?? agent.since) }));
  return words.join(" ");
}

function cellOf(agent: Agent): HTMLElement {
  const time = element("time");
  // An agent who has not been here since the start has no time in this state.
  if (agent.until !== null && agent.state !== "offline") countDown(time, agent.until);
  else countUp(time, agent.held_since ?? (agent.since || null));
  const name = element("button", { type: "button", class: "quiet", "data-agent": agent.agent_id }, agent.name);
  const cell = element("li", { "data-state": agent.state, title: titleOf(agent) }, name, stateOf(agent, shortWord(agent)), time);
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

/** A list of agents, in the order in which they are given. */
export class AgentList {
  readonly element = element("ul", { class: "agents" });
  private cells = new Map<string, { drawn: string; cell: HTMLElement }>();

  show(agents: Agent[]): void {
    const before = this.cells;
    this.cells = new Map(agents.map((agent) => [agent.agent_id, this.cell(agent, before)]));
    const wanted = [...this.cells.values()].map(({ cell }) => cell);
    const there = [...this.element.children];
    if (wanted.length === there.length && wanted.every((cell, index) => cell === there[index])) return;
    this.element.replaceChildren(...wanted);
  }

  private cell(agent: Agent, before: typeof this.cells): { drawn: string; cell: HTMLElement } {
    const drawn = JSON.stringify(agent);
    const old = before.get(agent.agent_id);
    if (old?.drawn === drawn) return old;
    const cell = cellOf(agent);
    old?.cell.replaceWith(cell);
    return { drawn, cell };
  }
}
