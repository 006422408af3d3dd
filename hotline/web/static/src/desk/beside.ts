// Help and messages on pages beside the desk: the callbacks, and an agent's work between calls.
import { ApiError } from "../api";
import { need } from "../dom";
import { addShortcuts } from "../shortcuts";
import { stream } from "../stream";
import { HelpButton } from "./help";
import { Messages } from "./messages";
import { SidePanel } from "./side_panel";

/** Does nothing for whom messages are not sent to. */
export function startBeside(): void {
  if (!document.getElementById("floor-open")) return;
  const messages = new Messages(problem);
  const help = document.getElementById("help-ask") ? new HelpButton(problem) : null;
  const panel = new SidePanel(() => messages.focus());
  addShortcuts("keys.floor", [
    { keys: "Alt+U", says: "keys.floor.help", when: () => help !== null, act: () => void help?.ask() },
    { keys: "Alt+S", says: "messages.title", act: () => panel.toggle() },
    { keys: "Alt+D", says: "keys.floor.read", act: () => void messages.acknowledge() },
  ]);
  const load = () => {
    void messages.load();
    void help?.load();
  };
  stream.on("reset", load);
  load();
}

function problem(error: unknown): void {
  if (!(error instanceof ApiError)) throw error;
  if (error.key !== "unreachable") need("floor-problem").textContent = error.message;
}
