// The list of findings below the text, and what changed since the published version.
import { element, need } from "../dom";
import { t, type Key } from "../i18n";
import type { Changes, Finding } from "./types";
import { versionName } from "./versions";

const SIGNS = { error: "✕", warning: "▲" };

export function showFindings(findings: Finding[]): void {
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const warnings = findings.length - errors;
  const head = need("findings-head");
  head.textContent =
    findings.length === 0 ? `✓ ${t("flows.no_findings")}` : t("flows.findings", { errors, warnings });
  const worst = errors ? "error" : warnings ? "warning" : "none";
  need("findings-head").parentElement?.setAttribute("data-worst", worst);
  need("findings").replaceChildren(...findings.map(row));
}

function row({ line, severity, text }: Finding): HTMLElement {
  const sign = element("span", { class: severity, "aria-label": t(`flows.${severity}`) }, SIGNS[severity]);
  const where = line ? t("flows.line", { line }) : "";
  const button = element(
    "button",
    { type: "button", "data-line": line },
    sign,
    element("span", { class: "muted small" }, where),
    element("span", {}, text),
  );
  return element("li", {}, button);
}

export function showChanges(changes: Changes | null, version: number): void {
  const place = need("changes");
  const nodes = changes ? [...changes.added, ...changes.removed, ...changes.changed] : [];
  const flow = changes?.flow ?? [];
  place.hidden = nodes.length + flow.length === 0;
  if (!changes) return;
  const kinds = ["added", "changed", "removed"] as const;
  place.replaceChildren(
    element("span", { class: "muted small" }, t("flows.since_version", { name: versionName(version) })),
    ...kinds.flatMap((kind) => part(kind, changes[kind])),
    ...(flow.length ? [element("span", { class: "small" }, `${t("flows.of_itself")} ${flow.join(", ")}`)] : []),
  );
}

function part(kind: "added" | "changed" | "removed", nodes: string[]): HTMLElement[] {
  if (nodes.length === 0) return [];
  const word = element("span", { class: "small" }, t(`flows.${kind}` as Key));
  return [
    word,
    ...nodes.map((node) => element("button", { type: "button", class: kind, "data-node": node }, node)),
  ];
}

/** The same in one line, for whoever is about to publish. */
export function summary(changes: Changes | null): string {
  if (!changes) return "";
  const kinds = ["added", "changed", "removed"] as const;
  const parts = kinds
    .filter((kind) => changes[kind].length > 0)
    .map((kind) => `${t(`flows.${kind}` as Key)} ${changes[kind].length}`);
  if (changes.flow.length) parts.push(`${t("flows.of_itself")} ${changes.flow.length}`);
  return parts.join(" · ") || t("flows.only_text");
}
