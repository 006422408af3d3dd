// Promises to call back: one key opens the panel with all that is known, Enter keeps it.
import { ApiError, request } from "../api";
import { composing, element, need } from "../dom";
import { t } from "../i18n";
import { stream } from "../stream";
import { moment, now, timeOfDay } from "../time";
import type { OpenCall } from "./calls";
import { aboutOf } from "./outbound";

/** hotline/web/promises.py */
interface Promised {
  promise_id: number;
  phone: string;
  due_at: number;
  note: string;
  case_number: string;
  attempts: number;
  last_outcome: string;
}

interface News {
  list: string;
}

const HALF_HOUR_S = 1800;
const CUT_OFF = "@cut_off";

export class Promises {
  private before: HTMLElement | null = null;
  /** Whom the panel was opened for; another form may be shown by the time it is sent. */
  private about: ReturnType<typeof aboutOf> = null;
  private readonly form = need<HTMLFormElement>("promise-form");
  private readonly opener = need<HTMLButtonElement>("promise-open");
  private readonly due = need<HTMLInputElement>("promise-due");
  private readonly note = need<HTMLInputElement>("promise-note");

  constructor(
    private readonly open: () => OpenCall | null,
    private readonly matter: () => string,
    private readonly call: (about: object) => Promise<void>,
    private readonly problem: (error: unknown) => void,
  ) {
    this.opener.addEventListener("click", () => this.toggle());
    this.form.addEventListener("click", ({ target }) => {
      const preset = (target as HTMLElement).closest<HTMLElement>("[data-preset]");
      if (preset) this.setDue(dueOf(preset.dataset.preset ?? ""));
    });
    this.form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || composing(event)) return;
      event.stopPropagation();
      this.close();
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.make();
    });
    need("own-promises").addEventListener("click", ({ target }) => {
      const button = (target as HTMLElement).closest<HTMLElement>("[data-promise]");
      if (button) void this.call({ promise_id: Number(button.dataset.promise) });
    });
    stream.on<News>("worklist", ({ list }) => {
      if (list === "promises") void this.load();
    });
  }

  async load(): Promise<void> {
    try {
      this.show((await request<{ promises: Promised[] }>("GET", "/api/promises")).promises);
    } catch (error) {
      this.problem(error);
    }
  }

  toggle(): void {
    if (!this.form.hidden) return this.close();
    const open = this.open();
    if (!open) return this.problem(new ApiError(409, "no_form", t("outbound.no_form")));
    this.before = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    this.about = aboutOf(open);
    this.form.hidden = false;
    this.opener.setAttribute("aria-expanded", "true");
    const typed = open.values.caller_phone.trim();
    need("promise-who").textContent = typed || (open.pop.withheld ? t("phone.none") : open.pop.calling);
    this.note.value = this.matter();
    this.say({});
    this.setDue(dueOf("hour"));
    this.due.focus();
  }

  private close(): void {
    const inside = this.form.contains(document.activeElement);
    this.form.hidden = true;
    this.opener.setAttribute("aria-expanded", "false");
    if (inside) (this.before?.isConnected ? this.before : this.opener).focus();
  }

  private setDue(at: number): void {
    // The form's field has the city's time, as everything that is shown.
    this.due.value = moment(at).replace(" ", "T");
  }

  private async make(): Promise<void> {
    try {
      const body = { ...this.about, due_at: atOf(this.due.value), note: this.note.value };
      this.show((await request<{ promises: Promised[] }>("POST", "/api/promises", body)).promises);
      this.close();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.say(error.fields, error.message);
    }
  }

  private say(fields: Record<string, string>, otherwise = ""): void {
    const told = fields.due_at ?? fields.phone ?? fields.note ?? otherwise;
    need("promise-problem").textContent = told;
  }

  private show(promises: Promised[]): void {
    need("no-promises").hidden = promises.length > 0;
    need("own-promises").replaceChildren(...promises.map((one) => item(one)));
  }
}

/** A note that the program wrote is a key: hotline/outbound/model.py. */
function said(note: string): string {
  return note === CUT_OFF ? t("promises.cut_off") : note;
}

function item(one: Promised): HTMLElement {
  const late = one.due_at <= now();
  const dial = element("button", { type: "button", "data-promise": one.promise_id }, t("outbound.dial"));
  const time = element("b", { class: late ? "late" : "" }, moment(one.due_at).slice(5));
  const head = element("p", { class: "line" }, time, element("span", {}, one.phone), dial);
  const tries = one.attempts ? [element("span", { class: "muted small" }, t("promises.tried", { count: one.attempts }))] : [];
  return element("li", {}, head, element("p", { class: "told" }, said(one.note), " ", ...tries));
}

/** In an hour, this afternoon, tomorrow morning: on the half hour, and never gone by. */
export function dueOf(preset: string, from = now()): number {
  const next = Math.ceil(from / HALF_HOUR_S) * HALF_HOUR_S;
  if (preset === "hour") return next + 2 * HALF_HOUR_S;
  const today = from - secondsOfDay(from);
  const at = { afternoon: today + 16 * 3600, tomorrow: today + 33 * 3600 }[preset] ?? next;
  return at > from ? at : at + 86_400;
}

function secondsOfDay(at: number): number {
  const [hours = 0, minutes = 0] = timeOfDay(at).split(":").map(Number);
  return hours * 3600 + minutes * 60 + (at % 60);
}

/** The city's time as it was typed, in Unix seconds; NaN for none. */
export function atOf(typed: string): number {
  const asUtc = Date.parse(`${typed}Z`) / 1000;
  const shown = Date.parse(`${moment(asUtc).replace(" ", "T")}Z`) / 1000;
  return asUtc - (shown - asUtc);
}
