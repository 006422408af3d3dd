// What a comparison says (hotline/routing/rehearsal.py), and the figures made of it. Pure.
export interface Counts {
  offered: number;
  answered: number;
  abandoned: number;
  overflowed: number;
  within: number;
  waited_s: number;
}

export interface Load {
  agent_id: string;
  answered: number;
  busy_s: number;
  duty_s: number;
}

export interface Side {
  presence: "roster" | "recorded";
  queues: Record<string, Counts[]>;
  agents: Load[];
}

export interface Result {
  days: number;
  calls: number;
  sides: { today: Side; draft: Side };
}

/** One queue's half hour on both sides. */
export interface Pair {
  queue: string;
  index: number;
  today: Counts;
  draft: Counts;
}

const HALF_HOURS = 48;
const HALF_HOUR_MIN = 30;
// A wait that is this much longer on average, over at least so many callers, is told.
const LONGER_S = 3;
const ENOUGH = 10;
const NOTHING: Counts = { offered: 0, answered: 0, abandoned: 0, overflowed: 0, within: 0, waited_s: 0 };

function add(a: Counts, b: Counts): Counts {
  const names = Object.keys(NOTHING) as (keyof Counts)[];
  return Object.fromEntries(names.map((name) => [name, a[name] + b[name]])) as unknown as Counts;
}

/** A day by half hours, of one queue or (empty) of all. */
export function byHalfHour(side: Side, queue: string): Counts[] {
  const chosen = Object.entries(side.queues).filter(([name]) => !queue || name === queue);
  return Array.from({ length: HALF_HOURS }, (_, index) =>
    chosen.map(([, intervals]) => intervals[index] ?? NOTHING).reduce(add, NOTHING),
  );
}

export function total(intervals: Counts[]): Counts {
  return intervals.reduce(add, NOTHING);
}

/** Percent; null without callers. */
export function level({ within, offered }: Counts): number | null {
  return offered > 0 ? (100 * within) / offered : null;
}

/** Seconds; null when nobody was answered. */
export function meanWait({ waited_s, answered }: Counts): number | null {
  return answered > 0 ? waited_s / answered : null;
}

/** `after` − `before`; null when either is unknown. */
export function change(before: number | null, after: number | null): number | null {
  return before === null || after === null ? null : after - before;
}

/** Only answered callers have a wait: where more are answered in time, a longer mean is no harm. */
function fewerLost({ today, draft }: Pair): boolean {
  return (change(level(today), level(draft)) ?? 0) > 0;
}

/** Whose wait grows noticeably, the most callers' seconds first. */
export function longer({ today, draft }: Result["sides"]): (Pair & { by: number })[] {
  const pairs = Object.entries(draft.queues).flatMap(([queue, intervals]) =>
    intervals.map((after, index) => ({ queue, index, today: today.queues[queue]?.[index] ?? NOTHING, draft: after })),
  );
  const grown = pairs.map((pair) => ({ ...pair, by: change(meanWait(pair.today), meanWait(pair.draft)) ?? 0 }));
  const told = grown.filter((pair) => pair.by >= LONGER_S && pair.draft.offered >= ENOUGH && !fewerLost(pair));
  return told.sort((a, b) => b.by * b.draft.offered - a.by * a.draft.offered);
}

/** What agents did together; null for nobody. */
export function together(loads: (Load | undefined)[]): Omit<Load, "agent_id"> | null {
  const there = loads.filter((load) => load !== undefined);
  if (there.length === 0) return null;
  const sum = (name: "answered" | "busy_s" | "duty_s"): number => there.reduce((all, load) => all + load[name], 0);
  return { answered: sum("answered"), busy_s: sum("busy_s"), duty_s: sum("duty_s") };
}

export function share(part: number, whole: number): string {
  return whole > 0 ? `${((100 * part) / whole).toFixed(1)} %` : "—";
}

export function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}

export function seconds(value: number | null): string {
  return value === null ? "—" : `${value.toFixed(1)} s`;
}

/** With its sign, as a true minus; ±0 for what rounds to nothing. */
export function signed(value: number | null, unit: string): string {
  if (value === null) return "—";
  const size = Math.abs(value).toFixed(1);
  const sign = size === "0.0" ? "±" : value > 0 ? "+" : "−";
  return `${sign}${size}${unit}`;
}

export function clock(index: number): string {
  const minutes = index * HALF_HOUR_MIN;
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}
