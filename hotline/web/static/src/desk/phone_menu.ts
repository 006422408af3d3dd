// The phone's light, its menu, and a bar in words when there is no microphone.
import { hideBar, showBar } from "../connection";
import { element, need, shape } from "../dom";
import { t, type Key } from "../i18n";
import type { WebPhone } from "./phone";

export type PhoneKind = "web" | "desk";

const COLOURS: Record<string, string> = {
  registered: "ok",
  connecting: "",
  off: "",
  elsewhere: "",
  lost: "warn",
  refused: "danger",
  no_microphone: "danger",
};

export class PhoneMenu {
  kind: PhoneKind;

  constructor(
    private readonly phone: WebPhone,
    private readonly storeAs: string,
    private readonly changed: () => void,
  ) {
    this.kind = localStorage.getItem(storeAs) === "desk" ? "desk" : "web";
    for (const radio of this.radios()) {
      radio.checked = radio.value === this.kind;
      radio.addEventListener("change", () => this.choose(radio.value as PhoneKind));
    }
    need("phone-retry").addEventListener("click", () => void this.phone.start());
  }

  start(): void {
    if (this.kind === "web") void this.phone.start();
    this.show();
  }

  show(): void {
    const state = this.kind === "desk" ? "desk" : this.phone.registration;
    const light = need("phone-light");
    light.className = `light ${COLOURS[state] ?? ""}`;
    light.dataset.state = state;
    light.replaceChildren(
      shape(state === "registered" ? "ready" : state === "desk" ? "talking" : "offline"),
      element("span", {}, t(`phone.state.${state}` as Key)),
    );
    const detail = this.detail(state);
    need("phone-detail").textContent = detail;
    need("phone-retry").hidden = this.kind === "desk" || state === "registered";
    if (state === "no_microphone") this.warn(detail);
    else hideBar("phone");
  }

  private detail(state: string): string {
    if (state === "no_microphone") return t(`phone.microphone.${this.phone.microphone}` as Key);
    return t(`phone.detail.${state}` as Key);
  }

  private warn(text: string): void {
    const again = element("button", { type: "button" }, t("phone.retry"));
    again.addEventListener("click", () => void this.phone.start());
    const other = element("button", { type: "button" }, t("phone.use_desk"));
    other.addEventListener("click", () => this.choose("desk"));
    showBar("phone", "danger", text, again, other);
  }

  private choose(kind: PhoneKind): void {
    this.kind = kind;
    localStorage.setItem(this.storeAs, kind);
    for (const radio of this.radios()) radio.checked = radio.value === kind;
    if (kind === "web") void this.phone.start();
    else this.phone.stop();
    this.show();
    this.changed();
  }

  private radios(): HTMLInputElement[] {
    return [...document.querySelectorAll<HTMLInputElement>("input[name='phone-kind']")];
  }
}
