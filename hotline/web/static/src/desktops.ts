// Who works at several desktops (a supervisor verifies and calls back, too) walks them by one key.
import { addShortcuts } from "./shortcuts";

export function startDesktops(): void {
  const links = [...document.querySelectorAll<HTMLAnchorElement>("header nav a[data-desktop]")];
  if (links.length < 2) return;
  addShortcuts("keys.everywhere", [
    {
      keys: "Alt+,",
      says: "keys.roles.next",
      act: () => {
        const here = links.findIndex((link) => link.hasAttribute("aria-current"));
        links[(here + 1) % links.length]?.click();
      },
    },
  ]);
}
