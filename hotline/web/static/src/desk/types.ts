// What the server shows of agents and calls: hotline/cti/views.py and hotline/web/desk.py.
import type { ParkedCall } from "../board/parked";
import type { PauseView, Reason } from "../pausing";

export type State = "ready" | "offered" | "talking" | "wrap_up" | "on_task" | "paused" | "offline";

export interface AgentView {
  agent_id: string;
  name: string;
  extension: string;
  state: State;
  since: number;
  reason: string;
  until: number | null;
  next_state: "" | State;
  call_id: string;
  offer_id: string;
  /** null while the PBX is unseen. */
  reachable: boolean | null;
  next_reason: string;
  /** The caller hears music: this agent was cut off. */
  held_since: number | null;
  /** By how many seconds the wrap-up can still be extended. */
  extra_s: number;
  /** Every reason for pausing, and what was used of it today. */
  pauses: PauseView[];
  forced: Forced | null;
  /** What is shown, or (on_task) worked on. */
  task: TaskView | null;
  /** The caller hears music because this agent asked for it. */
  on_hold_since: number | null;
  /** The colleague's call into which this agent is asked. */
  asked: AskedView | null;
}

/** A colleague asks for help with a call: `by` is their name. */
export interface AskedView {
  call_id: string;
  by: string;
  note: string;
  mode: HandoverView["mode"];
  step: HandoverView["step"];
  since: number;
}

/** What became of the call before: handed over, or asked about, by whom to whom. */
export interface StoryLine {
  at: number;
  by: string;
  mode: HandoverView["mode"];
  to: string;
  note: string;
  outcome: string;
}

/** Work between calls. */
export interface TaskView {
  task_id: string;
  kind: "callback" | "verification";
  /** A name or a masked number; empty for unknown. */
  who: string;
  /** How long there is to listen, null where nothing was recorded. */
  seconds: number | null;
}

/** What a supervisor made of an agent's state. */
export interface Forced {
  at: number;
  want: "ready" | "paused" | "offline" | "end_wrap_up";
  reason: string;
  why: string;
  name: string;
}

export interface EarlierCall {
  call_id: string;
  arrived_at: number;
  agent_name: string;
  talked_s: number | null;
  outcome: string;
}

export interface EarlierCase {
  case_number: string;
  state: string;
  opened_at: number;
  category_name: string;
  address: string;
  description: string;
}

/** Another service or a colleague who is rung for the caller or talks with them, or a queue. */
export interface HandoverView {
  target: string;
  /** What the target was called when it began. */
  name: string;
  mode: "three_way" | "blind" | "flow" | "overflow" | "consult" | "queue" | "park";
  step: "ringing" | "answered" | "ready" | "joined";
  started_at: number;
  joined_at: number | null;
  /** The caller hung up; agent and service talk on. */
  caller_gone: boolean;
}

export interface Pop {
  call_id: string;
  offer_id: string;
  phase: "offered" | "consulted" | "talking" | "ended";
  called: string;
  /** Masked. */
  calling: string;
  withheld: boolean;
  calling_name: string;
  queue: string;
  arrived_at: number;
  queued_at: number | null;
  offered_at: number;
  answered_at: number | null;
  keys: string;
  calls: EarlierCall[];
  cases: EarlierCase[];
  draft: Partial<FormValues>;
  /** How far the draft was brought; 0 without one. */
  draft_revision: number;
  case_number: string;
  handover: HandoverView | null;
  /** Not 0: the call goes before others (or behind them), and the reasons say why. */
  priority: number;
  reasons: string[];
  /** Why the call goes to this agent first: `talk` or `case:<number>`; empty: it does not. */
  first: string;
  /** The citizen is dialled when the agent has answered. */
  kept_place: boolean;
  /** Who handed the call on before, oldest first. */
  story: StoryLine[];
  /** Whose half-filled form the draft is; empty: the agent's own. */
  draft_of: string;
}

export interface FormValues {
  kind: string;
  urgency: string;
  category: string;
  /** What was typed for it while none is chosen. */
  category_words: string;
  address: string;
  description: string;
  happened: string;
  caller_name: string;
  /** Empty: the number that the call came from. */
  caller_phone: string;
  caller_sex: string;
  expected_reply: string;
  source: string;
  road: string;
  landmark: string;
  component_code: string;
  /** The filing condition's key in the city's table; empty for not chosen. */
  condition: string;
  unit: string;
  /** Longitude and latitude in WGS 84, with a comma between; empty for unknown. */
  point: string;
  /** The case that this one is about the same matter as: linked when it is saved. */
  same_as: string;
  /** The case that this one has to do with. */
  related_to: string;
  anonymous: boolean;
  confidential: boolean;
  callback_wanted: boolean;
}

export interface SavedCase {
  number: string;
  version: number;
  state: string;
  saved_at: number;
  /** Masked; empty for none. */
  phone: string;
  form: Partial<FormValues>;
}

/** What is said of who calls: the agent's own mark (empty for none) and the rule in force. */
export interface CallerInfo {
  mark: string;
  why: string;
  rule: { id: number; effect: string; until: number } | null;
}

export interface CallData {
  pop: Pop;
  case: SavedCase | null;
  caller: CallerInfo;
}

export interface QueueView {
  pbx_up: boolean;
  journal_ok: boolean;
  waiting: number | null;
  longest_since: number | null;
  ready: number | null;
  parked: ParkedCall[];
}

export interface DeskData {
  reasons: Reason[];
  agent: AgentView | null;
  today: { talks: number; talk_s: number };
  queue: QueueView;
  calls: CallData[];
  current: string;
}

export interface CallProgress {
  what: string;
  at: number;
  call_id: string;
  outcome?: string;
  key?: string;
  by?: string;
  target?: string;
  name?: string;
  mode?: HandoverView["mode"];
}
