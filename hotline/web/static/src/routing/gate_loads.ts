// Each agent's load on both sides, and their team's in one line above them.
import { element, need } from "../dom";
import { t } from "../i18n";
import { change, count, share, signed, together, type Load, type Result } from "./gate_model";
import { named, type Plan } from "./types";

// More agents than these are folded under their teams.
const MANY = 40;

type Sum = Omit<Load, "agent_id">;
type Both = [Sum | null, Sum | null];

interface Team {
  code: string;
  title: string;
  agents: string[];
}

export function showLoads({ today, draft }: Result["sides"], plan: Plan, nameOf: (agent: string) => string): void {
  const of = (side: Load[]): Map<string, Load> => new Map(side.map((load) => [load.agent_id, load]));
  const [before, after] = [of(today.agents), of(draft.agents)];
  const everybody = [...new Set([...before.keys(), ...after.keys()])];
  const sums = (agents: string[]): Both => [
    together(agents.map((agent) => before.get(agent))),
    together(agents.map((agent) => after.get(agent))),
  ];
  const agentRow = (agent: string): HTMLElement => row(element("td", {}, nameOf(agent)), sums([agent]));
  const teams = teamsOf(plan, everybody);
  const bodies = teams.map((team) => body(team, sums(team.agents), team.agents.map(agentRow), everybody.length));
  const rest = teams.length > 0 ? [] : [element("tbody", {}, ...everybody.map(agentRow))];
  const all = row(element("th", { scope: "row" }, t("routing.gate.everybody", { count: everybody.length })), sums(everybody));
  need("gate-loads").querySelectorAll("tbody").forEach((old) => old.remove());
  need("gate-loads").append(...bodies, ...rest, element("tbody", { class: "all" }, all));
}

/** The plan's teams, and last those who are in none; empty when nobody is in a team. */
function teamsOf(plan: Plan, everybody: string[]): Team[] {
  const own = new Map(plan.agents.map(({ agent_id, team }) => [agent_id, team ?? ""]));
  const of = (code: string): string[] => everybody.filter((agent) => (own.get(agent) ?? "") === code);
  const teams = plan.teams.map(({ code, title }) => ({ code, title: named(title, code), agents: of(code) }));
  const there = teams.filter(({ agents }) => agents.length > 0);
  if (there.length === 0) return [];
  const others = everybody.filter((agent) => !there.some(({ agents }) => agents.includes(agent)));
  return others.length > 0 ? [...there, { code: "", title: t("board.no_team"), agents: others }] : there;
}

function body({ title, agents }: Team, sums: Both, rows: HTMLElement[], everybody: number): HTMLElement {
  const folded = everybody > MANY;
  const sign = element("span", { "aria-hidden": "true" }, folded ? "▸" : "▾");
  const words = t("routing.gate.team", { team: title, count: agents.length });
  const button = element("button", { type: "button", class: "quiet", "aria-expanded": String(!folded) }, sign, words);
  for (const one of rows) one.hidden = folded;
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    sign.textContent = open ? "▾" : "▸";
    for (const one of rows) one.hidden = !open;
  });
  const head = row(element("th", { scope: "row" }, button), sums);
  head.className = "team";
  return element("tbody", {}, head, ...rows);
}

function row(head: HTMLElement, [before, after]: Both): HTMLElement {
  const moved = change(occupied(before), occupied(after));
  return element(
    "tr",
    {},
    head,
    loadCell(before),
    loadCell(after),
    element("td", { class: "number" }, signed(moved, t("routing.gate.points"))),
    callsCell(before),
    callsCell(after),
  );
}

function occupied(sum: Sum | null): number | null {
  return sum && sum.duty_s > 0 ? (100 * sum.busy_s) / sum.duty_s : null;
}

function loadCell(sum: Sum | null): HTMLElement {
  if (!sum || sum.duty_s <= 0) return element("td", { class: "load" }, "—");
  const words = element("span", { class: "number" }, share(sum.busy_s, sum.duty_s));
  return element("td", { class: "load" }, element("meter", { min: 0, max: 1, value: sum.busy_s / sum.duty_s, "aria-hidden": "true" }), words);
}

function callsCell(sum: Sum | null): HTMLElement {
  return element("td", { class: "number" }, sum ? count(sum.answered) : "—");
}
