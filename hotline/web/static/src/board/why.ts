// Why a call waits, below its row: asked for when the row's button is pressed, and anew with each
// change of the board while it is open.
import { ApiError, request } from "../api";
import { element, need } from "../dom";
import { t } from "../i18n";
import type { Waiting } from "./types";

let open = "";
let words = "";

/** The button that opens the reasons of a waiting call. */
export function whyButton({ call_id }: Waiting): HTMLElement {
  const shown = open === call_id;
  const button = element(
    "button",
    { type: "button", class: "quiet why", "data-call": call_id, "aria-expanded": String(shown), title: t("board.why") },
    "?",
    element("span", { class: "visually-hidden" }, t("board.why")),
  );
  button.addEventListener("click", () => {
    open = shown ? "" : call_id;
    words = "";
    void ask().then(place);
    if (shown) place();
  });
  return button;
}

/** The rows were drawn anew: put the reasons back, and the focus where it was (`focused`). */
export function keepWhy(calls: Waiting[], focused: string): void {
  if (!calls.some((call) => call.call_id === open)) open = "";
  place();
  if (focused) buttonOf(focused)?.focus();
  if (open) void ask().then(place);
}

/** The call whose button has the focus; empty for none. */
export function focusedCall(): string {
  const at = document.activeElement as HTMLElement | null;
  return at?.matches("button.why") ? (at.dataset.call ?? "") : "";
}

function buttonOf(callId: string): HTMLElement | null {
  return need("waiting").querySelector<HTMLElement>(`button.why[data-call="${CSS.escape(callId)}"]`);
}

async function ask(): Promise<void> {
  const asked = open;
  if (!asked) return;
  let said: string;
  try {
    said = (await request<{ why: string }>("GET", `/api/calls/${encodeURIComponent(asked)}/why`)).why;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    said = error.message;
  }
  if (asked === open) words = said;
}

function place(): void {
  need("waiting").querySelector("tr.why")?.remove();
  for (const button of need("waiting").querySelectorAll<HTMLElement>("button.why")) {
    button.setAttribute("aria-expanded", String(button.dataset.call === open));
  }
  const row = open ? buttonOf(open)?.closest("tr") : null;
  if (!row) return;
  row.after(element("tr", { class: "why" }, element("td", { colspan: 4, "aria-live": "polite" }, words || "…")));
}
