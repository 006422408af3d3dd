// A page for one task between calls belongs to it: when it is over, the desk is the place to be.
import { ApiError, request } from "../api";
import { need } from "../dom";
import { addShortcuts } from "../shortcuts";
import { stream } from "../stream";

/** Does nothing on a page that is not for a task. */
export function leadBack(): void {
  const button = document.getElementById("end-task");
  const back = button?.dataset.back;
  if (!button || !back) return;
  stream.on<{ state: string }>("agent", ({ state }) => {
    if (state !== "on_task") location.assign(back);
  });
  button.addEventListener("click", () => void endTask());
  addShortcuts("keys.here", [{ keys: "Alt+Shift+J", says: "keys.desk.endTask", act: () => void endTask() }]);
}

async function endTask(): Promise<void> {
  try {
    await request("POST", "/api/agent/task/end");
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    need("task-problem").textContent = error.message;
  }
}
