// The menu of one's states, by key and by mouse.
import { need } from "../dom";
import { closeMenu, turnMenu } from "../menus";

export class StateMenu {
  private readonly menu = need<HTMLDetailsElement>("state-menu");

  /** `chosen` is given the state and, of a pause, its reason. */
  constructor(chosen: (state: string, reason?: string) => void) {
    this.menu.addEventListener("click", ({ target }) => {
      const button = (target as HTMLElement).closest<HTMLElement>("button[data-state]");
      if (!button) return;
      closeMenu(this.menu);
      chosen(button.dataset.state ?? "", button.dataset.reason);
    });
  }

  /** By key: the keyboard goes to the first state, and back to where it was. */
  turn(): void {
    turnMenu(this.menu, this.menu.querySelector("[role=menuitem]:not([hidden])"));
  }
}
