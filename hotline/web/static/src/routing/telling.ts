// What is wrong with the plan, and what it changes: in words.
import { element, need } from "../dom";
import { t, tLoose, type Key } from "../i18n";
import { named, type Change, type Finding, type Title } from "./types";

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

export function showChanges(changes: Change[] | null, nameOf: (agent: string) => string): void {
  need("changes-count").textContent = changes?.length ? String(changes.length) : "";
  const rows = (changes ?? []).map(({ where, before, after }) =>
    element(
      "tr",
      {},
      element("td", {}, what(where, nameOf)),
      element("td", { class: "before" }, shown(before)),
      element("td", { class: "after" }, shown(after)),
    ),
  );
  need("changes").replaceChildren(...rows);
  need("changes-table").hidden = rows.length === 0;
  const none = need("no-changes");
  none.hidden = rows.length > 0;
  none.textContent = t(changes === null ? "routing.unreadable" : "routing.no_changes");
}

function what([part = "", name = "", ...rest]: string[], nameOf: (agent: string) => string): string {
  const people = part === "agents" || part === "roster";
  const words = [t(`routing.part.${part}` as Key), people ? nameOf(name) : name];
  return [...words, ...rest.map((one, index) => field(one, index)).filter(Boolean)].join(" · ");
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

function shown(value: unknown): string {
  if (value === null || value === undefined || value === "") return "—";
  if (Array.isArray(value)) return value.map(shown).join("; ") || "—";
  if (typeof value === "object") return whole(value as Record<string, unknown>);
  if (typeof value === "boolean") return value ? "✓" : "—";
  const strategy = `routing.strategy.${String(value)}`;
  const word = tLoose(strategy);
  return word === strategy ? String(value) : word;
}

/** A need, a ring, an overflow rule, a title, or a whole queue in one line. */
function whole(value: Record<string, unknown>): string {
  const { skill, level, after_s, weight, preferred, when, to } = value;
  if (skill !== undefined) return `${skill} ≥ ${level}`;
  if (after_s !== undefined) {
    const only = preferred ? ` ${t("routing.item.preferred")}` : "";
    return `${after_s} s: ${t("routing.item.weight")} ${weight}${only}`;
  }
  if (when !== undefined) return `${t(`routing.when.${when}` as Key)} ${value.value} → ${to}`;
  if ("title" in value) {
    const { name, code, title, ...rest } = value;
    return [named(title as Title, String(name ?? code)), ...parts(rest)].join(", ");
  }
  return parts(value).join(", ");
}

function parts(value: Record<string, unknown>): string[] {
  const there = ([, one]: [string, unknown]): boolean =>
    one !== null && one !== "" && one !== 0 && !(Array.isArray(one) && one.length === 0);
  return Object.entries(value).filter(there).map(([key, one]) => `${field(key, 0)} ${shown(one)}`);
}
