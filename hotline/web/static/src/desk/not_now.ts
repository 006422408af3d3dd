// Why a key does nothing now, in words: who pressed it in vain would type the next words elsewhere.
import { drawn, need } from "../dom";
import { t, type Key } from "../i18n";
import { showProblem } from "./callbar";
import type { Act } from "./keys";
import type { OpenCall } from "./calls";
import type { AgentView } from "./types";

/** What a key stands for, where that is shown only while it can be done. */
const CONTROLS: Partial<Record<Act, string>> = {
  accept: "#accept",
  refuse: "#refuse",
  mute: "#mute",
  hangUp: "#hang-up",
  hold: "#hold",
  park: "#park",
  handOver: "#hand-over",
  dropThird: "#handover-drop",
  endWrapUp: "#end-wrap-up",
  extendWrapUp: "#extend-wrap-up",
  takeTask: "#take-task",
  endTask: "#end-task",
  insertText: "#case-form",
  moreFields: "#case-form",
  map: "#case-form",
  save: "#case-form",
  discard: "#case-form",
  sameMatter: "#similar [data-same]",
  mark: "#marks",
  note: "#note-form",
};
const READ_MS = 8000;
const OF_A_TALK: readonly Act[] = ["mute", "hangUp", "hold", "park", "handOver", "dropThird"];

/** Say it until something else is said, or it was surely read. */
export function tellNotNow(why: Key | ""): void {
  const words = why ? t(why) : "";
  showProblem(words);
  if (!words) return;
  setTimeout(() => {
    if (need("bar-problem").textContent === words) showProblem("");
  }, READ_MS);
}

/** The words for it; empty when it can be done. */
export function notNow(act: Act, agent: AgentView | null, open: OpenCall | null): Key | "" {
  // An article that was read for the caller before must not close a case of the one who rings.
  if (act === "answerAtOnce" && open?.pop.phase === "offered") return "desk.not_now.not_answered";
  const control = CONTROLS[act];
  if (!control || drawn(document.querySelector(control))) return "";
  if (act === "accept" || act === "refuse") return agent?.state === "offered" ? "desk.answer_on_phone" : "desk.not_now.no_offer";
  if (act === "endWrapUp") return "desk.not_now.no_wrap_up";
  if (act === "extendWrapUp") return agent?.state === "wrap_up" ? "desk.not_now.wrap_up_spent" : "desk.not_now.no_wrap_up";
  if (act === "takeTask" || act === "endTask") return "desk.not_now.no_task";
  if (OF_A_TALK.includes(act)) return inTalk(act, agent);
  if (!open) return "desk.not_now.no_form";
  if (act === "sameMatter") return "desk.not_now.no_similar";
  if (act === "mark") return "desk.not_now.not_talked";
  return act === "note" ? "desk.not_now.no_number" : "desk.not_now";
}

function inTalk(act: Act, agent: AgentView | null): Key {
  if (agent?.state !== "talking") return "desk.not_now.no_talk";
  if (act === "dropThird") return "desk.not_now.no_third";
  if (drawn(document.getElementById("handover"))) return "desk.not_now.handover";
  if (agent.held_since !== null) return "desk.held";
  return "desk.not_now";
}
