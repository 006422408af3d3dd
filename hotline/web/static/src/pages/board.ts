// The board: drawn anew with each event, the chart only when a quarter of an hour changed.
import { AskedCalls } from "../board/asked";
import { showBetweenCalls } from "../board/between";
import type { DayChart } from "../board/chart";
import { showFigures, warnOfWaits } from "../board/figures";
import { ForcePanel } from "../board/force";
import { HelpRows } from "../board/help";
import { BoardMessages } from "../board/messages";
import { showParked } from "../board/parked";
import { Teams } from "../board/teams";
import type { Board, Interval } from "../board/types";
import { showWaiting } from "../board/waiting";
import { hideBar, showBar } from "../connection";
import { element, embedded, need } from "../dom";
import { t } from "../i18n";
import type { Reason } from "../pausing";
import { stream } from "../stream";
import { now, timeOfDay } from "../time";
import { addShortcuts } from "../shortcuts";

const TICK_MS = 1000;
const AS_TABLE = "hotline.board_as_table";

let board = embedded<Board>("board-data");
let chart: DayChart | undefined;
let drawn = "";
let loading = false;
const teams = new Teams();
const force = new ForcePanel(() => board);
const told = { pbx: true, journal: true };

function show(next: Board): void {
  board = next;
  showFigures(board);
  teams.show(board);
  showWaiting(board);
  showBetweenCalls(board);
  showParked(board.parked);
  force.show();
  lateRows();
  showDay(board.intervals);
  tell("pbx", board.pbx_up, t("board.pbx_unseen"));
  tell("journal", board.journal_ok, t("board.journal_stuck"));
}

/** A quiet bar while something is wrong, once. */
function tell(name: "pbx" | "journal", good: boolean, words: string): void {
  if (good === told[name]) return;
  told[name] = good;
  if (good) hideBar(name);
  else showBar(name, "", words);
}

function showDay(intervals: Interval[]): void {
  const fresh = JSON.stringify(intervals);
  if (fresh === drawn) return;
  drawn = fresh;
  chart?.show(intervals);
  const rows = [...intervals].reverse().map((quarter) =>
    element(
      "tr",
      {},
      element("td", {}, timeOfDay(quarter.start)),
      ...[quarter.arrived, quarter.answered, quarter.abandoned].map((count) =>
        element("td", { class: "number" }, String(count)),
      ),
    ),
  );
  need("day-rows").replaceChildren(...rows);
}

function asTable(table: boolean): void {
  need("day-chart").hidden = table;
  need("day-table").hidden = !table;
  need("day-switch").setAttribute("aria-pressed", String(table));
  localStorage.setItem(AS_TABLE, table ? "1" : "");
  if (!table) void loadChart();
}

function turn(): void {
  asTable(need("day-chart").hidden === false);
}

function lateRows(): void {
  for (const time of document.querySelectorAll<HTMLElement>("time[data-late-after]")) {
    const waited = now() - Number(time.dataset.since);
    time.classList.toggle("late", waited > Number(time.dataset.lateAfter));
  }
}

// Fetched when it is first seen, after the numbers: it is the largest part of the page.
async function loadChart(): Promise<void> {
  if (loading) return;
  loading = true;
  const { DayChart } = await import("../board/chart");
  chart = new DayChart(need("day-chart"));
  chart.show(board.intervals);
}

need("day-switch").addEventListener("click", turn);
addShortcuts("keys.here", [{ keys: "T", says: "keys.table", act: turn }]);
show(board);
new HelpRows().start();
new AskedCalls().start();
new BoardMessages().start();
asTable(localStorage.getItem(AS_TABLE) === "1");
stream.on<Board>("board", show);
stream.on<Reason>("reason", (reason) => force.learn(reason));
setInterval(() => {
  warnOfWaits(board);
  lateRows();
}, TICK_MS);
