// The bar under the strip: which call, how long, and what can be done. It never takes the focus.
import { need, shape, takesEnter, typing } from "../dom";
import { t } from "../i18n";
import { reasonName, whatIsUnknown } from "../pausing";
import { countDown, countUp } from "../time";
import type { PhoneKind } from "./phone_menu";
import type { WebPhone } from "./phone";
import type { AgentView, AskedView, Pop, State } from "./types";

export interface Situation {
  agent: AgentView | null;
  pop: Pop | null;
  phone: WebPhone;
  phoneKind: PhoneKind;
  /** The page was reloaded in the middle of this talk on the web phone. */
  interrupted: boolean;
}

const BUTTONS = ["go-ready", "accept", "refuse", "mute", "hang-up", "extend-wrap-up", "end-wrap-up"] as const;
type Button = (typeof BUTTONS)[number];

/** The colleague's call into which an agent is asked who is in none of their own. */
export function helping(agent: AgentView | null): AskedView | null {
  const own = agent?.state === "offered" || agent?.state === "talking";
  return own ? null : (agent?.asked ?? null);
}

export function showProblem(text: string): void {
  need("bar-problem").textContent = text;
}

function caller(pop: Pop | null): string {
  if (!pop) return "";
  const number = pop.withheld ? t("phone.none") : pop.calling;
  return pop.calling_name ? `${number} ${pop.calling_name}` : number;
}

function offeredText({ phone, phoneKind, interrupted }: Situation): string {
  if (interrupted) return t("desk.coming_back");
  if (isElsewhere(phone, phoneKind)) return t("desk.answer_there");
  if (phoneKind === "desk" || !phone.usable) return t("desk.answer_on_phone");
  return phone.line === "answering" ? t("desk.answering") : "";
}

function isElsewhere(phone: WebPhone, kind: PhoneKind): boolean {
  return kind === "web" && phone.registration === "moved" && phone.line === "idle";
}

function talkingText({ agent, pop, phone, phoneKind, interrupted }: Situation): string {
  if (interrupted && phone.line === "idle") return t("desk.talk_cut");
  if (agent?.held_since) return t("desk.held");
  // Else what stands beside it says so.
  if (agent?.on_hold_since && !pop?.handover) return t("desk.on_hold");
  if (isElsewhere(phone, phoneKind)) return t("desk.talks_there");
  return phone.muted ? t("desk.muted") : "";
}

/** What is said to an agent whom a colleague asks for help; they take no calls meanwhile. */
function askedText({ by, note }: AskedView): string {
  return [t("desk.asked", { name: by }), note].filter(Boolean).join("：");
}

function text(situation: Situation, state: State): string {
  const asked = helping(situation.agent);
  if (asked) return askedText(asked);
  if (state === "offered") return offeredText(situation);
  if (state === "talking") return talkingText(situation);
  return state === "wrap_up" || state === "on_task" ? "" : idleText(situation.agent);
}

function idleText(agent: AgentView | null): string {
  if (!agent) return t("error.no_extension");
  if (agent.state === "offline") return t("desk.idle_offline");
  if (agent.reachable === false) return t("desk.no_phone");
  if (agent.reachable === null) return t("desk.pbx_unseen");
  if (agent.state === "ready") return t("desk.idle_ready");
  if (agent.until !== null) return t("desk.until_ready");
  if (agent.reason === "away") return t("desk.away");
  return whatIsUnknown(agent.pauses.find((pause) => pause.running_since !== null)) || t("desk.idle_paused");
}

/** What the time beside the caller counts, where the bar's title does not say so. */
function showWhatCounts({ agent, pop }: Situation, state: State): void {
  const left = agent?.until != null && (state === "wrap_up" || state === "paused");
  const waited = pop !== null && state === "offered" && !helping(agent);
  need("bar-time-is").textContent = left ? t("desk.bar.left") : waited ? t("desk.bar.waited") : "";
}

function showTime(situation: Situation, state: State): void {
  const { agent, pop } = situation;
  showWhatCounts(situation, state);
  const time = need("bar-time");
  const asked = helping(agent);
  if (asked) countUp(time, asked.since);
  else if (agent && state === "wrap_up" && agent.until !== null) countDown(time, agent.until);
  else if (agent && state === "paused" && agent.until !== null) countDown(time, agent.until);
  else if (pop && state === "offered") countUp(time, pop.queued_at ?? pop.arrived_at);
  else if (agent && state === "on_task") countUp(time, agent.since);
  else if (agent && state === "talking") countUp(time, pop?.answered_at ?? agent.since);
  else {
    countUp(time, null);
    time.textContent = "";
  }
}

/** Who has placed a call, or helped a colleague, pauses meanwhile, and is ready by themselves after. */
function isFree({ state, reason }: AgentView): boolean {
  return state === "offline" || (state === "paused" && !["calling_out", "consult"].includes(reason));
}

function buttons({ agent, phone, phoneKind }: Situation, state: State): Set<Button> {
  const visible = new Set<Button>();
  if (helping(agent)) {
    if (phoneKind === "web" && phone.line === "ringing") visible.add("accept");
    if (phone.line !== "idle") visible.add("hang-up");
    if (phone.line === "talking") visible.add("mute");
    return visible;
  }
  if (agent && phone.line === "idle" && isFree(agent)) visible.add("go-ready");
  if (state === "offered") {
    visible.add("refuse");
    if (phoneKind === "web" && phone.usable) visible.add("accept");
  }
  if (state === "talking") {
    visible.add("hang-up");
    if (phone.line === "talking") visible.add("mute");
  }
  if (state === "wrap_up") {
    visible.add("end-wrap-up");
    if (agent && agent.extra_s >= 1) visible.add("extend-wrap-up");
  }
  return visible;
}

export function showCallBar(situation: Situation): void {
  const { agent, pop, phone } = situation;
  const state = agent?.state ?? "offline";
  const bar = need("callbar");
  const asked = helping(agent);
  const here = asked?.step === "joined" ? "talking" : "offered";
  bar.dataset.phase = asked ? here : state;
  bar.dataset.call = state === "offered" || state === "talking" ? (agent?.call_id ?? "") : "";
  const music = agent !== null && (agent.held_since !== null || agent.on_hold_since !== null);
  const held = state === "talking" && music;
  need("bar-shape").replaceChildren(shape(asked ? here : held ? "held" : state));
  const reason = state === "paused" && agent?.reason ? reasonName(agent.reason) : "";
  const title = reason || t(held ? "agent.state.held" : `desk.bar.${state}`);
  const helps = asked?.step === "joined" ? t("desk.consulted_title") : t("desk.asked_title");
  need("bar-title").textContent = asked ? helps : title;
  const withCall = asked !== null || state === "offered" || state === "talking" || state === "wrap_up";
  need("bar-caller").textContent = withCall ? caller(pop) : "";
  showTime(situation, state);
  need("bar-text").textContent = text(situation, state);
  const visible = buttons(situation, state);
  for (const id of BUTTONS) need(id).hidden = !visible.has(id);
  need("mute").setAttribute("aria-pressed", String(phone.muted));
  showEnterKey();
}

/** Enter accepts and Escape refuses only while nothing is being typed in; show them only then. */
export function showEnterKey(): void {
  const elsewhere = typing(document.activeElement) || takesEnter(document.activeElement);
  for (const id of ["accept-key", "refuse-key"]) need(id).hidden = elsewhere;
}
