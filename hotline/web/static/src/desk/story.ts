// How a call came here: who had it before, and what they said of it.
import { element } from "../dom";
import { t } from "../i18n";
import { timeOfDay } from "../time";
import type { Pop, StoryLine } from "./types";

function words({ by, mode, to }: StoryLine): string {
  if (!by) return t("desk.story.auto", { to });
  if (mode === "park") return t("desk.story.parked", { by, to });
  return t(mode === "consult" ? "desk.story.consulted" : "desk.story.handed", { by, to });
}

/** Nothing for a call that came straight from the queue. */
export function storyOf(pop: Pop): HTMLElement[] {
  const lines = pop.story.map((line) =>
    element(
      "li",
      {},
      element("span", { class: "muted" }, `${timeOfDay(line.at)} `),
      words(line),
      ...(line.note ? [element("q", {}, line.note)] : []),
    ),
  );
  const typed = pop.draft_of ? [element("li", {}, t("desk.draft_of", { name: pop.draft_of }))] : [];
  if (lines.length + typed.length === 0) return [];
  const label = element("p", { class: "muted small" }, t("desk.story"));
  return [element("div", { class: "story" }, label, element("ol", {}, ...lines, ...typed))];
}
