// What the server tells of a flow: see hotline/web/flow_views.py.

export interface Finding {
  /** From 1; 0 is the file as a whole. */
  line: number;
  node: string;
  code: string;
  severity: "error" | "warning";
  text: string;
}

export interface Changes {
  added: string[];
  removed: string[];
  changed: string[];
  flow: string[];
}

export interface NodeCount {
  entered: number;
  left: Record<string, number>;
  hung_up: number;
  ended: number;
  inside: number;
}

export interface Counts {
  whole: NodeCount;
  nodes: Record<string, NodeCount>;
  versions: { version: number; entered: number }[];
  blind: { since: number; until: number }[];
}

export interface Examined {
  findings: Finding[];
  sound: boolean;
  svg: string | null;
  /** Too many nodes to be drawn here. */
  too_large: boolean;
  nodes: Record<string, number>;
  changes: Changes | null;
  counts: Counts | null;
}

export interface Publication {
  version: number;
  by: string;
  at: number | null;
  note: string;
  rolled_back_from: number | null;
}

export interface FlowState {
  name: string;
  text: string;
  published: string | null;
  version: number;
  based_on: number;
  drafted_at: number | null;
  publication: Publication;
  flows: string[];
  prompts: string[];
}

export interface Period {
  period: string;
  since: string;
  until: string;
  version: number | null;
}
