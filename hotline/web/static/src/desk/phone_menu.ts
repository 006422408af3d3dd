// The phone's light, its menu, and bars in words when something is wrong with it.
import { hideBar, showBar } from "../connection";
import { element, need, shape } from "../dom";
import { t, type Key } from "../i18n";
import { turnMenu } from "../menus";
import { addShortcuts, tellKeys } from "../shortcuts";
import { duration, now, timeOfDay } from "../time";
import { OtherMachine } from "./other_machine";
import type { WebPhone } from "./phone";
import { PhoneSettings } from "./phone_settings";
import { lineInWords, PhoneTest } from "./phone_test";
import type { Light } from "./quality";

export type PhoneKind = "web" | "desk";

const COLOURS: Record<string, string> = {
  registered: "ok",
  connecting: "",
  off: "",
  elsewhere: "",
  moved: "warn",
  nowhere: "danger",
  lost: "warn",
  refused: "danger",
  no_microphone: "danger",
};
const LINES: Record<Light, [colour: string, shape: string]> = {
  good: ["ok", "ready"],
  fair: ["warn", "offered"],
  poor: ["danger", "warning"],
  none: ["danger", "warning"],
};
// A page that has just come asks again within this time, and nobody need hear of it.
const LOST_QUIETLY_S = 2;
const NOTE_MS = 8000;

export class PhoneMenu {
  kind: PhoneKind;
  /** Why a page does not let the phone be tested now; empty when it does. */
  whyNoTest: () => Key | "" = () => "";
  readonly other: OtherMachine;
  private readonly test: PhoneTest;
  private readonly settings: PhoneSettings;
  private lostAt: number | null = null;
  private unplugged = false;
  private speakerGone = false;

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
    need("phone-retry").addEventListener("click", () => void this.phone.retry());
    this.other = new OtherMachine(phone);
    this.settings = new PhoneSettings(phone);
    this.test = new PhoneTest(phone, () => this.mayTest());
    tellKeys("keys.inside", [{ keys: "0–9 * #", says: "keys.inside.keypad" }]);
    addShortcuts("keys.here", [{ keys: "Alt+F", says: "keys.phone", act: () => this.open() }]);
  }

  start(): void {
    if (this.kind === "web") void this.phone.start();
    this.show();
  }

  show(): void {
    const nowhere = this.phone.registration === "moved" && this.phone.place === "nowhere";
    const state = this.kind === "desk" ? "desk" : nowhere ? "nowhere" : this.phone.registration;
    this.showLight(state);
    const detail = this.detail(state);
    need("phone-detail").textContent = detail;
    need("phone-retry").hidden = this.kind === "desk" || ["registered", "moved", "nowhere"].includes(state);
    this.showTrouble(state, detail);
    this.other.show(this.kind === "web");
    this.showMicrophone();
    this.settings.show();
    this.test.show();
  }

  private showLight(state: string): void {
    const light = need("phone-light");
    light.dataset.state = state;
    const { light: line } = this.phone.quality;
    const [colour, sign] = line ? LINES[line] : this.ofState(state);
    light.className = `light ${colour}`;
    light.dataset.line = line ?? "";
    const words = line ? t(`phone.line.${line}`) : t(`phone.state.${state}` as Key);
    light.replaceChildren(shape(sign), element("span", {}, words));
    const numbers = this.phone.quality.line ? lineInWords(this.phone.quality.line) : "";
    light.title = numbers;
    need("phone-numbers").textContent = numbers;
  }

  private ofState(state: string): [string, string] {
    const sign = state === "registered" ? "ready" : state === "desk" ? "talking" : "offline";
    return [COLOURS[state] ?? "", sign];
  }

  private detail(state: string): string {
    if (state === "no_microphone") return t(`phone.microphone.${this.phone.microphone}` as Key);
    return t(`phone.detail.${state}` as Key);
  }

  // --- bars --------------------------------------------------------------------------------

  private showTrouble(state: string, detail: string): void {
    if (state === "no_microphone" || state === "refused") this.warn(detail);
    else if (state === "lost") this.showLost();
    else if (state === "registered" || this.lostAt === null) {
      hideBar("phone");
      if (this.lostAt !== null) this.showBack(this.lostAt);
    }
  }

  private showLost(): void {
    const { lostAt } = this.phone;
    if (lostAt === null || this.lostAt !== null) return;
    if (now() - lostAt < LOST_QUIETLY_S) {
      setTimeout(() => this.show(), LOST_QUIETLY_S * 1000);
      return;
    }
    this.lostAt = lostAt;
    const talking = this.phone.line === "talking" ? t("phone.lost.talking") : "";
    showBar("phone", "", `${t("phone.lost.since", { time: timeOfDay(lostAt) })}${talking}`);
  }

  private showBack(lostAt: number): void {
    this.lostAt = null;
    this.note("phone-back", t("phone.lost.back", { time: duration(now() - lostAt) }));
  }

  private showMicrophone(): void {
    const { unplugged, pluggedIn, quality } = this.phone;
    if (unplugged && !this.unplugged) showBar("microphone", "danger", t("phone.unplugged"));
    else if (!unplugged && this.unplugged) {
      hideBar("microphone");
      if (pluggedIn) this.note("microphone", t("phone.plugged_in", { name: pluggedIn }));
    }
    this.unplugged = unplugged;
    this.showSpeaker(this.phone.speakerGone);
    const dead = quality.deadMicrophone && !unplugged;
    const shown = document.querySelector("#bars [data-bar=dead-microphone]") !== null;
    if (dead && !shown) showBar("dead-microphone", "danger", t("phone.dead_microphone"));
    else if (!dead && shown) hideBar("dead-microphone");
  }

  private showSpeaker(gone: boolean): void {
    if (gone === this.speakerGone) return;
    this.speakerGone = gone;
    if (gone) showBar("speaker", "", t("phone.speaker_gone"));
    else this.note("speaker", t("phone.speaker_back"));
  }

  private note(name: string, text: string): void {
    const bar = showBar(name, "info", text);
    setTimeout(() => bar.remove(), NOTE_MS);
  }

  private warn(text: string): void {
    if (document.querySelector("#bars [data-bar=phone]")?.textContent?.startsWith(text)) return;
    const again = element("button", { type: "button" }, t("phone.retry"));
    again.addEventListener("click", () => void this.phone.retry());
    const other = element("button", { type: "button" }, t("phone.use_desk"));
    other.addEventListener("click", () => this.choose("desk"));
    showBar("phone", "danger", text, again, other);
  }

  // --- what people do ----------------------------------------------------------------------

  private mayTest(): Key | "" {
    if (this.kind === "desk") return "phone.test.why.desk";
    if (this.phone.line !== "idle") return "phone.test.why.talking";
    return this.whyNoTest();
  }

  private open(): void {
    // The next keys are a talk's digits; without a talk Enter begins the test.
    const talking = this.phone.line === "talking";
    turnMenu(need<HTMLDetailsElement>("phone-menu"), need(talking ? "phone-keypad" : "phone-test-start"));
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
