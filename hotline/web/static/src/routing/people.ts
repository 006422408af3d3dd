// Agents by queues and skills, and their week: two grids over one plan.
import { element, need } from "../dom";
import { t, type Key } from "../i18n";
import { Grid, type Column, type Row } from "./grid";
import { Names } from "./names";
import { named, WEEK, type Agent, type Plan, type State } from "./types";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

export class People {
  private readonly skills = new Grid(need<HTMLTableElement>("skills-grid"), t("routing.agent"));
  private readonly roster = new Grid(need<HTMLTableElement>("roster-grid"), t("routing.agent"));

  private readonly names: Names;

  constructor(
    private readonly state: State,
    private readonly plan: () => Plan,
    private readonly changed: () => void,
  ) {
    this.names = new Names(plan, (others) => {
      this.changed();
      // A title is left by Tab: its own list stays, and the focus with it.
      if (others) this.show();
      else this.showGrids();
    });
    need("list-everybody").addEventListener("click", () => this.listEverybody());
    need("day-add").addEventListener("submit", (event) => this.addDay(event));
  }

  show(): void {
    this.showGrids();
    need("list-everybody").hidden = this.unlisted().length === 0;
    this.names.show();
    this.showDays();
  }

  private showGrids(): void {
    const rows = this.rows();
    this.skills.show({
      rows,
      columns: this.columns(),
      get: (row, column) => this.get(row, column),
      inherited: (row, column) => this.inherited(row, column),
      set: (row, column, value) => this.set(row, column, value),
    });
    this.roster.show({
      rows,
      columns: DAYS.map((day, index) => ({
        id: String(index),
        head: t(`routing.day.${day}` as Key),
        kind: "text",
      })),
      get: (row, column) => this.plan().roster[row]?.week?.[Number(column)] ?? "",
      set: (row, column, value) => this.setDay(row, Number(column), value),
    });
    need("no-agents").hidden = rows.length > 0;
  }

  focus(view: string): void {
    (view === "roster" ? this.roster : this.skills).focus();
  }

  goToAgent(agent: string, part: string, name: string): void {
    this.skills.goTo(agent, part === "team" ? "team" : `${part}:${name}`);
  }

  goToShift(agent: string, day: string): void {
    this.roster.goTo(agent, day);
  }

  nameOf(agent: string): string {
    return this.state.agents.find(({ id }) => id === agent)?.name ?? agent;
  }

  // --- rows and columns --------------------------------------------------------------------

  private rows(): Row[] {
    const { agents } = this.plan();
    const there = this.state.agents.filter(
      ({ id, active }) => active || agents.some(({ agent_id }) => agent_id === id),
    );
    const known = new Set(there.map(({ id }) => id));
    const unknown = agents.filter(({ agent_id }) => !known.has(agent_id));
    return [
      ...there.map(({ id, name, active }) => ({
        id,
        head: name,
        note: active ? id : t("routing.gone", { agent: id }),
        dim: !active,
      })),
      ...unknown.map(({ agent_id: id }) => ({ id, head: id, note: "?", dim: true })),
    ];
  }

  private columns(): Column[] {
    const plan = this.plan();
    const digits = (part: string, codes: [string, string][], top: number): Column[] =>
      codes.map(([code, head], index) => ({
        id: `${part}:${code}`,
        head,
        title: `${head} (${code})`,
        kind: "digit",
        top,
        first: index === 0,
      }));
    const queues = plan.queues.map(({ name, title }): [string, string] => [name, named(title, name)]);
    const skills = plan.skills.map(({ code, title }): [string, string] => [code, named(title, code)]);
    const teams = plan.teams.map(({ code, title }): [string, string] => [code, named(title, code)]);
    return [
      { id: "team", head: t("routing.team"), kind: "choice", options: [["", "—"], ...teams] },
      ...digits("queues", queues, this.state.top_weight),
      ...digits("skills", skills, this.state.top_level),
    ];
  }

  // --- cells -------------------------------------------------------------------------------

  private agent(id: string): Agent | undefined {
    return this.plan().agents.find(({ agent_id }) => agent_id === id);
  }

  /** Somebody who is not in the plan serves the home queue: so they begin with that. */
  private listed(id: string): Agent {
    const found = this.agent(id);
    if (found) return found;
    const fresh: Agent = { agent_id: id, queues: { [this.state.home]: 1 } };
    this.plan().agents.push(fresh);
    return fresh;
  }

  private get(row: string, column: string): string {
    const agent = this.agent(row);
    const [part, name = ""] = column.split(":");
    if (part === "team") return agent?.team ?? "";
    const values = part === "queues" ? agent?.queues : agent?.skills;
    return values?.[name] ? String(values[name]) : "";
  }

  private inherited(row: string, column: string): string {
    return !this.agent(row) && column === `queues:${this.state.home}` ? "1" : "";
  }

  private set(row: string, column: string, value: string): void {
    const agent = this.listed(row);
    const [part, name = ""] = column.split(":");
    if (part === "team") agent.team = value;
    else {
      const values = { ...(part === "queues" ? agent.queues : agent.skills) };
      if (value) values[name] = Number(value);
      else delete values[name];
      agent[part === "queues" ? "queues" : "skills"] = values;
    }
    need("list-everybody").hidden = this.unlisted().length === 0;
    this.changed();
  }

  private setDay(row: string, day: number, value: string): void {
    const shifts = (this.plan().roster[row] ??= {});
    const week = shifts.week ?? Array<string>(WEEK).fill("");
    shifts.week = week.map((hours, index) => (index === day ? value : hours));
    this.tidy(row);
    this.changed();
  }

  /** Nobody keeps a row of empty days. */
  private tidy(agent: string): void {
    const shifts = this.plan().roster[agent];
    if (!shifts) return;
    const empty = (shifts.week ?? []).every((hours) => !hours);
    if (empty && Object.keys(shifts.days ?? {}).length === 0) delete this.plan().roster[agent];
  }

  private unlisted(): string[] {
    const active = this.state.agents.filter(({ active }) => active).map(({ id }) => id);
    return active.filter((id) => !this.agent(id));
  }

  private listEverybody(): void {
    for (const id of this.unlisted()) this.listed(id);
    this.changed();
    this.show();
  }

  // --- single days --------------------------------------------------------------------------

  private showDays(): void {
    const people = this.rows().map(({ id, head }) => element("option", { value: id }, head));
    need("day-agent").replaceChildren(...people);
    const rows = Object.entries(this.plan().roster).flatMap(([agent, { days = {} }]) =>
      Object.entries(days).map(([day, hours]) => ({ agent, day, hours })),
    );
    rows.sort((a, b) => a.day.localeCompare(b.day));
    need("days").replaceChildren(...rows.map(({ agent, day, hours }) => this.dayRow(agent, day, hours)));
  }

  private dayRow(agent: string, day: string, hours: string): HTMLElement {
    const word = t("routing.remove", { name: day });
    const remove = element("button", { type: "button", class: "quiet", title: word, "aria-label": word }, "×");
    remove.addEventListener("click", () => {
      delete this.plan().roster[agent]?.days?.[day];
      this.tidy(agent);
      this.changed();
      this.showDays();
    });
    const words = `${day} ${this.nameOf(agent)} ${hours || t("routing.day_off")}`;
    return element("li", { class: "tag" }, words, remove);
  }

  private addDay(event: Event): void {
    event.preventDefault();
    const agent = need<HTMLSelectElement>("day-agent").value;
    const day = need<HTMLInputElement>("day-date").value;
    const hours = need<HTMLInputElement>("day-hours");
    if (!agent || !day) return;
    const shifts = (this.plan().roster[agent] ??= {});
    shifts.days = { ...shifts.days, [day]: hours.value.trim() };
    hours.value = "";
    this.changed();
    this.showDays();
  }
}
