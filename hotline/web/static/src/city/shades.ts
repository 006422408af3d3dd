// How an area is coloured by its open cases: by how many, how many overdue, or how old.
import { t } from "../i18n";

export interface Count {
  cases: number;
  overdue: number;
  ages: [number, number, number, number];
  oldest: number;
}

export type Colour = "cases" | "overdue" | "age";

const STEPS = 5;

export function sum(counts: Count[]): Count | undefined {
  if (counts.length === 0) return undefined;
  return counts.reduce((one, other) => ({
    cases: one.cases + other.cases,
    overdue: one.overdue + other.overdue,
    ages: one.ages.map((count, at) => count + other.ages[at]!) as Count["ages"],
    oldest: Math.min(one.oldest, other.oldest),
  }));
}

/** Bounds of the classes: each holds about as many areas, so that one storm does not hide the rest. */
export function bounds(values: number[]): number[] {
  const sorted = values.filter((value) => value > 0).sort((one, other) => one - other);
  const found = Array.from({ length: STEPS - 1 }, (_, at) => sorted[Math.floor(((at + 1) * sorted.length) / STEPS)] ?? 1);
  return [...new Set(found)];
}

export function valueOf(count: Count, colour: Colour): number {
  return colour === "overdue" ? count.overdue : count.cases;
}

/** The class of a count, 0 for none. By age: how old most of the work is, the oldest last. */
export function stepOf(count: Count | undefined, colour: Colour, limits: number[]): number {
  if (!count) return 0;
  if (colour === "age") {
    const at = [3, 2, 1, 0].find((age) => count.ages[age]! > 0);
    return at === undefined ? 0 : at + 1;
  }
  const value = valueOf(count, colour);
  return value === 0 ? 0 : 1 + limits.filter((limit) => value > limit).length;
}

export function legend(colour: Colour, limits: number[]): [number, string][] {
  if (colour === "age") {
    return (["day", "three", "week", "older"] as const).map((age, at) => [at + 1, t(`map.age.${age}`)]);
  }
  const from = [1, ...limits.map((limit) => limit + 1)];
  return from.map((first, at) => {
    const last = limits[at];
    return [at + 1, last === undefined ? `≥ ${first}` : last > first ? `${first}–${last}` : String(first)];
  });
}
