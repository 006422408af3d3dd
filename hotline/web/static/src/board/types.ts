// The supervisor's picture, as hotline/cti/views.py makes it.
import type { PauseView } from "../pausing";
import type { Named } from "../routing/types";
import type { ParkedCall } from "./parked";

export interface Agent {
  agent_id: string;
  name: string;
  extension: string;
  /** The code of a team of the routing plan; empty for none. */
  team: string;
  state: State;
  since: number;
  reason: string;
  until: number | null;
  next_state: string;
  reachable: boolean | null;
  next_reason: string;
  held_since: number | null;
  /** The pause that runs, if any. */
  pauses: PauseView[];
}

// In the order of a call's life; the rest are not taking any.
export const STATES = ["ready", "offered", "talking", "wrap_up", "on_task", "paused", "offline"] as const;
export type State = (typeof STATES)[number];

export interface Waiting {
  call_id: string;
  calling: string;
  queue: string;
  since: number;
  offered_to: string;
  priority: number;
  reasons: string[];
}

export interface Interval {
  start: number;
  arrived: number;
  answered: number;
  abandoned: number;
}

export interface Today {
  arrived: number;
  answered: number;
  abandoned: number;
  within_15_s: number;
  reports: number;
  talk_s: number;
  rated: number;
  rating_sum: number;
  blind_s: number;
}

export interface Board {
  at: number;
  pbx_up: boolean;
  journal_ok: boolean;
  waiting: Waiting[];
  talking: number;
  agents: Agent[];
  teams: Named[];
  queues: Named[];
  today: Today;
  intervals: Interval[];
  tasks: TaskCounts[];
  parked: ParkedCall[];
}

/** Work of one kind for agents whom no caller needs. */
export interface TaskCounts {
  kind: "callback" | "verification";
  waiting: number;
  begun: number;
}
