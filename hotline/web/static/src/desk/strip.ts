// The agent's state, the queue and the day, in the strip at the top.
import { element, need, shape } from "../dom";
import { t, type Key } from "../i18n";
import { countUp, duration } from "../time";
import type { AgentView, DeskData, QueueView, State } from "./types";

function badge(state: State): HTMLElement {
  const word = element("span", {}, t(`agent.state.${state}`));
  return element("span", { class: `state ${state}` }, shape(state), word);
}

export function showAgent(agent: AgentView | null): void {
  const state = agent?.state ?? "offline";
  need("state").replaceChildren(badge(state));
  need("state").dataset.state = state;
  const since = state === "offline" ? null : (agent?.since ?? null);
  const time = need("state-since");
  if (since === null) time.textContent = "";
  countUp(time, since);
  if (since === null) time.textContent = "";
  const next = agent?.next_state;
  need("state-next").textContent = next
    ? t("desk.next_state", { state: t(`agent.state.${next}` as Key) })
    : "";
}

export function showQueue(queue: QueueView): void {
  need("queue-waiting").textContent = queue.waiting === null ? t("desk.unknown") : `${queue.waiting}`;
  countUp(need("queue-longest"), queue.longest_since);
}

export function showToday(today: DeskData["today"]): void {
  need("today-talks").textContent = String(today.talks);
  need("today-average").textContent = duration(today.talks ? today.talk_s / today.talks : null);
}
