// How callers walked the flow: the choice of a period, and the table.
import { element, need } from "../dom";
import { t, tLoose } from "../i18n";
import { moment } from "../time";
import type { Counts, NodeCount, Period } from "./types";
import { versionName } from "./versions";

const WAYS = new Set(["talked_to_the_end", "hung_up_reporting", "returned"]);

export class PeriodPicker {
  private readonly period = need<HTMLSelectElement>("period");
  private readonly since = need<HTMLInputElement>("period-since");
  private readonly until = need<HTMLInputElement>("period-until");
  private readonly version = need<HTMLSelectElement>("period-version");

  constructor(changed: () => void) {
    for (const control of [this.period, this.since, this.until, this.version]) {
      control.addEventListener("change", () => {
        need("period-chosen").hidden = this.period.value !== "chosen";
        this.version.hidden = this.period.value === "";
        if (this.complete) changed();
      });
    }
  }

  /** Null when no counts are wished for. */
  get chosen(): Period | null {
    if (!this.period.value || !this.complete) return null;
    return {
      period: this.period.value,
      since: this.since.value,
      until: this.until.value,
      version: this.version.value === "" ? null : Number(this.version.value),
    };
  }

  /** Offer the versions that callers walked in the period. */
  offer({ versions }: Counts): void {
    const chosen = this.version.value;
    const all = versions.reduce((sum, { entered }) => sum + entered, 0);
    this.version.replaceChildren(
      element("option", { value: "" }, t("flows.all_versions", { entered: all })),
      ...versions.map(({ version, entered }) =>
        element("option", { value: version }, t("flows.version_entered", { name: versionName(version), entered })),
      ),
    );
    if (chosen && !versions.some(({ version }) => String(version) === chosen)) {
      this.version.append(element("option", { value: chosen }, versionName(Number(chosen))));
    }
    this.version.value = chosen;
  }

  private get complete(): boolean {
    return this.period.value !== "chosen" || Boolean(this.since.value && this.until.value);
  }
}

export function showCounts(counts: Counts | null): void {
  const names = Object.keys(counts?.nodes ?? {});
  need("counts-table").hidden = names.length === 0;
  const none = need("no-counts");
  none.hidden = names.length > 0;
  none.textContent = t(counts ? "flows.no_calls" : "flows.no_period");
  need("counts").replaceChildren(...names.map((name) => row(name, counts!.nodes[name]!)));
  showBlind(counts);
}

function row(name: string, count: NodeCount): HTMLElement {
  const left = Object.entries(count.left)
    .sort(([, a], [, b]) => b - a)
    .map(([way, times]) => element("span", {}, `${wayWord(way)} `, element("b", {}, String(times))));
  return element(
    "tr",
    { "data-node": name },
    element("td", { class: "nowrap" }, name),
    number(count.entered),
    element("td", {}, element("span", { class: "left" }, ...left)),
    number(count.hung_up, count.entered),
    number(count.ended),
    number(count.inside),
  );
}

function number(value: number, of = 0): HTMLElement {
  const share = of && value ? ` (${Math.round((100 * value) / of)} %)` : "";
  return element("td", { class: "number" }, `${value}${share}`);
}

function wayWord(way: string): string {
  if (WAYS.has(way)) return tLoose(`flows.way.${way}`);
  const [kind, what] = way.split(":");
  return what === undefined ? way : tLoose(`flows.way.${kind}`, { what });
}

function showBlind(counts: Counts | null): void {
  const blind = counts?.blind ?? [];
  const place = need("blind");
  place.hidden = blind.length === 0;
  const times = blind.map(({ since, until }) => `${moment(since)} – ${moment(until)}`);
  place.textContent = t("flows.blind", { times: times.join("; ") });
}
