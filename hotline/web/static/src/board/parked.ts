// Parked callers, as desks and the board show them.
import { element, need } from "../dom";
import { t } from "../i18n";
import { countUp } from "../time";

export interface ParkedCall {
  call_id: string;
  place: number;
  /** Masked. */
  calling: string;
  by: string;
  by_name: string;
  since: number;
  until: number;
  /** Whose phone rings for them; empty: nobody's. */
  offered_to: string;
}

export function parkedRow(parked: ParkedCall, ...more: HTMLElement[]): HTMLElement {
  const time = element("time", {});
  countUp(time, parked.since);
  return element(
    "li",
    { "data-place": parked.place },
    element("b", { class: "tag" }, String(parked.place)),
    " ",
    parked.calling || t("phone.none"),
    " ",
    time,
    " ",
    element("span", { class: "muted small" }, t("desk.parked_by", { name: parked.by_name })),
    " ",
    ...more,
  );
}

/** The supervisor's list; nothing while nobody is parked. */
export function showParked(parked: ParkedCall[]): void {
  need("parked").hidden = parked.length === 0;
  need("parked-list").replaceChildren(...parked.map((one) => parkedRow(one)));
}
