// A panel over the side of a page: opened by key, closed by Escape, and the keyboard goes back.
import { composing, need } from "../dom";

const RENEW_MS = 10_000;

export class SidePanel {
  private readonly panel = need("floor-panel");
  private readonly opener = need<HTMLButtonElement>("floor-open");
  private before: HTMLElement | null = null;
  private renewing = 0;

  /** `renew`: what the panel shows of others changes without this page being told. */
  constructor(
    private readonly opened: () => void,
    private readonly renew: () => void,
  ) {
    this.opener.addEventListener("click", () => this.toggle());
    this.panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || composing(event)) return;
      event.stopPropagation();
      this.close();
    });
  }

  toggle(): void {
    if (!this.panel.hidden) return this.close();
    this.before = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    this.panel.hidden = false;
    this.opener.setAttribute("aria-expanded", "true");
    this.opened();
    this.renew();
    this.renewing = window.setInterval(() => this.renew(), RENEW_MS);
  }

  close(): void {
    clearInterval(this.renewing);
    const inside = this.panel.contains(document.activeElement);
    this.panel.hidden = true;
    this.opener.setAttribute("aria-expanded", "false");
    if (inside) (this.before?.isConnected ? this.before : this.opener).focus();
  }
}
