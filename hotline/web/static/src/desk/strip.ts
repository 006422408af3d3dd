// The agent's state, the queue and the day, in the strip at the top.
import { element, need, shape } from "../dom";
import { t, type Key } from "../i18n";
import { countUp, duration } from "../time";
import { reasonName, whatIsLeft } from "../pausing";
import type { AgentView, DeskData, QueueView, State } from "./types";

const BUSY: State[] = ["offered", "talking", "wrap_up", "on_task"];

function badge(state: State | "held", reason: string): HTMLElement {
  const words = state === "paused" && reason ? reasonName(reason) : t(`agent.state.${state}`);
  const word = element("span", {}, words);
  return element("span", { class: `state ${state}` }, shape(state), word);
}

export function showAgent(agent: AgentView | null): void {
  const state = agent?.state ?? "offline";
  const held = agent !== null && agent.held_since !== null;
  need("state").replaceChildren(badge(held ? "held" : state, agent?.reason ?? ""));
  need("state").dataset.state = state;
  const since = state === "offline" ? null : (agent?.since ?? null);
  const time = need("state-since");
  if (since === null) time.textContent = "";
  countUp(time, since);
  if (since === null) time.textContent = "";
  const next = agent?.next_state;
  const reason = next === "paused" && agent?.next_reason ? reasonName(agent.next_reason) : "";
  need("state-next").textContent = next
    ? t("desk.next_state", { state: reason || t(`agent.state.${next}` as Key) })
    : "";
  showAllowances(agent);
}

function showAllowances(agent: AgentView | null): void {
  const running = agent?.pauses.find((pause) => pause.running_since !== null);
  need("state-left").replaceChildren(...whatIsLeft(running));
  need("state-menu-next").hidden = !agent || !BUSY.includes(agent.state);
  for (const place of document.querySelectorAll<HTMLElement>("#state-menu [data-left-of]")) {
    const pause = agent?.pauses.find(({ reason }) => reason === place.dataset.leftOf);
    place.replaceChildren(...whatIsLeft(pause));
  }
}

export function showQueue(queue: QueueView): void {
  need("queue-waiting").textContent = queue.waiting === null ? t("desk.unknown") : `${queue.waiting}`;
  countUp(need("queue-longest"), queue.longest_since);
}

export function showToday(today: DeskData["today"]): void {
  need("today-talks").textContent = String(today.talks);
  need("today-average").textContent = duration(today.talks ? today.talk_s / today.talks : null);
}
