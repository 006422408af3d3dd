// <details class="menu">: closed by Escape and by a click elsewhere; the arrows walk a list of choices.
import { composing } from "./dom";

const CHOICES = "[role=menuitem]:not([hidden])";

/** What had the keyboard when a menu was opened by key: it goes back there. */
const before = new WeakMap<HTMLDetailsElement, HTMLElement>();

function closeAll(except?: Element | null): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}

/** Open a menu by key, with the keyboard on `first`, or close it. */
export function turnMenu(menu: HTMLDetailsElement, first: HTMLElement | null): void {
  if (menu.open) return closeMenu(menu);
  const { activeElement } = document;
  if (activeElement instanceof HTMLElement) before.set(menu, activeElement);
  menu.open = true;
  first?.focus();
}

/** The keyboard goes back where it was when the menu was opened by key, else to its head; a menu
 * that was opened beside what is being typed in leaves it there. */
export function closeMenu(menu: HTMLDetailsElement): void {
  const inside = menu.contains(document.activeElement);
  const back = before.get(menu);
  before.delete(menu);
  menu.open = false;
  if (inside) (back?.isConnected ? back : menu.querySelector("summary"))?.focus();
}

function walked(menu: HTMLDetailsElement, { key }: KeyboardEvent): boolean {
  const choices = [...menu.querySelectorAll<HTMLElement>(CHOICES)];
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  const here = choices.indexOf(document.activeElement as HTMLElement);
  if (!step || choices.length === 0 || !menu.contains(document.activeElement)) return false;
  const from = here < 0 && step < 0 ? 0 : here;
  choices[(from + step + choices.length) % choices.length]?.focus();
  return true;
}

export function startMenus(): void {
  document.addEventListener("click", (event) => {
    closeAll((event.target as HTMLElement).closest("details.menu"));
  });
  document.addEventListener("keydown", (event) => {
    const open = document.querySelector<HTMLDetailsElement>("details.menu[open]");
    if (!open || composing(event)) return;
    if (event.key === "Escape") {
      closeMenu(open);
      event.stopImmediatePropagation();
    } else if (walked(open, event)) event.preventDefault();
  });
}
