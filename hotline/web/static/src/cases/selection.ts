// Which rows of the list are chosen: by checkbox, Space, Shift with the arrows or a click, Ctrl+A.
// It outlives a refresh and another page of the list.
import { addShortcuts, type Shortcut } from "../shortcuts";

export interface Chosen {
  number: string;
  version: number;
}

function rows(): HTMLTableRowElement[] {
  return [...document.querySelectorAll<HTMLTableRowElement>("#case-table tbody tr[data-number]")];
}

function rowOf({ target }: Event): HTMLTableRowElement | null {
  return (target as HTMLElement).closest<HTMLTableRowElement>("#case-table tbody tr[data-number]");
}

export class Selection {
  private readonly chosen = new Map<string, number>();
  private readonly listeners: (() => void)[] = [];
  private last: HTMLTableRowElement | undefined;

  constructor() {
    // Before the walk of the rows moves the focus on.
    const list = () => rows().length > 0;
    const keys: Shortcut[] = [
      { keys: "Space", says: "keys.cases.choose", when: list, act: (event) => this.chooseRow(event) },
      { keys: "Shift+↓", says: "keys.cases.more_below", when: list, repeats: true, act: (event) => this.extend(event, 1) },
      { keys: "Shift+↑", says: "keys.cases.more_above", when: list, repeats: true, act: (event) => this.extend(event, -1) },
      { keys: "Ctrl+A", says: "keys.cases.all", when: list, act: (event) => this.chooseAll(event) },
      { keys: "Esc", says: "keys.cases.none", when: list, act: () => this.chooseNone() },
    ];
    addShortcuts("keys.here", keys, { first: true });
    document.addEventListener("click", (event) => this.onClick(event));
    document.addEventListener("htmx:afterSettle", () => this.show());
  }

  get cases(): Chosen[] {
    return [...this.chosen].map(([number, version]) => ({ number, version }));
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  clear(): void {
    this.chosen.clear();
    this.changed();
  }

  drop(number: string): void {
    this.chosen.delete(number);
    this.changed();
  }

  private set(row: HTMLTableRowElement, on: boolean): void {
    const number = row.dataset.number ?? "";
    if (on) this.chosen.set(number, Number(row.dataset.version));
    else this.chosen.delete(number);
    this.last = row;
  }

  private toggle(row: HTMLTableRowElement): void {
    this.set(row, !this.chosen.has(row.dataset.number ?? ""));
    this.changed();
  }

  private chooseAll(event: KeyboardEvent): boolean {
    if (!(event.target as HTMLElement).closest("#case-table")) return false;
    for (const row of rows()) this.set(row, true);
    this.changed();
    return true;
  }

  private chooseNone(): boolean {
    if (this.chosen.size === 0 || document.querySelector("details.menu[open]")) return false;
    this.clear();
    return true;
  }

  private chooseRow(event: KeyboardEvent): boolean {
    const row = rowOf(event);
    if (row) this.toggle(row);
    return row !== null;
  }

  /** This row and the next one that way; the walk of the rows goes on there. */
  private extend(event: KeyboardEvent, step: number): boolean {
    const row = rowOf(event);
    if (row) {
      this.set(row, true);
      const all = rows();
      const next = all[all.indexOf(row) + step];
      if (next) this.set(next, true);
      this.changed();
    }
    return false;
  }

  private onClick(event: MouseEvent): void {
    const box = (event.target as HTMLElement).closest("#case-table td.choose");
    const row = box?.closest("tr");
    if (!row) return;
    const input = event.target instanceof HTMLInputElement ? event.target : undefined;
    const on = input ? input.checked : !this.chosen.has(row.dataset.number ?? "");
    const all = rows();
    const from = event.shiftKey && this.last ? all.indexOf(this.last) : -1;
    const to = all.indexOf(row);
    const span = from < 0 ? [row] : all.slice(Math.min(from, to), Math.max(from, to) + 1);
    for (const one of span) this.set(one, on);
    this.changed();
  }

  private changed(): void {
    this.show();
    for (const listener of this.listeners) listener();
  }

  private show(): void {
    for (const row of rows()) {
      const on = this.chosen.has(row.dataset.number ?? "");
      row.setAttribute("aria-selected", String(on));
      const box = row.querySelector<HTMLInputElement>("td.choose input");
      if (box) box.checked = on;
      // A refreshed row stands as it is now; a step is taken on what was seen.
    }
  }
}
