// Every key of a page and what it does, in one list: what acts on a key and what tells of it
// cannot part. `?` shows the list, Alt+/ also while typing.
import { composing, element, typing } from "./dom";
import { t, type Key } from "./i18n";

export interface Shortcut {
  /** As it stands on a keyboard: "Alt+A", "Ctrl+Enter", "T", "1–5"; several apart by spaces. */
  readonly keys: string;
  readonly says: Key;
  /** Whether the page has a use for it now; what it has none for is not in the list. */
  readonly when?: () => boolean;
  /** Also while it is held down. */
  readonly repeats?: boolean;
  /** Does it; false leaves the key to the browser. */
  act(event: KeyboardEvent): boolean | void;
}

interface Group {
  readonly title: Key;
  readonly shortcuts: readonly Shortcut[];
  readonly first: boolean;
}

// Where a sign stands, as the event's `code` names it: with Alt some systems type another sign.
const CODES: Record<string, string> = { "=": "Equal", "-": "Minus", ";": "Semicolon", "'": "Quote", "/": "Slash", ".": "Period", ",": "Comma", "]": "BracketRight" };
const NAMES: Record<string, string> = { Esc: "Escape", Space: " ", "↑": "ArrowUp", "↓": "ArrowDown", "←": "ArrowLeft", "→": "ArrowRight" };
const RANGE = /^(\d)–(\d)$/;

const groups: Group[] = [];

/** The key of a chord without its modifiers: "Alt+=" gives "=". */
function bare(chord: string): string {
  return chord.replace(/^(?:(?:Alt|Ctrl|Shift)\+)+(?=.)/, "");
}

function fits(event: KeyboardEvent, key: string): boolean {
  const range = RANGE.exec(key);
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
  if (range) return digit !== undefined && digit >= range[1]! && digit <= range[2]!;
  if (/^\d$/.test(key)) return digit === key;
  // By place on the keyboard, so that layouts and input methods do not matter.
  if (/^[A-Z]$/.test(key)) return event.code === `Key${key}`;
  if (key === "?") return event.key === "?" || event.key === "？";
  if (event.altKey && key in CODES && event.code === CODES[key]) return true;
  return event.key === (NAMES[key] ?? key);
}

function matches(event: KeyboardEvent, chord: string): boolean {
  const key = bare(chord);
  const held = chord.slice(0, chord.length - key.length);
  const ctrl = event.ctrlKey || event.metaKey;
  if (held.includes("Alt") !== event.altKey || held.includes("Ctrl") !== ctrl) return false;
  const shift = held.includes("Shift");
  if (shift && !event.shiftKey) return false;
  // A sign may need Shift on some keyboards, and rows are chosen with Shift while they are walked.
  if (!shift && event.shiftKey && (/^[A-Z\d]$/.test(key) || key.length > 1)) return false;
  if (!held.includes("Alt") && !held.includes("Ctrl") && typing(event.target)) return false;
  return fits(event, key);
}

function applies({ when }: Shortcut): boolean {
  return when?.() ?? true;
}

function taken(event: KeyboardEvent, shortcut: Shortcut): boolean {
  const meant = shortcut.keys.split(" ").some((chord) => matches(event, chord));
  if (!meant || !applies(shortcut)) return false;
  return (event.repeat && !shortcut.repeats) || shortcut.act(event) !== false;
}

function onKey(event: KeyboardEvent, first: boolean): void {
  if (composing(event) || event.defaultPrevented) return;
  for (const group of groups) {
    if (group.first !== first || !group.shortcuts.some((one) => taken(event, one))) continue;
    event.preventDefault();
    if (first) event.stopPropagation();
    return;
  }
}

/** Act on these keys from now on, and tell of them: those that came last come first. `first`:
 * also before whatever has the focus. */
export function addShortcuts(title: Key, shortcuts: readonly Shortcut[], { first = false } = {}): void {
  groups.unshift({ title, shortcuts, first });
}

/** Tell of keys that a control acts on itself while it has the focus. */
export function tellKeys(title: Key, lines: readonly Pick<Shortcut, "keys" | "says">[]): void {
  addShortcuts(
    title,
    lines.map((one) => ({ ...one, repeats: true, act: () => false })),
  );
}

for (const first of [true, false]) {
  document.addEventListener("keydown", (event) => onKey(event, first), first);
}

// --- the list -----------------------------------------------------------------------------

// What one does most, first; the rest of a page's own, as it came; what is everywhere, last.
const FIRST: readonly Key[] = ["keys.call", "keys.state", "keys.form", "keys.here"];
const LAST: readonly Key[] = ["keys.inside", "keys.everywhere"];

function rank(title: Key): number {
  const first = FIRST.indexOf(title);
  return first >= 0 ? first - FIRST.length : LAST.indexOf(title) + 1;
}

function line(says: Key, chords: ReadonlySet<string>): HTMLElement {
  const keys = [...chords].map((chord) => element("kbd", {}, chord));
  return element("div", {}, element("dt", {}, ...keys), element("dd", {}, t(says)));
}

/** The groups by their titles; what is done by several keys is told once. */
function lists(): HTMLElement[] {
  const known = new Map<Key, Map<Key, Set<string>>>();
  for (const { title, shortcuts } of groups) {
    const lines = known.get(title) ?? new Map<Key, Set<string>>();
    for (const { keys, says } of shortcuts.filter(applies)) {
      const chords = lines.get(says) ?? new Set<string>();
      for (const chord of keys.split(" ")) chords.add(chord);
      lines.set(says, chords);
    }
    if (lines.size > 0) known.set(title, lines);
  }
  const ordered = [...known].sort(([one], [other]) => rank(one) - rank(other));
  return ordered.map(([title, lines]) =>
    element("section", {}, element("h3", {}, t(title)), element("dl", {}, ...[...lines].map(([says, chords]) => line(says, chords)))),
  );
}

export function startShortcuts(): void {
  const panel = document.getElementById("keys") as HTMLDialogElement | null;
  if (!panel) return;
  const place = panel.querySelector("#keys-list")!;
  let before: Element | null = null;
  const close = () => {
    if (!panel.open) return false;
    panel.close();
    if (before instanceof HTMLElement) before.focus();
    return true;
  };
  const turn = () => {
    if (close()) return;
    place.replaceChildren(...lists());
    before = document.activeElement;
    // Not modal: a call that comes meanwhile can be taken.
    panel.show();
    panel.focus();
  };
  panel.querySelector("#keys-close")?.addEventListener("click", close);
  document.getElementById("keys-open")?.addEventListener("click", turn);
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  });
  addShortcuts("keys.everywhere", [{ keys: "? Alt+/", says: "keys.list", act: turn }]);
}
