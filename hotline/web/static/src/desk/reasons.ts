// The reasons in the menu of states. Those that are not offered are there, hidden, so that one that
// is offered again stands where it stood.
import { element, need, shape } from "../dom";
import { learnName, type Reason } from "../pausing";

const ITEMS = "#state-menu button[data-state=paused]";

function items(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(ITEMS)];
}

function fresh(code: string): HTMLElement {
  const word = element("span", { class: "state paused" }, shape("paused"), element("span"));
  const left = element("span", { class: "small muted", "data-left-of": code });
  const button = element("button", { type: "button", role: "menuitem", "data-state": "paused", "data-reason": code }, word, left);
  items().at(-1)?.after(button);
  return button;
}

/** Take over a reason that a supervisor added or changed. */
export function showReason(reason: Reason): void {
  const name = learnName(reason);
  const there = items().find(({ dataset }) => dataset.reason === reason.code);
  const button = there ?? fresh(reason.code);
  const word = button.querySelector(".state span");
  if (word) word.textContent = name;
  button.hidden = !reason.offered;
  // The key is the first one's.
  items().find(({ hidden }) => !hidden)?.append(need("pause-key"));
}

/** What the key pauses for; empty when there is no reason to choose. */
export function firstReason(): string {
  return items().find(({ hidden }) => !hidden)?.dataset.reason ?? "";
}
