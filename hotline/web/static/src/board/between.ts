// What agents could do between calls, beside their states; nothing while there is nothing to do.
import { element, need } from "../dom";
import { t } from "../i18n";
import type { Board, TaskCounts } from "./types";

// As many as the server looks up: hotline/calls/blending.py.
const MOST = 100;

function words({ kind, waiting, begun }: TaskCounts): HTMLElement {
  const count = element("b", {}, waiting >= MOST ? `${MOST}+` : String(waiting));
  const at = element("span", { "data-task-kind": kind }, t(`board.task.${kind}`), " ", count);
  if (begun > 0) at.append(" ", element("span", { class: "muted" }, t("board.task_begun", { count: begun })));
  return at;
}

export function showBetweenCalls({ tasks }: Board): void {
  const place = need("between-calls");
  place.hidden = tasks.length === 0;
  place.replaceChildren(t("board.between_calls"), " ", ...tasks.map(words));
}
