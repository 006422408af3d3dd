// The shift: who is on duty now, with their states, and who comes next.
import { request } from "../api";
import { element, need, shape } from "../dom";
import { t, type Key } from "../i18n";
import { reasonName } from "../pausing";
import { timeOfDay } from "../time";

/** hotline/web/roster.py */
interface OnDuty {
  name: string;
  begins: number | null;
  ends: number | null;
  state: string;
  reason: string;
}

interface Roster {
  planned: boolean;
  now: OnDuty[];
  next: OnDuty[];
}

export async function showRoster(problem: (error: unknown) => void): Promise<void> {
  try {
    const { planned, now, next } = await request<Roster>("GET", "/api/roster");
    const none = element("p", { class: "muted small" }, t(planned ? "roster.nobody" : "roster.unplanned"));
    const coming = next.length ? [element("h4", {}, t("roster.next")), list(next, false)] : [];
    need("roster").replaceChildren(...(planned && now.length ? [] : [none]), list(now, true), ...coming);
  } catch (error) {
    problem(error);
  }
}

function list(people: OnDuty[], here: boolean): HTMLElement {
  return element("ul", { class: "floor-list" }, ...people.map((one) => item(one, here)));
}

function item({ name, begins, ends, state, reason }: OnDuty, here: boolean): HTMLElement {
  const times = begins === null || ends === null ? t("roster.not_planned") : `${timeOfDay(begins)}–${timeOfDay(ends)}`;
  const line = element("li", { class: "duty" }, element("b", {}, name), element("span", { class: "muted small" }, times));
  if (here) {
    const word = state === "paused" && reason ? reasonName(reason) : t(`agent.state.${state}` as Key);
    line.append(element("span", { class: `state ${state}` }, shape(state), element("span", {}, word)));
  }
  return line;
}
