// The same person at two machines has one phone: where it is, in words, and one key to have it here.
import { hideBar, showBar } from "../connection";
import { element } from "../dom";
import { t, type Key } from "../i18n";
import { addShortcuts } from "../shortcuts";
import { stream } from "../stream";
import { timeOfDay } from "../time";
import type { Place, WebPhone } from "./phone";

const BAR = "phone-moved";
const KEY = "Alt+]";

/** What the person does at the other machine; `held`: their caller hears music until they are back. */
export type Doing = "talking" | "held" | "offered" | "";

/** hotline/web/phone_here.py */
interface Moved {
  place: Place | "here";
  at: number;
}

export class OtherMachine {
  doing: () => Doing = () => "";
  private wanted = false;

  constructor(private readonly phone: WebPhone) {
    stream.on<Moved>("phone", ({ place, at }) => phone.placed(place, at));
    stream.onState((state) => {
      // Whoever logged out here is not to be rung here; a talk goes on to its end.
      if (state === "logged_out" && phone.line === "idle") phone.stop();
    });
    addShortcuts("keys.here", [
      { keys: KEY, says: "keys.phone_here", when: () => this.possible, act: () => void phone.takeHere() },
    ]);
  }

  /** `wanted`: the web phone is the one that is used at this machine. */
  show(wanted: boolean): void {
    this.wanted = wanted;
    if (!wanted || this.phone.registration !== "moved") {
      hideBar(BAR);
      return;
    }
    const { movedAt } = this.phone;
    const words = t(this.words, { time: movedAt === null ? "" : timeOfDay(movedAt) });
    const shown = document.querySelector<HTMLElement>(`#bars [data-bar="${BAR}"]`);
    if (shown?.dataset.says === words) return;
    showBar(BAR, "", words, ...(this.possible ? [this.button()] : [])).dataset.says = words;
  }

  /** Nobody can pick up here what rings there. */
  private get possible(): boolean {
    const rings = this.doing() === "offered" && this.phone.place === "elsewhere";
    return this.wanted && this.phone.registration === "moved" && !rings;
  }

  private get words(): Key {
    const { place, line, movedAt } = this.phone;
    const doing = this.doing();
    if (line !== "idle") return "phone.moved.talking_here";
    if (place === "nowhere" && doing !== "held") return "phone.moved.nowhere";
    if (doing) return `phone.moved.${doing}`;
    return movedAt === null ? "phone.moved.in_use" : "phone.moved.since";
  }

  private button(): HTMLElement {
    const button = element("button", { type: "button" }, t("phone.moved.take"), " ", element("kbd", {}, KEY));
    button.addEventListener("click", () => void this.phone.takeHere());
    return button;
  }
}
