// The desk by keyboard. Alt with a letter works everywhere, also while typing; the bare keys
// only where nothing is being typed.
import { takesEnter } from "../dom";
import type { Key } from "../i18n";
import { addShortcuts, type Shortcut } from "../shortcuts";

export interface Actions {
  offered(): boolean;
  /** Whether it can be done now; says why when not. */
  able(act: Act): boolean;
  accept(): void;
  refuse(): void;
  mute(): void;
  hangUp(): void;
  hold(): void;
  park(): void;
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
  chooseState(): void;
  nextForm(): void;
  discard(): void;
  endTask(): void;
}

export type Act = Exclude<keyof Actions, "offered" | "able">;

// By place on the keyboard, so that layouts and input methods do not matter. What each does is
// told by the text keys.desk.<act>.
const WITH_ALT: Record<string, Act> = {
  KeyA: "accept",
  KeyR: "refuse",
  KeyM: "mute",
  KeyX: "hangUp",
  KeyH: "hold",
  Digit0: "park",
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
  ";": "chooseState",
  "'": "nextForm",
  Delete: "discard",
  "Shift+J": "endTask",
};

/** Under which heading the list of keys tells of it. */
const OF_A_CALL: readonly Act[] = ["accept", "refuse", "mute", "hangUp", "hold", "park", "handOver", "dropThird", "mark", "note", "outside"];
const OF_ONE_SELF: readonly Act[] = ["ready", "pause", "chooseState", "endWrapUp", "extendWrapUp", "takeTask", "endTask", "ownFigures"];

function heading(act: Act): Key {
  if (OF_A_CALL.includes(act)) return "keys.call";
  return OF_ONE_SELF.includes(act) ? "keys.state" : "keys.form";
}

export function watchKeys(actions: Actions): void {
  const offered = (act: Act) => (event: KeyboardEvent) => {
    if (!actions.offered() || takesEnter(event.target)) return false;
    actions[act]();
    return true;
  };
  const tried = (act: Act) => {
    if (actions.able(act)) actions[act]();
  };
  const withAlt = (title: Key): Shortcut[] =>
    Object.entries(WITH_ALT)
      .filter(([, act]) => heading(act) === title)
      .map(([code, act]): Shortcut => {
        const keys = `Alt+${code.replace(/^(Key|Digit)/, "")}`;
        const when = () => act !== "outside" || document.getElementById("outside") !== null;
        return { keys, says: act === "save" ? "keys.save" : `keys.desk.${act}`, when, act: () => tried(act) };
      });
  addShortcuts("keys.state", withAlt("keys.state"));
  addShortcuts("keys.form", [
    { keys: "Ctrl+Enter", says: "keys.save", act: () => tried("save") },
    ...withAlt("keys.form"),
  ]);
  addShortcuts("keys.call", [
    { keys: "Enter", says: "keys.desk.accept", act: offered("accept") },
    { keys: "Esc", says: "keys.desk.refuse", act: offered("refuse") },
    ...withAlt("keys.call"),
  ]);
}
