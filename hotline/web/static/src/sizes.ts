// How large the page's words are, in this browser. A cookie tells the server, so nothing jumps.
import { addShortcuts } from "./shortcuts";

const A_YEAR_S = 365 * 24 * 3600;
const SIZES = ["normal", "large", "larger"] as const;

type Size = (typeof SIZES)[number];

function now(): Size {
  const size = document.documentElement.dataset.size as Size;
  return SIZES.includes(size) ? size : "normal";
}

function choose(size: Size): void {
  document.documentElement.dataset.size = size;
  document.cookie = `hotline_size=${size}; path=/; max-age=${A_YEAR_S}; samesite=lax`;
  for (const button of document.querySelectorAll<HTMLElement>("[data-to-size]")) {
    button.setAttribute("aria-pressed", String(button.dataset.toSize === size));
  }
  // Drawings and charts measure their places anew.
  window.dispatchEvent(new Event("resize"));
}

function step(by: 1 | -1): void {
  choose(SIZES[SIZES.indexOf(now()) + by] ?? now());
}

export function startSizes(): void {
  for (const button of document.querySelectorAll<HTMLElement>("[data-to-size]")) {
    button.addEventListener("click", () => choose(button.dataset.toSize as Size));
  }
  addShortcuts("keys.everywhere", [
    { keys: "Alt+=", says: "keys.larger", act: () => step(1) },
    { keys: "Alt+-", says: "keys.smaller", act: () => step(-1) },
  ]);
}
