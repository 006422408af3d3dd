// A panel over the side of a page: opened by key, closed by Escape, and the keyboard goes back.
import { need } from "../dom";

export class SidePanel {
  private readonly panel = need("floor-panel");
  private readonly opener = need<HTMLButtonElement>("floor-open");
  private before: HTMLElement | null = null;

  constructor(private readonly opened: () => void) {
    this.opener.addEventListener("click", () => this.toggle());
    this.panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing) return;
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
  }

  close(): void {
    const inside = this.panel.contains(document.activeElement);
    this.panel.hidden = true;
    this.opener.setAttribute("aria-expanded", "false");
    if (inside) (this.before?.isConnected ? this.before : this.opener).focus();
  }
}
