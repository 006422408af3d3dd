// The storm: counts and list are fetched again while callers register; what is typed stays.
import { ApiError, request } from "../api";
import { hideBar, showBar } from "../connection";
import { element, embedded, need } from "../dom";
import { t } from "../i18n";
import { refresh } from "../refresh";
import type { SlotChart, Slots } from "../storm/chart";
import { stream } from "../stream";
import { timeOfDay } from "../time";
import { addShortcuts } from "../shortcuts";

interface News {
  list: string;
  what: string;
}

const SETTLE_MS = 1000;
const AS_TABLE = "hotline.storm_as_table";
// These change the switch itself, not only who is affected.
const SWITCHED = new Set(["storm_began", "storm_changed", "storm_ended"]);

let chart: SlotChart | undefined;
let loading = false;
let waiting: number | undefined;

function slots(): Slots {
  return embedded<{ slots: Slots }>("storm-data").slots;
}

function draw(): void {
  const found = slots();
  chart?.show(found);
  const rows = [...found].reverse().map(([start, count]) =>
    element("tr", {}, element("td", {}, timeOfDay(start)), element("td", { class: "number" }, String(count))),
  );
  need("slots-rows").replaceChildren(...rows);
}

async function again(): Promise<void> {
  waiting = undefined;
  // Somebody chooses a reason for a reveal, or stands on a row: the list waits.
  const parts = need("list").contains(document.activeElement) ? ["figures"] : ["figures", "list"];
  if (await refresh(...parts)) draw();
}

function heard(news: News): void {
  if (news.list !== "storm") return;
  if (SWITCHED.has(news.what)) {
    const link = element("a", { class: "button", href: "/storm" }, t("storm.look"));
    showBar("storm", "info", t("storm.switched"), link);
  }
  if (document.getElementById("figures")) waiting ??= window.setTimeout(() => void again(), SETTLE_MS);
}

async function mark(box: HTMLInputElement): Promise<void> {
  try {
    await request("POST", `/api/storm/affected/${box.dataset.affected}/callback`, { wanted: box.checked });
    hideBar("callback");
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    box.checked = !box.checked;
    showBar("callback", "danger", error.message);
  }
}

async function loadChart(): Promise<void> {
  if (loading) return;
  loading = true;
  const { SlotChart } = await import("../storm/chart");
  chart = new SlotChart(need("slots-chart"));
  draw();
}

function asTable(table: boolean): void {
  need("slots-chart").hidden = table;
  need("slots-table").hidden = !table;
  need("slots-switch").setAttribute("aria-pressed", String(table));
  localStorage.setItem(AS_TABLE, table ? "1" : "");
  if (!table) void loadChart();
}

function turn(): void {
  asTable(!need("slots-chart").hidden);
}

stream.on<News>("worklist", heard);
document.addEventListener("change", (event) => {
  const box = event.target;
  if (box instanceof HTMLInputElement && box.dataset.affected) void mark(box);
});
if (document.getElementById("figures")) {
  need("slots-switch").addEventListener("click", turn);
  addShortcuts("keys.here", [{ keys: "T", says: "keys.table", act: turn }]);
  draw();
  asTable(localStorage.getItem(AS_TABLE) === "1");
}
