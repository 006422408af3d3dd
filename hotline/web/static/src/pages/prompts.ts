// The prompts: listening, and recording through the phone, with the page's own phone if wanted.
import { ApiError, request } from "../api";
import { startPlayers } from "../case/players";
import { need } from "../dom";
import { WebPhone } from "../desk/phone";
import { PhoneMenu } from "../desk/phone_menu";
import { refresh } from "../refresh";

const POLL_MS = 700;

interface Take {
  live: boolean;
  step: string;
  key: string;
}

class Prompts {
  private phone: WebPhone | null = null;
  private menu: PhoneMenu | null = null;
  private polling: number | undefined;

  start(): void {
    startPlayers();
    document.addEventListener("click", (event) => this.clicked(event.target as HTMLElement));
    if (document.getElementById("phone-menu")) this.startPhone();
    if (need("one").dataset.live) this.pollSoon();
  }

  private startPhone(): void {
    const user = document.body.dataset.user ?? "";
    this.phone = new WebPhone(need<HTMLAudioElement>("remote"), () => this.showCall());
    this.menu = new PhoneMenu(this.phone, `hotline-phone:${user}`, () => this.showCall());
    this.menu.start();
  }

  private clicked(target: HTMLElement): void {
    const key = target.closest<HTMLElement>("[data-key]")?.dataset.key;
    if (key) this.phone?.press(key);
    else if (target.closest("#record")) void this.record();
    else if (target.closest("#accept")) this.phone?.answer();
    else if (target.closest("#hang-up")) this.phone?.hangUp();
  }

  private async record(): Promise<void> {
    const button = need<HTMLButtonElement>("record");
    button.disabled = true;
    need("record-problem").textContent = "";
    // One's own phone need not be answered by hand when it is this page.
    if (this.menu?.kind === "web" && this.phone?.usable) this.phone.answer();
    try {
      await request("POST", `/api/prompts/${button.dataset.prompt}/take`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.phone?.dontAnswer();
      button.disabled = false;
      need("record-problem").textContent = error.message;
      return;
    }
    this.remember();
    void this.poll();
  }

  /** The address says that a recording goes on, so that its end is shown as well. */
  private remember(): void {
    const url = new URL(location.href);
    url.searchParams.set("done", "take");
    history.replaceState(history.state, "", url);
  }

  private pollSoon(): void {
    clearTimeout(this.polling);
    this.polling = window.setTimeout(() => void this.poll(), POLL_MS);
  }

  private async poll(): Promise<void> {
    let take: Take;
    try {
      take = await request<Take>("GET", "/api/prompts/take");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.pollSoon();
      return;
    }
    const { prompt, step, live } = need("one").dataset;
    const changed = take.key === prompt && take.step !== step;
    if (changed || (live && !take.live)) await this.show(take);
    if (take.live) this.pollSoon();
    else this.phone?.dontAnswer();
  }

  private async show({ live }: Take): Promise<void> {
    // While it goes on only the steps change, so that what is played is not cut off.
    await refresh(...(live ? ["take"] : ["one", "list"]));
    if (live) this.markStep();
    else startPlayers();
    this.showCall();
  }

  private markStep(): void {
    const one = need("one");
    one.dataset.step = need("take").dataset.step ?? "";
    one.dataset.live = "true";
  }

  private showCall(): void {
    this.menu?.show();
    const line = this.phone?.line ?? "idle";
    const accept = document.getElementById("accept");
    const keypad = document.getElementById("keypad");
    if (accept) accept.hidden = line !== "ringing";
    if (keypad) keypad.hidden = line !== "talking";
  }
}

new Prompts().start();
