// The caller on the left, what is known of the number on the right.
import { element, need } from "../dom";
import { t, tLoose } from "../i18n";
import { priorityWords } from "../priority";
import { duration, moment } from "../time";
import { isEntry } from "./calls";
import { storyOf } from "./story";
import type { EarlierCall, EarlierCase, Pop } from "./types";

function fact(list: HTMLElement, label: string, ...value: (Node | string)[]): void {
  list.append(element("dt", {}, label), element("dd", {}, ...value));
}

function number(pop: Pop): HTMLElement {
  if (pop.withheld) return element("span", { class: "muted" }, t("phone.none"));
  const button = element(
    "button",
    { type: "button", class: "quiet", title: `${t("reveal.show")} (Alt+Shift+N)`, "aria-label": t("reveal.show") },
    t("reveal.button"),
  );
  const masked = element("span", { class: "masked" }, pop.calling);
  return element("span", { class: "phone", "data-reveal": `call:${pop.call_id}` }, masked, button);
}

function waited(pop: Pop): Node | string {
  if (pop.queued_at === null) return "—";
  const until = pop.answered_at ?? (pop.phase === "ended" ? pop.offered_at : null);
  if (until !== null) return duration(until - pop.queued_at);
  return element("time", { "data-since": pop.queued_at });
}

function known(pop: Pop): HTMLElement[] {
  const [why = "", number = ""] = pop.first.split(":");
  if (!why) return [];
  return [element("p", { class: "priority" }, tLoose(`desk.first.${why}`, { number }))];
}

export function showCaller(pop: Pop | null): void {
  const place = need("caller");
  if (!pop) {
    place.replaceChildren(element("p", { class: "empty" }, t("desk.no_caller")));
    return;
  }
  if (isEntry(pop)) {
    place.replaceChildren(element("p", { class: "empty" }, t("desk.entry_is")));
    return;
  }
  const facts = element("dl", { class: "facts" });
  if (pop.calling_name) fact(facts, t("desk.calling_name"), pop.calling_name);
  fact(facts, t("desk.called"), pop.called);
  fact(facts, t("desk.waited"), waited(pop));
  fact(facts, t("desk.arrived"), moment(pop.arrived_at));
  if (pop.keys) fact(facts, t("desk.keys"), pop.keys);
  fact(facts, t("desk.earlier"), t("desk.counts", { calls: pop.calls.length, cases: pop.cases.length }));
  const why = priorityWords(pop.priority, pop.reasons);
  place.replaceChildren(
    element("p", { class: "number-line" }, number(pop)),
    ...(pop.kept_place ? [element("p", { class: "priority first" }, t("desk.kept_place"))] : []),
    ...known(pop),
    ...(why ? [element("p", { class: pop.priority < 0 ? "priority" : "priority first" }, why)] : []),
    facts,
    ...storyOf(pop),
  );
}

function caseItem(found: EarlierCase): HTMLElement {
  const link = element(
    "a",
    { href: `/cases/${found.case_number}`, target: "_blank", rel: "noopener" },
    found.case_number,
  );
  const state = element("span", { class: "tag end" }, tLoose(`case.state.${found.state}`));
  const what = [found.category_name, found.address].filter(Boolean).join(" · ");
  return element(
    "li",
    {},
    element("div", { class: "line" }, link, state),
    element("p", {}, what || t("desk.no_category")),
    element("p", { class: "muted small", title: found.description }, found.description),
    element("p", { class: "muted small" }, moment(found.opened_at)),
  );
}

function callItem(call: EarlierCall): HTMLElement {
  const outcome = tLoose(`call.outcome.${call.outcome}`);
  const talked = call.talked_s === null ? "" : ` ${duration(call.talked_s)}`;
  return element(
    "li",
    {},
    element(
      "div",
      { class: "line" },
      moment(call.arrived_at),
      element("span", { class: "muted end" }, `${outcome}${talked}`),
    ),
    ...(call.agent_name ? [element("p", { class: "muted small" }, call.agent_name)] : []),
  );
}

function list<T>(title: string, items: T[], item: (one: T) => HTMLElement, none: string): Node[] {
  const body = items.length
    ? element("ul", {}, ...items.map(item))
    : element("p", { class: "muted small" }, none);
  return [element("h3", {}, title), body];
}

export function showHistory(pop: Pop | null): void {
  const place = need("history");
  if (!pop) {
    place.replaceChildren(element("p", { class: "empty" }, t("desk.no_history")));
    return;
  }
  place.replaceChildren(
    ...list(t("desk.earlier_cases"), pop.cases, caseItem, t("desk.no_earlier_cases")),
    ...list(t("desk.earlier_calls"), pop.calls, callItem, t("desk.no_earlier_calls")),
  );
}
