// The hours of the day as a chart, with the table one key away.
import { embedded, need } from "../dom";
import type { Hour } from "../waits/chart";
import { addShortcuts } from "../shortcuts";

const AS_TABLE = "hotline.waits_as_table";

let loading = false;

// Fetched when it is first seen: it is the largest part of the page.
async function loadChart(): Promise<void> {
  if (loading) return;
  loading = true;
  const { HourChart } = await import("../waits/chart");
  new HourChart(need("hours-chart"), embedded<Hour[]>("hours-data"));
}

function asTable(table: boolean): void {
  need("hours-chart").hidden = table;
  need("hours-table").hidden = !table;
  need("hours-switch").setAttribute("aria-pressed", String(table));
  localStorage.setItem(AS_TABLE, table ? "1" : "");
  if (!table) void loadChart();
}

function turn(): void {
  asTable(!need("hours-chart").hidden);
}

if (document.getElementById("hours-chart")) {
  need("hours-switch").hidden = false;
  need("hours-switch").addEventListener("click", turn);
  addShortcuts("keys.here", [{ keys: "T", says: "keys.table", act: turn }]);
  asTable(localStorage.getItem(AS_TABLE) === "1");
}
