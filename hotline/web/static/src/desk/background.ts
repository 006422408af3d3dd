// What stands behind the call: the way through the menus, the words said, notes of the number, who
// may be the same person. Asked for after the pop is painted, and kept per call.
import { ApiError, request } from "../api";
import { element, need } from "../dom";
import { t } from "../i18n";
import { moment, timeOfDay } from "../time";
import type { Pop } from "./types";

interface Step {
  at: number;
  text: string;
}

interface Said {
  report_id: string;
  at: number;
  text: string;
  state: string;
}

interface Maybe {
  phone: string;
  name: string;
  address: string;
  case_number: string;
  why: string;
  at: number;
}

interface Note {
  note_id: number;
  text: string;
  by: string;
  at: number;
  yours: boolean;
}

interface Known {
  path: Step[];
  said: Said[];
  place: string;
  maybe: Maybe[];
  notes: Note[];
}

function path(callId: string, rest: string): string {
  return `/api/calls/${encodeURIComponent(callId)}/${rest}`;
}

function listed<T>(title: string, items: T[], item: (one: T) => HTMLElement): HTMLElement[] {
  if (items.length === 0) return [];
  return [element("h3", {}, title), element("ul", {}, ...items.map(item))];
}

function stepItem(one: Step): HTMLElement {
  return element("li", {}, element("time", { class: "muted" }, timeOfDay(one.at)), ` ${one.text}`);
}

function saidItem(one: Said): HTMLElement {
  const words = one.text ? `“${one.text}”` : t("desk.no_words_yet");
  return element("li", { class: one.text ? "said" : "muted" }, words);
}

function maybeItem(one: Maybe): HTMLElement {
  const link = element(
    "a",
    { href: `/cases/${one.case_number}`, target: "_blank", rel: "noopener" },
    one.case_number,
  );
  return element(
    "li",
    {},
    element("b", {}, [one.phone, one.name].filter(Boolean).join(" ")),
    ...(one.case_number ? [" ", link] : []),
    element("p", { class: "muted small" }, [one.why, one.address, moment(one.at)].filter(Boolean).join(" · ")),
  );
}

export class Background {
  private readonly known = new Map<string, Known>();
  private readonly place = need("background");
  private readonly form = need<HTMLFormElement>("note-form");
  private readonly input = need<HTMLInputElement>("note-text");
  private shown: Pop | null = null;
  private drawn = "";
  /** The call whose number is being written about: another that pops meanwhile changes nothing. */
  private about: Pop | null = null;

  constructor(private readonly problem: (words: string) => void) {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.add();
    });
    this.input.addEventListener("input", () => this.typed());
    this.place.addEventListener("click", ({ target }) => {
      const button = (target as HTMLElement).closest<HTMLElement>("[data-note]");
      if (button) void this.drop(Number(button.dataset.note));
    });
  }

  /** Of this call. `pop` is anew whenever something happened to it. */
  show(pop: Pop | null): void {
    const callId = pop?.call_id ?? "";
    const stage = pop ? `${callId} ${pop.phase} ${pop.keys}` : "";
    this.shown = pop;
    this.draw();
    this.showForm();
    if (!callId || stage === this.drawn) return;
    this.drawn = stage;
    // Without an answer the pop is whole by itself.
    request<Known>("GET", path(callId, "background")).then(
      (known) => this.take(callId, known),
      () => undefined,
    );
  }

  /** By key: write a note. */
  focus(): void {
    if (!this.form.hidden) this.input.focus();
  }

  private typed(): void {
    if (!this.input.value.trim()) this.about = null;
    else this.about ??= this.shown;
    this.showForm();
  }

  /** Whose note it is, where the caller above is another one. */
  private showForm(): void {
    const pop = this.about ?? this.shown;
    this.form.hidden = !pop || pop.withheld;
    const other = this.about !== null && this.about.call_id !== this.shown?.call_id;
    const who = need("note-about");
    who.hidden = !other;
    who.textContent = other && pop ? t("desk.note_about", { phone: pop.calling }) : "";
  }

  private take(callId: string, known: Known): void {
    this.known.set(callId, known);
    this.draw();
  }

  private draw(): void {
    const known = this.known.get(this.shown?.call_id ?? "");
    this.place.hidden = !known;
    if (!known) return;
    const place = known.place ? [element("p", { class: "small" }, t("desk.last_place", { place: known.place }))] : [];
    this.place.replaceChildren(
      ...listed(t("desk.notes"), known.notes, (one) => this.noteItem(one)),
      ...listed(t("desk.said"), known.said, saidItem),
      ...listed(t("desk.path"), known.path, stepItem),
      ...listed(t("desk.maybe_same"), known.maybe, maybeItem),
      ...place,
    );
    this.place.hidden = this.place.childElementCount === 0;
  }

  private noteItem(one: Note): HTMLElement {
    const label = t("desk.note_drop");
    const drop = element(
      "button",
      { type: "button", class: "quiet", "data-note": one.note_id, title: label, "aria-label": label },
      "×",
    );
    const who = element("p", { class: "muted small" }, `${one.by} ${moment(one.at)}`);
    return element("li", { class: "note" }, one.text, " ", drop, who);
  }

  private async add(): Promise<void> {
    const callId = this.about?.call_id;
    const text = this.input.value.trim();
    if (!text || !callId) return;
    await this.ask(async () => {
      const notes = await request<Note[]>("POST", path(callId, "notes"), { text });
      const known = this.known.get(callId);
      if (known) this.take(callId, { ...known, notes });
      if (this.input.value.trim() === text) this.input.value = "";
      this.typed();
    });
  }

  private async drop(noteId: number): Promise<void> {
    const callId = this.shown?.call_id ?? "";
    const known = this.known.get(callId);
    if (!known) return;
    await this.ask(async () => {
      await request("DELETE", path(callId, `notes/${noteId}`));
      this.take(callId, { ...known, notes: known.notes.filter((one) => one.note_id !== noteId) });
    });
  }

  private async ask(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem(error.message);
    }
  }
}
