// Light, dark, or as the desk's own setting says. A cookie tells the server, so nothing flashes.
import { need } from "./dom";
import { addShortcuts } from "./shortcuts";

const A_YEAR_S = 365 * 24 * 3600;
const wantsDark = matchMedia("(prefers-color-scheme: dark)");

function isDark(): boolean {
  const theme = document.documentElement.dataset.theme;
  return theme === "dark" || (theme !== "light" && wantsDark.matches);
}

function choose(theme: "light" | "dark"): void {
  document.documentElement.dataset.theme = theme;
  need<HTMLLinkElement>("dark").media = theme === "dark" ? "all" : "not all";
  document.cookie = `hotline_theme=${theme}; path=/; max-age=${A_YEAR_S}; samesite=lax`;
  document.dispatchEvent(new CustomEvent("theme"));
}

export function startTheme(): void {
  const turn = () => choose(isDark() ? "light" : "dark");
  need("theme").addEventListener("click", turn);
  addShortcuts("keys.everywhere", [{ keys: "Alt+Shift+T", says: "base.theme", act: turn }]);
  wantsDark.addEventListener("change", () => document.dispatchEvent(new CustomEvent("theme")));
}
