// Lists by keyboard: arrows or j/k walk the rows, Enter opens, / goes to the filter.
import { addShortcuts } from "./shortcuts";

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

function filter(): HTMLElement | null {
  return document.querySelector<HTMLElement>(".filters input");
}

function isList(): boolean {
  return document.querySelector("table.data tbody tr") !== null;
}

function rowOf({ target }: Event): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>("table.data tbody tr") : null;
}

function walkFrom(event: KeyboardEvent, by: number): boolean {
  const row = rowOf(event);
  const from = row ?? document.querySelector<HTMLElement>("table.data tbody tr[tabindex='0']");
  if (row) walk(row, by);
  else from?.focus();
  return from !== null;
}

function openRow(event: KeyboardEvent): boolean {
  const row = rowOf(event);
  if (!row || event.target !== row) return false;
  open(row, event.shiftKey);
  return true;
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
  addShortcuts("keys.lists", [
    { keys: "/", says: "keys.filter", when: () => filter() !== null, act: () => filter()?.focus() },
    { keys: "↓ J", says: "keys.next_row", when: isList, repeats: true, act: (event) => walkFrom(event, 1) },
    { keys: "↑ K", says: "keys.row_before", when: isList, repeats: true, act: (event) => walkFrom(event, -1) },
    { keys: "Enter", says: "keys.open_row", when: isList, act: openRow },
    { keys: "Shift+Enter", says: "keys.open_row_aside", when: isList, act: openRow },
  ]);
  document.addEventListener("click", onClick);
}
