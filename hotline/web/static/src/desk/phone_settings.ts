// The phone's menu: which microphone and speaker, how loud, and a keypad during talks.
import { element, need } from "../dom";
import { t } from "../i18n";
import type { WebPhone } from "./phone";

const KEYS = /^[0-9*#]$/;

export class PhoneSettings {
  constructor(private readonly phone: WebPhone) {
    const volume = need<HTMLInputElement>("phone-volume");
    volume.value = String(Math.round(phone.devices.volume * 100));
    volume.addEventListener("input", () => {
      phone.devices.keep({ volume: Number(volume.value) / 100 });
      void phone.useSpeaker();
    });
    this.select("microphone").addEventListener("change", ({ target }) => {
      phone.devices.keep({ microphone: (target as HTMLSelectElement).value });
      void phone.useMicrophone();
    });
    this.select("speaker").addEventListener("change", ({ target }) => {
      phone.devices.keep({ speaker: (target as HTMLSelectElement).value });
      void phone.useSpeaker();
    });
    navigator.mediaDevices?.addEventListener("devicechange", () => void this.list());
    need("phone-menu").addEventListener("toggle", () => void this.list());
    this.listenToKeypad();
  }

  show(): void {
    need("phone-keypad").hidden = this.phone.line !== "talking";
  }

  private select(kind: "microphone" | "speaker"): HTMLSelectElement {
    return need<HTMLSelectElement>(`phone-${kind}`);
  }

  private async list(): Promise<void> {
    if (!need<HTMLDetailsElement>("phone-menu").open) return;
    const { devices } = this.phone;
    for (const kind of ["microphone", "speaker"] as const) {
      const found = await devices.list(kind === "microphone" ? "audioinput" : "audiooutput");
      const choices = [{ id: "", label: t("phone.device.usual") }, ...found];
      const chosen = devices[kind];
      this.select(kind).replaceChildren(
        ...choices.map(({ id, label }, index) =>
          element(
            "option",
            { value: id, selected: id === chosen },
            label || t("phone.device.unnamed", { number: index }),
          ),
        ),
      );
    }
  }

  private listenToKeypad(): void {
    const pad = need("phone-keypad");
    pad.addEventListener("click", ({ target }) => {
      const key = (target as HTMLElement).closest("button")?.dataset.key;
      if (key) this.press(key);
    });
    pad.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey || !KEYS.test(event.key)) return;
      event.preventDefault();
      this.press(event.key);
    });
  }

  private press(key: string): void {
    this.phone.press(key);
    const said = need("phone-pressed");
    said.textContent = `${said.textContent ?? ""}${key}`.slice(-20);
  }
}
