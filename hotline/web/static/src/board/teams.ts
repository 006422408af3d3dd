// Agents by the teams of the routing plan, each with its counts; one list where there are no teams.
import { element, need, shape } from "../dom";
import { t, type Key } from "../i18n";
import { named } from "../routing/types";
import { AgentList } from "./agents";
import { countByState } from "./figures";
import { STATES, type Agent, type Board } from "./types";

const MANY = 28;
const CHOSEN = "hotline.board_team";
const FOLDED = "hotline.board_folded";
// No team's code begins so.
const NO_TEAM = "-";

interface Team {
  code: string;
  title: string;
  agents: Agent[];
}

/** The teams that have agents, and last those who are in none; empty when nobody is in a team. */
function teamsOf(board: Board): Team[] {
  const of = (code: string): Agent[] => board.agents.filter(({ team }) => team === code);
  const teams = board.teams.map(({ code, title }) => ({ code, title: named(title, code), agents: of(code) }));
  const there = teams.filter(({ agents }) => agents.length > 0);
  if (there.length === 0) return [];
  const known = new Set(there.map(({ code }) => code));
  const others = board.agents.filter(({ team }) => !known.has(team));
  return others.length > 0 ? [...there, { code: NO_TEAM, title: t("board.no_team"), agents: others }] : there;
}

/** One team: its name, its counts, and its agents unless it is folded. */
class Group {
  private readonly sign = element("span", { "aria-hidden": "true" });
  private readonly name = element("span", { class: "name" });
  private readonly head = element("button", { type: "button", class: "quiet" }, this.sign, this.name);
  private readonly counts = element("span", { class: "counts" });
  private readonly list = new AgentList();
  readonly element = element("section", { class: "team" }, element("h3", {}, this.head, this.counts), this.list.element);

  constructor(code: string) {
    this.head.dataset.team = code;
  }

  show({ title, agents }: Team, open: boolean): HTMLElement {
    this.element.setAttribute("aria-label", title);
    this.head.setAttribute("aria-expanded", String(open));
    this.sign.textContent = open ? "▾" : "▸";
    this.name.textContent = title;
    this.name.title = title;
    this.counts.replaceChildren(...counts(agents));
    this.list.element.hidden = !open;
    this.list.show(agents);
    return this.element;
  }
}

export class Teams {
  private readonly place = need("agents");
  private readonly choice = need<HTMLSelectElement>("team");
  private readonly everybody = new AgentList();
  private readonly groups = new Map<string, Group>();
  private readonly folded = new Set((localStorage.getItem(FOLDED) ?? "").split(" ").filter(Boolean));
  private chosen = localStorage.getItem(CHOSEN) ?? "";
  private drawn = "";
  private board: Board | null = null;

  constructor() {
    this.choice.addEventListener("change", () => {
      this.chosen = this.choice.value;
      localStorage.setItem(CHOSEN, this.chosen);
      this.redraw();
    });
    this.place.addEventListener("click", ({ target }) => {
      const head = (target as HTMLElement).closest<HTMLElement>("[data-team]");
      if (head) this.fold(head.dataset.team ?? "");
    });
  }

  show(board: Board): void {
    this.board = board;
    const drawn = JSON.stringify([board.pbx_up, board.agents, board.teams]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const focused = agentWithFocus();
    const teams = teamsOf(board);
    this.choices(teams);
    const shown = teams.filter(({ code }) => !this.chosen || code === this.chosen);
    this.put(shown.length > 0 ? shown.map((team) => this.group(team)) : [this.all(board.agents)]);
    // Forty agents are in one view.
    this.place.toggleAttribute("data-many", board.agents.length > MANY);
    showCounts(shown.length > 0 ? shown.flatMap(({ agents }) => agents) : board.agents);
    need("no-agents").hidden = board.agents.length > 0;
    need("agents-stale").hidden = board.pbx_up;
    if (focused) this.place.querySelector<HTMLElement>(focused)?.focus({ preventScroll: true });
  }

  /** What stands where it should is not moved: the focus would be lost. */
  private put(wanted: HTMLElement[]): void {
    const there = [...this.place.children];
    if (wanted.length === there.length && wanted.every((one, index) => one === there[index])) return;
    this.place.replaceChildren(...wanted);
  }

  private redraw(): void {
    this.drawn = "";
    if (this.board) this.show(this.board);
  }

  private fold(code: string): void {
    if (!this.folded.delete(code)) this.folded.add(code);
    localStorage.setItem(FOLDED, [...this.folded].join(" "));
    this.redraw();
  }

  private choices(teams: Team[]): void {
    this.choice.hidden = teams.length < 2;
    if (!teams.some(({ code }) => code === this.chosen)) this.chosen = "";
    const options = teams.map(({ code, title, agents }): [string, string] => [code, `${title} (${agents.length})`]);
    const wanted: [string, string][] = [["", t("board.every_team")], ...options];
    const there = [...this.choice.options].map(({ value, text }) => [value, text]);
    // An open list of choices is not drawn anew under the hand.
    if (JSON.stringify(wanted) !== JSON.stringify(there)) {
      this.choice.replaceChildren(...wanted.map(([value, text]) => element("option", { value }, text)));
    }
    this.choice.value = this.chosen;
  }

  private group(team: Team): HTMLElement {
    const group = this.groups.get(team.code) ?? new Group(team.code);
    this.groups.set(team.code, group);
    return group.show(team, !this.folded.has(team.code));
  }

  private all(agents: Agent[]): HTMLElement {
    this.everybody.show(agents);
    return this.everybody.element;
  }
}

/** How to find again the agent whose cell may be drawn anew; empty when the focus is elsewhere. */
function agentWithFocus(): string {
  const agent = (document.activeElement as HTMLElement | null)?.dataset.agent;
  return agent ? `[data-agent="${CSS.escape(agent)}"]` : "";
}

/** A team's states: shape and number, in columns that can be read downwards. */
function counts(agents: Agent[]): HTMLElement[] {
  return Object.entries(countByState(agents)).map(([state, count]) => {
    const word = t(`agent.state.${state}` as Key);
    const hidden = element("span", { class: "visually-hidden" }, word);
    const kind = count > 0 ? `state ${state}` : "state muted";
    return element("span", { class: kind, title: word }, shape(state), hidden, element("b", {}, String(count)));
  });
}

function showCounts(agents: Agent[]): void {
  const found = countByState(agents);
  for (const state of STATES) {
    const place = document.querySelector(`#by-state [data-count=${state}]`);
    if (place) place.textContent = String(found[state]);
  }
}
