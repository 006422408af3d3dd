// The desk by keyboard. Alt with a letter works everywhere, also while typing; the bare keys
// only where nothing is being typed.
import { addShortcuts, type Shortcut } from "../shortcuts";

export interface Actions {
  offered(): boolean;
  accept(): void;
  refuse(): void;
  mute(): void;
  hangUp(): void;
  hold(): void;
  handOver(): void;
  dropThird(): void;
  endWrapUp(): void;
  extendWrapUp(): void;
  ready(): void;
  pause(): void;
  save(): void;
  mark(): void;
  takeTask(): void;
  insertText(): void;
  moreFields(): void;
  map(): void;
  sameMatter(): void;
  note(): void;
  outside(): void;
  lookUp(): void;
  answerAtOnce(): void;
  ownFigures(): void;
  newCase(): void;
}

type Act = Exclude<keyof Actions, "offered" | "save">;

// By place on the keyboard, so that layouts and input methods do not matter. What each does is
// told by the text keys.desk.<act>.
const WITH_ALT: Record<string, Act> = {
  KeyA: "accept",
  KeyR: "refuse",
  KeyM: "mute",
  KeyX: "hangUp",
  KeyH: "hold",
  KeyT: "handOver",
  Backspace: "dropThird",
  KeyW: "endWrapUp",
  KeyL: "extendWrapUp",
  KeyG: "ready",
  KeyP: "pause",
  KeyB: "mark",
  KeyJ: "takeTask",
  KeyQ: "insertText",
  KeyZ: "moreFields",
  KeyV: "map",
  KeyY: "sameMatter",
  KeyN: "note",
  KeyO: "outside",
  KeyK: "lookUp",
  Enter: "answerAtOnce",
  KeyI: "ownFigures",
  ".": "newCase",
};

function busy(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("a, button, summary") !== null;
}

export function watchKeys(actions: Actions): void {
  const offered = (act: Act) => (event: KeyboardEvent) => {
    if (!actions.offered() || busy(event.target)) return false;
    actions[act]();
    return true;
  };
  const withAlt = Object.entries(WITH_ALT).map(([code, act]): Shortcut => {
    const keys = `Alt+${code.replace(/^(Key|Digit)/, "")}`;
    return { keys, says: `keys.desk.${act}`, act: () => actions[act]() };
  });
  addShortcuts("keys.here", [
    { keys: "Enter", says: "keys.desk.accept", act: offered("accept") },
    { keys: "Esc", says: "keys.desk.refuse", act: offered("refuse") },
    { keys: "Ctrl+Enter", says: "keys.save", act: () => actions.save() },
    ...withAlt,
  ]);
}
