// The desk by keyboard. Alt with a letter works everywhere, also while typing; the bare keys
// only where nothing is being typed.
import { typing } from "../dom";

export interface Actions {
  offered(): boolean;
  accept(): void;
  refuse(): void;
  mute(): void;
  hangUp(): void;
  handOver(): void;
  endWrapUp(): void;
  extendWrapUp(): void;
  ready(): void;
  pause(): void;
  save(): void;
  mark(): void;
  takeTask(): void;
}

type Act = Exclude<keyof Actions, "offered">;

// By place on the keyboard, so that layouts and input methods do not matter.
const WITH_ALT: Record<string, Act> = {
  KeyA: "accept",
  KeyR: "refuse",
  KeyM: "mute",
  KeyX: "hangUp",
  KeyT: "handOver",
  KeyW: "endWrapUp",
  KeyL: "extendWrapUp",
  KeyG: "ready",
  KeyP: "pause",
  KeyB: "mark",
  KeyJ: "takeTask",
};

function busy(target: EventTarget | null): boolean {
  return typing(target) || (target instanceof Element && target.closest("a, button, summary") !== null);
}

function actOf(event: KeyboardEvent, actions: Actions): Act | undefined {
  if (event.altKey && !event.ctrlKey && !event.metaKey) return WITH_ALT[event.code];
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return "save";
  if (event.ctrlKey || event.metaKey || event.shiftKey) return undefined;
  if (!actions.offered() || busy(event.target)) return undefined;
  return { Enter: "accept", Escape: "refuse" }[event.key] as Act | undefined;
}

export function watchKeys(actions: Actions): void {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.repeat) return;
    const act = actOf(event, actions);
    if (!act) return;
    event.preventDefault();
    actions[act]();
  });
}
