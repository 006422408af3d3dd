// The routing plan as the server writes it; what it leaves out stands at its default.
export type Title = { zh?: string; en?: string };
export type Value = string | number;

export interface Need {
  skill: string;
  level: Value;
}

export interface Ring {
  after_s: Value;
  weight: Value;
  preferred: boolean;
}

export interface Overflow {
  when: string;
  value: Value;
  to: string;
}

export interface Queue {
  name: string;
  title: Title;
  strategy: string;
  requires: Need[];
  prefers: Need[];
  rings: Ring[];
  overflow: Overflow[];
  [field: string]: unknown;
}

export interface Named {
  code: string;
  title: Title;
}

export interface Agent {
  agent_id: string;
  team?: string;
  queues?: Record<string, number>;
  skills?: Record<string, number>;
}

export interface Shifts {
  week?: string[];
  days?: Record<string, string>;
}

export interface Plan {
  queues: Queue[];
  skills: Named[];
  teams: Named[];
  agents: Agent[];
  roster: Record<string, Shifts>;
}

export interface Publication {
  version: number;
  by: string;
  at: number | null;
  note: string;
  rolled_back_from: number | null;
  gate_id: number | null;
  unproved: string;
}

export interface Finding {
  code: string;
  severity: "error" | "warning";
  where: (string | number)[];
  /** In the file that was read, from 1; 0 for none. */
  line: number;
  text: string;
}

export interface Change {
  where: string[];
  before: unknown;
  after: unknown;
}

export interface Person {
  id: string;
  name: string;
  active: boolean;
}

export interface State {
  plan: Plan;
  published: Plan;
  version: number;
  based_on: number;
  drafted_at: number | null;
  publication: Publication;
  home: string;
  top_weight: number;
  top_level: number;
  targets: { code: string; title: string }[];
  agents: Person[];
}

export const WEEK = 7;

/** A plan with every part there, and nothing shared with what was given. */
export function whole(plan: Partial<Plan>): Plan {
  const copy = structuredClone(plan);
  return {
    queues: copy.queues ?? [],
    skills: copy.skills ?? [],
    teams: copy.teams ?? [],
    agents: copy.agents ?? [],
    roster: copy.roster ?? {},
  };
}

export function named(title: Title, otherwise: string): string {
  const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
  return title[language] ?? title.zh ?? title.en ?? otherwise;
}
