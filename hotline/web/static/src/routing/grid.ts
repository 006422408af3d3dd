// A table that is walked and filled in with the keyboard: arrows move, digits and letters write,
// Enter edits, Delete empties, Ctrl+D takes over what stands above.
import { element } from "../dom";

export interface Column {
  id: string;
  head: string;
  title?: string;
  /** digit: one key writes it, up to `top`; text and choice are edited in the cell. */
  kind: "digit" | "text" | "choice";
  top?: number;
  options?: [string, string][];
  first?: boolean;
}

export interface Row {
  id: string;
  head: string;
  note?: string;
  dim?: boolean;
}

export interface Model {
  rows: Row[];
  columns: Column[];
  get(row: string, column: string): string;
  /** What stands there without being written, shown dimmed. */
  inherited?(row: string, column: string): string;
  set(row: string, column: string, value: string): void;
}

const MOVES: Record<string, [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  PageUp: [-10, 0],
  PageDown: [10, 0],
  Enter: [1, 0],
};

export class Grid {
  private model: Model = { rows: [], columns: [], get: () => "", set: () => undefined };
  private at: [number, number] = [0, 0];

  constructor(
    private readonly table: HTMLTableElement,
    private readonly corner: string,
  ) {
    table.setAttribute("role", "grid");
    table.addEventListener("keydown", (event) => this.keyed(event));
    table.addEventListener("focusin", (event) => this.focused(event.target as HTMLElement));
    table.addEventListener("dblclick", (event) => this.edit(event.target as HTMLElement));
  }

  show(model: Model): void {
    this.model = model;
    const head = model.columns.map(({ head, title, first }) =>
      element("th", { scope: "col", title: title ?? head, class: first ? "first" : undefined }, head),
    );
    const body = model.rows.map((row, r) =>
      element(
        "tr",
        { class: row.dim ? "dim" : undefined },
        element("th", { scope: "row", title: row.note ?? row.id }, row.head, note(row)),
        ...model.columns.map((_, c) => this.cell(r, c)),
      ),
    );
    this.table.replaceChildren(
      element("thead", {}, element("tr", {}, element("th", { scope: "col" }, this.corner), ...head)),
      element("tbody", {}, ...body),
    );
    this.move(...this.within(...this.at), false);
  }

  /** Go to a cell by its names; false when there is none. */
  goTo(row: string, column: string): boolean {
    const r = this.model.rows.findIndex(({ id }) => id === row);
    const c = Math.max(0, this.model.columns.findIndex(({ id }) => id === column));
    if (r < 0) return false;
    this.move(r, c);
    return true;
  }

  focus(): void {
    this.move(...this.within(...this.at));
  }

  private cell(r: number, c: number): HTMLElement {
    const column = this.model.columns[c];
    const kind = `${column?.kind ?? ""}${column?.first ? " first" : ""}`;
    const cell = element("td", { role: "gridcell", tabindex: -1, class: kind, "data-r": r, "data-c": c });
    this.write(cell, r, c);
    return cell;
  }

  private write(cell: HTMLElement, r: number, c: number): void {
    const { row, column } = this.names(r, c);
    const value = this.model.get(row, column.id);
    const inherited = value ? "" : (this.model.inherited?.(row, column.id) ?? "");
    const shown = column.options?.find(([option]) => option === value)?.[1] ?? value;
    cell.textContent = shown || inherited;
    cell.classList.toggle("inherited", inherited !== "");
    cell.classList.toggle("filled", value !== "");
    if (column.kind === "digit" && value) cell.dataset.value = value;
    else delete cell.dataset.value;
  }

  private names(r: number, c: number): { row: string; column: Column } {
    const row = this.model.rows[r];
    const column = this.model.columns[c];
    if (!row || !column) throw new Error(`the grid has no cell ${r}, ${c}`);
    return { row: row.id, column };
  }

  private find(r: number, c: number): HTMLElement | null {
    return this.table.querySelector<HTMLElement>(`[data-r="${r}"][data-c="${c}"]`);
  }

  private within(r: number, c: number): [number, number] {
    const clamp = (value: number, most: number): number => Math.max(0, Math.min(value, most));
    return [clamp(r, this.model.rows.length - 1), clamp(c, this.model.columns.length - 1)];
  }

  private move(r: number, c: number, focus = true): void {
    this.table.querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1");
    this.at = [r, c];
    const cell = this.find(r, c);
    cell?.setAttribute("tabindex", "0");
    if (focus) cell?.focus();
  }

  private focused(target: HTMLElement): void {
    const { r, c } = target.dataset;
    if (r !== undefined && c !== undefined) this.move(Number(r), Number(c), false);
  }

  private put(r: number, c: number, value: string): void {
    const { row, column } = this.names(r, c);
    this.model.set(row, column.id, value);
    // One change may fill in the rest of the row.
    for (let other = 0; other < this.model.columns.length; other += 1) {
      const cell = this.find(r, other);
      if (cell) this.write(cell, r, other);
    }
  }

  private keyed(event: KeyboardEvent): void {
    const cell = event.target as HTMLElement;
    if (cell.getAttribute("role") !== "gridcell" || event.isComposing) return;
    if (!this.handle(event, cell)) return;
    event.preventDefault();
    // The lists' own keys would walk on.
    event.stopPropagation();
  }

  private handle(event: KeyboardEvent, cell: HTMLElement): boolean {
    const [r, c] = this.at;
    const { column } = this.names(r, c);
    const { key, ctrlKey, altKey, metaKey } = event;
    if (altKey || metaKey) return false;
    if (ctrlKey) return this.withControl(key, r, c);
    const step = MOVES[key];
    if (step && !(key === "Enter" && column.kind !== "digit")) {
      this.move(...this.within(r + step[0], c + step[1]));
    } else if (key === "Home" || key === "End") {
      this.move(...this.within(r, key === "Home" ? 0 : Infinity));
    } else if (["Delete", "Backspace"].includes(key) || (key === "0" && column.kind === "digit")) {
      this.put(r, c, "");
    } else if (column.kind === "digit") {
      return this.digit(key, r, c, column.top ?? 9);
    } else if (key === "Enter" || key === "F2") {
      this.edit(cell);
    } else if (column.kind === "text" && key.length === 1) {
      this.edit(cell, key);
    } else return false;
    return true;
  }

  private withControl(key: string, r: number, c: number): boolean {
    if (key.toLowerCase() === "d" && r > 0) {
      this.put(r, c, this.model.get(this.names(r - 1, c).row, this.names(r, c).column.id));
    } else if (key === "Home") this.move(0, 0);
    else if (key === "End") this.move(...this.within(Infinity, Infinity));
    else return false;
    return true;
  }

  private digit(key: string, r: number, c: number, top: number): boolean {
    if (!/^[1-9]$/.test(key) || Number(key) > top) return false;
    this.put(r, c, key);
    return true;
  }

  private edit(cell: HTMLElement, typed?: string): void {
    const { r, c } = cell.dataset;
    if (r === undefined || c === undefined) return;
    const [row, column] = [Number(r), Number(c)];
    const names = this.names(row, column);
    if (names.column.kind === "digit") return;
    const value = this.model.get(names.row, names.column.id);
    const editor = editorOf(names.column, typed ?? value);
    cell.replaceChildren(editor);
    editor.focus();
    if (editor instanceof HTMLInputElement) {
      const { length } = editor.value;
      editor.setSelectionRange(typed === undefined ? 0 : length, length);
    }
    this.listen(editor, row, column, value);
  }

  private listen(editor: HTMLInputElement | HTMLSelectElement, r: number, c: number, was: string): void {
    let over = false;
    const end = (value: string, step: [number, number]): void => {
      if (over) return;
      over = true;
      this.put(r, c, value);
      if (step[0] || step[1] || document.activeElement === document.body) {
        this.move(...this.within(r + step[0], c + step[1]));
      }
    };
    editor.addEventListener("keydown", (event) => {
      const { key, shiftKey, isComposing } = event as KeyboardEvent;
      if (isComposing || !["Enter", "Escape", "Tab"].includes(key)) return;
      event.preventDefault();
      event.stopPropagation();
      if (key === "Escape") {
        end(was, [0, 0]);
        this.move(r, c);
      } else end(editor.value.trim(), key === "Enter" ? [1, 0] : [0, shiftKey ? -1 : 1]);
    });
    editor.addEventListener("blur", () => end(editor.value.trim(), [0, 0]));
  }
}

function note(row: Row): Node | string {
  return row.note ? element("span", { class: "muted small" }, ` ${row.note}`) : "";
}

function editorOf(column: Column, value: string): HTMLInputElement | HTMLSelectElement {
  const words = { "aria-label": column.head };
  if (column.kind === "text") return element("input", { ...words, value, autocomplete: "off" });
  const options = (column.options ?? []).map(([option, text]) =>
    element("option", { value: option, selected: option === value }, text),
  );
  return element("select", words, ...options);
}
