// What is wrong with the plan, and what it changes: in words.
import { element, need } from "../dom";
import { t, tLoose, type Key } from "../i18n";
import { named, type Change, type Finding, type Plan, type State, type Title } from "./types";

/** What stands behind the codes of a change, in the draft or else in the plan in force. */
export interface Known {
  plan: Plan;
  state: State;
  nameOf: (agent: string) => string;
}

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

export function showFindings(findings: Finding[]): void {
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const warnings = findings.length - errors;
  const head = findings.length ? t("routing.findings", { errors, warnings }) : t("routing.no_findings");
  need("findings-head").textContent = head;
  const items = findings.map((finding, index) =>
    element(
      "li",
      { class: finding.severity },
      element(
        "button",
        { type: "button", class: "quiet", "data-finding": index },
        element("b", {}, t(`routing.${finding.severity}` as Key)),
        ` ${finding.text}`,
      ),
    ),
  );
  need("findings").replaceChildren(...items);
}

/** Mark the fields that findings speak of, each with the words. */
export function markFields(findings: Finding[]): void {
  for (const field of document.querySelectorAll<HTMLElement>("[data-path]")) {
    const path = field.dataset.path ?? "";
    const about = findings.filter(({ where }) => where.join(".") === path);
    field.title = about.map(({ text }) => text).join("\n");
    if (about.length > 0) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
}

export function showChanges(changes: Change[] | null, known: Known): void {
  need("changes-count").textContent = changes?.length ? String(changes.length) : "";
  const rows = (changes ?? []).map(({ where, before, after }) =>
    element(
      "tr",
      {},
      element("td", {}, what(where, known)),
      element("td", { class: "before" }, shown(before, known, where.at(-1))),
      element("td", { class: "after" }, shown(after, known, where.at(-1))),
    ),
  );
  need("changes").replaceChildren(...rows);
  need("changes-table").hidden = rows.length === 0;
  const none = need("no-changes");
  none.hidden = rows.length > 0;
  none.textContent = t(changes === null ? "routing.unreadable" : "routing.no_changes");
}

function titleOf(part: "queues" | "skills" | "teams", code: string, { plan, state }: Known): string {
  for (const { [part]: all } of [plan, state.published]) {
    for (const one of all) if (("name" in one ? one.name : one.code) === code) return named(one.title, code);
  }
  return code;
}

function what([part = "", name = "", ...rest]: string[], known: Known): string {
  const words = [t(`routing.part.${part}` as Key), nameIn(part, name, known)];
  const [of = "", code] = rest;
  const coded = part === "agents" && code !== undefined && (of === "queues" || of === "skills");
  const fields = coded ? [field(of, 0), titleOf(of, code, known)] : rest.map((one, index) => field(one, index));
  return [...words, ...fields.filter(Boolean)].join(" · ");
}

function nameIn(part: string, name: string, known: Known): string {
  if (part === "agents" || part === "roster") return known.nameOf(name);
  return part === "queues" || part === "skills" || part === "teams" ? titleOf(part, name, known) : name;
}

function field(name: string, index: number): string {
  const day = DAYS[Number(name)];
  if (index > 0 && day) return t(`routing.day.${day}` as Key);
  for (const key of [`routing.field.${name}`, `routing.list.${name}`, `routing.of.${name}`]) {
    const text = tLoose(key);
    if (text !== key) return text;
  }
  return name === "week" ? "" : name;
}

function shown(value: unknown, known: Known, of = ""): string {
  if (value === null || value === undefined || value === "") return "—";
  if (Array.isArray(value)) return value.map((one) => shown(one, known)).join("; ") || "—";
  if (typeof value === "object") return whole(value as Record<string, unknown>, known);
  if (typeof value === "boolean") return value ? "✓" : "—";
  if (of === "team") return titleOf("teams", String(value), known);
  const strategy = `routing.strategy.${String(value)}`;
  const word = tLoose(strategy);
  return word === strategy ? String(value) : word;
}

/** Where callers overflow to. */
function way(to: string, known: Known): string {
  const [kind, code = ""] = to.split(":");
  if (kind === "queue") return t("routing.to_queue", { name: titleOf("queues", code, known) });
  if (kind === "report") return t("routing.to_report");
  return known.state.targets.find((target) => target.code === code)?.title ?? to;
}

/** A need, a ring, an overflow rule, a title, or a whole queue in one line. */
function whole(value: Record<string, unknown>, known: Known): string {
  const { skill, level, after_s, weight, preferred, when, to } = value;
  if (skill !== undefined) return `${titleOf("skills", String(skill), known)} ≥ ${level}`;
  if (after_s !== undefined) {
    const only = preferred ? ` ${t("routing.item.preferred")}` : "";
    return `${after_s} s: ${t("routing.item.weight")} ${weight}${only}`;
  }
  if (when !== undefined) return `${t(`routing.when.${when}` as Key)} ${value.value} → ${way(String(to), known)}`;
  if ("title" in value) {
    const { name, code, title, ...rest } = value;
    return [named(title as Title, String(name ?? code)), ...parts(rest, known)].join(", ");
  }
  return parts(value, known).join(", ");
}

function parts(value: Record<string, unknown>, known: Known): string[] {
  const there = ([, one]: [string, unknown]): boolean =>
    one !== null && one !== "" && one !== 0 && !(Array.isArray(one) && one.length === 0);
  return Object.entries(value).filter(there).map(([key, one]) => `${field(key, 0)} ${shown(one, known, key)}`);
}
