// The comparison as tables: what changes is said in a column of its own, with sign, arrow and colour.
import { element, need } from "../dom";
import { t, type Key } from "../i18n";
import { change, clock, count, level, longer, meanWait, seconds, share, signed, type Counts, type Result } from "./gate_model";

const MOST_TOLD = 12;
// Less than this is no change that anybody would notice.
const NOTICED_S = 1;
const NOTICED_POINTS = 1;

function cell(text: string): HTMLElement {
  return element("td", { class: "number" }, text);
}

/** A difference; `better` is the sign of a change for the better. */
function changed(by: number | null, unit: string, noticed: number, better: 1 | -1): HTMLElement {
  const words = signed(by, unit);
  if (by === null || Math.abs(by) < noticed) return element("td", { class: "number muted" }, words);
  const good = Math.sign(by) === better;
  const arrow = by > 0 ? "▲" : "▼";
  const said = t(good ? "routing.gate.better" : "routing.gate.worse");
  const hidden = element("span", { class: "visually-hidden" }, ` ${said}`);
  return element("td", { class: `number change ${good ? "good" : "bad"}` }, `${words} ${arrow}`, hidden);
}

/** Part of a whole, in percent and in numbers. */
function partOf(part: number, whole: number): (Node | string)[] {
  return [share(part, whole), " ", element("span", { class: "muted small" }, `${count(part)} / ${count(whole)}`)];
}

function levelCell(one: Counts): HTMLElement {
  return element("td", { class: "number" }, ...partOf(one.within, one.offered));
}

function levelChange(today: Counts, draft: Counts): HTMLElement {
  return changed(change(level(today), level(draft)), t("routing.gate.points"), NOTICED_POINTS, 1);
}

function waitChange(today: Counts, draft: Counts): HTMLElement {
  return changed(change(meanWait(today), meanWait(draft)), " s", NOTICED_S, -1);
}

function percentOf(one: Counts, name: "abandoned" | "overflowed"): number | null {
  return one.offered > 0 ? (100 * one[name]) / one.offered : null;
}

export function showTotals(today: Counts, draft: Counts): void {
  const row = (key: string, of: (one: Counts) => HTMLElement, last: HTMLElement): HTMLElement =>
    element("tr", {}, element("th", { scope: "row" }, t(`routing.gate.${key}` as Key)), of(today), of(draft), last);
  const lost = (name: "abandoned" | "overflowed"): HTMLElement => {
    const by = change(percentOf(today, name), percentOf(draft, name));
    const part = (one: Counts): (Node | string)[] => partOf(one[name], one.offered);
    return row(name, (one) => element("td", { class: "number" }, ...part(one)), changed(by, t("routing.gate.points"), NOTICED_POINTS, -1));
  };
  need("gate-totals").replaceChildren(
    row("level", levelCell, levelChange(today, draft)),
    row("wait", (one) => cell(seconds(meanWait(one))), waitChange(today, draft)),
    lost("abandoned"),
    lost("overflowed"),
  );
}

export function showIntervals(today: Counts[], draft: Counts[]): void {
  const rows = today.flatMap((one, index) => {
    const other = draft[index];
    if (!other || (one.offered === 0 && other.offered === 0)) return [];
    return [
      element(
        "tr",
        {},
        element("th", { scope: "row" }, clock(index)),
        levelCell(one),
        levelCell(other),
        levelChange(one, other),
        cell(seconds(meanWait(one))),
        cell(seconds(meanWait(other))),
        waitChange(one, other),
      ),
    ];
  });
  need("gate-intervals").replaceChildren(...rows);
}

/** Whose wait grows: in a sentence, and the worst of them by queue and half hour. */
export function showLonger(sides: Result["sides"], titleOf: (queue: string) => string): void {
  const found = longer(sides);
  const [worst] = [...found].sort((a, b) => b.by - a.by);
  const most = worst?.by ?? 1;
  const rows = found.slice(0, MOST_TOLD).map(({ queue, index, today, draft, by }) =>
    element(
      "tr",
      {},
      element("td", {}, titleOf(queue)),
      element("td", {}, clock(index)),
      cell(count(draft.offered)),
      cell(seconds(meanWait(today))),
      cell(seconds(meanWait(draft))),
      changed(by, " s", NOTICED_S, -1),
      element("td", { class: "load" }, element("meter", { class: "bad", min: 0, max: most, value: by, "aria-hidden": "true" })),
    ),
  );
  need("gate-longer").replaceChildren(...rows);
  need("gate-longer-table").hidden = rows.length === 0;
  const callers = found.reduce((all, { draft }) => all + draft.offered, 0);
  const verdict = need("gate-verdict");
  verdict.className = worst ? "verdict bad" : "verdict good";
  verdict.textContent = worst
    ? t("routing.gate.some_longer", {
        intervals: found.length,
        callers: count(callers),
        queue: titleOf(worst.queue),
        time: clock(worst.index),
        by: seconds(worst.by),
      })
    : t("routing.gate.nobody_longer");
}
