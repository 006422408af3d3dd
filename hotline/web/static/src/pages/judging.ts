// Each figure as a chart, with its table one key away. Without a script there are the tables.
import { embedded } from "../dom";
import type { Figure } from "../judging/charts";
import { addShortcuts } from "../shortcuts";

const AS_TABLE = "hotline.judging_as_table";

const figures = [...document.querySelectorAll<HTMLElement>("[data-figure]")];
const switches = [...document.querySelectorAll<HTMLElement>("[data-figure-switch]")];

// Fetched when one is first seen: it is the largest part of the page.
async function draw(): Promise<void> {
  const charts = await import("../judging/charts");
  for (const figure of figures) {
    const place = figure.querySelector<HTMLElement>(".chart");
    if (!place || place.dataset["drawn"]) continue;
    place.dataset["drawn"] = "1";
    charts.draw(place, embedded<Figure>(`${figure.dataset["figure"]}-data`));
  }
}

function asTable(table: boolean): void {
  for (const figure of figures) {
    figure.querySelector<HTMLElement>(".chart")?.toggleAttribute("hidden", table);
    figure.querySelector<HTMLElement>(".table-wrap")?.toggleAttribute("hidden", !table);
  }
  for (const each of switches) each.setAttribute("aria-pressed", String(table));
  localStorage.setItem(AS_TABLE, table ? "1" : "");
  if (!table) void draw();
}

function turn(): void {
  asTable(localStorage.getItem(AS_TABLE) !== "1");
}

if (figures.length > 0) {
  for (const each of switches) {
    each.hidden = false;
    each.addEventListener("click", turn);
  }
  addShortcuts("keys.here", [{ keys: "T", says: "keys.table", act: turn }]);
  asTable(localStorage.getItem(AS_TABLE) === "1");
}

// A month is chosen by choosing it.
document.querySelector<HTMLInputElement>("#judging-month")?.addEventListener("change", (event) => {
  const input = event.currentTarget as HTMLInputElement;
  if (/^\d{4}-\d{2}$/.test(input.value)) input.form?.requestSubmit();
});
