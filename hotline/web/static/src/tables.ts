// Lists by keyboard: arrows or j/k walk the rows, Enter opens, / goes to the filter.
import { typing } from "./dom";

function rowsOf(row: Element): HTMLElement[] {
  return [...(row.parentElement?.children ?? [])] as HTMLElement[];
}

function prepare(): void {
  for (const body of document.querySelectorAll("table.data tbody")) {
    [...body.children].forEach((row, index) => {
      if (!row.hasAttribute("tabindex")) row.setAttribute("tabindex", index === 0 ? "0" : "-1");
    });
  }
}

function walk(row: HTMLElement, step: number): void {
  const rows = rowsOf(row);
  const next = rows[rows.indexOf(row) + step];
  if (!next) return;
  row.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

function open(row: HTMLElement, aside: boolean): void {
  const { href } = row.dataset;
  if (!href) return;
  if (aside) window.open(href, "_blank", "noopener");
  else location.assign(href);
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
  if (event.key === "/") {
    const filter = document.querySelector<HTMLElement>(".filters input");
    if (filter) {
      event.preventDefault();
      filter.focus();
    }
    return;
  }
  const target = event.target as HTMLElement;
  const row = target.closest<HTMLElement>("table.data tbody tr");
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
  if (step !== undefined) {
    const from = row ?? document.querySelector<HTMLElement>("table.data tbody tr[tabindex='0']");
    if (!from) return;
    event.preventDefault();
    if (row) walk(row, step);
    else from.focus();
  } else if (event.key === "Enter" && row && target === row) open(row, event.shiftKey);
}

function onClick(event: MouseEvent): void {
  const target = event.target as HTMLElement;
  const row = target.closest<HTMLElement>("table.data tbody tr[data-href]");
  const chosen = getSelection()?.toString();
  if (!row || chosen || target.closest("a, button, input, label, summary")) return;
  open(row, event.ctrlKey || event.metaKey);
}

export function startTables(): void {
  prepare();
  document.addEventListener("htmx:afterSettle", prepare);
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
}
