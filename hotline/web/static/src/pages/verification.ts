// The verifier's desktop: a report is heard, written into the form and verified, then the next one.
// An agent does the same with one report between calls.
import { ApiError, request } from "../api";
import { startPlayers } from "../case/players";
import { Steps, type Step } from "../case/steps";
import { showBar } from "../connection";
import { element, embedded, need } from "../dom";
import { tellDiffering } from "../desk/differs";
import { Drafts, ofTask, type DraftState } from "../desk/drafts";
import { CaseForm, EMPTY } from "../desk/form";
import { leadBack } from "../desk/on_task";
import { Shell } from "../desk/shell";
import type { FormValues, SavedCase } from "../desk/types";
import { t } from "../i18n";
import { refresh } from "../refresh";
import { addShortcuts } from "../shortcuts";
import { stream } from "../stream";
import { now, timeOfDay } from "../time";

/** hotline/web/verification.py */
interface Report {
  case: SavedCase;
  draft: Partial<FormValues>;
  revision: number;
  /** The report's id; empty for none. */
  report: string;
  /** The number of the case to go on with; empty for none. */
  next: string;
}

interface News {
  list: string;
  what: string;
  case_number?: string;
  report_id?: string;
}

const DONE = "hotline-verified";
const GATHER_MS = 300;

class Verification {
  private readonly form = new CaseForm(() => this.typed());
  private readonly drafts = new Drafts<FormValues>(
    (_, state) => this.showDraft(state),
    (_, values) => this.form.take(values),
    ofTask,
  );
  private readonly steps = new Steps((step) => this.take(step));
  private version: number;
  private busy = false;

  constructor(private readonly report: Report) {
    const { case: shown, draft, revision } = report;
    this.version = shown.version;
    this.drafts.differs = (_, theirs) => {
      tellDiffering("differs", theirs, (name, value) => this.useTheirs({ ...this.values, [name]: value }));
    };
    this.drafts.replaced = (_, mine) => {
      tellDiffering("replaced", mine, (name, value) => this.useTheirs({ ...this.values, [name]: value }));
    };
    const stored = { ...EMPTY, ...shown.form, ...draft };
    const values = this.drafts.meet(this.key, stored, revision, null);
    this.form.fill(values, shown.phone ? t("desk.kept_phone", { phone: shown.phone }) : t("phone.none"));
    this.form.element.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.save();
    });
  }

  start(): void {
    void this.form.load().catch((error: unknown) => this.explain(error));
    addShortcuts("keys.here", [
      { keys: "Ctrl+Enter", says: "keys.save", act: () => void this.save() },
      { keys: "Alt+N", says: "keys.verify.next", act: () => document.getElementById("next")?.click() },
      { keys: "Alt+Q", says: "keys.desk.insertText", act: () => void this.form.texts.toggle() },
      { keys: "Alt+Z", says: "keys.desk.moreFields", act: () => this.form.extra.toggle() },
      { keys: "Alt+V", says: "keys.desk.map", act: () => this.form.point.focus() },
      {
        keys: "Alt+Y",
        says: "keys.desk.sameMatter",
        act: () => document.querySelector<HTMLElement>("#similar [data-same]")?.click(),
      },
    ]);
    startPlayers();
    stream.on<News>("worklist", (news) => this.heard(news));
    stream.onState((state) => {
      if (state === "open") this.drafts.flush();
    });
  }

  get values(): FormValues {
    return this.form.read();
  }

  private useTheirs(values: FormValues): void {
    this.form.take(values);
    this.typed();
  }

  private get key(): string {
    return `case:${this.report.case.number}`;
  }

  private typed(): void {
    need("saved").textContent = "";
    this.drafts.keep(this.key, this.form.read());
  }

  private showDraft(state: DraftState): void {
    const key = ({ clean: "", waiting: "", saved: "desk.draft_saved", failed: "desk.draft_failed" } as const)[state];
    need("draft").textContent = key ? t(key, { time: timeOfDay(now()) }) : "";
  }

  /** What others do: somebody verified it first, or its text has come. */
  private heard({ list, what, case_number, report_id }: News): void {
    const { case: shown, report, next } = this.report;
    if (list === "cases" && case_number === shown.number && what === "case_moved" && !this.busy) {
      const link = element("a", { class: "button", href: `/verification?case=${next}` }, t("verify.skip"));
      showBar("conflict", "", t("verify.moved"), ...(next ? [link] : []));
    } else if (list === "reports" && report !== "" && report_id === report) void this.hearText();
  }

  /** The machine's text, where nobody has described it meanwhile. */
  private async hearText(): Promise<void> {
    await refresh("report-text");
    const text = document.querySelector("#report-text blockquote")?.textContent ?? "";
    const values = this.form.read();
    if (!text || values.description.trim()) return;
    this.form.take({ ...values, description: text });
    this.typed();
  }

  /** Gives whether the server took the form. */
  private async save(): Promise<boolean> {
    const faults = this.form.check();
    this.form.showErrors(faults);
    if (Object.keys(faults).length > 0 || this.busy) return false;
    const { number } = this.report.case;
    const body = { form: this.form.read(), version: this.version };
    return this.asking(async () => {
      const saved = await request<{ version: number }>("PUT", `/api/verification/${number}`, body);
      this.version = saved.version;
      this.drafts.forget(this.key);
      need("saved").textContent = t("case.saved", { time: timeOfDay(now()) });
    });
  }

  private async take({ action, ...given }: Step): Promise<void> {
    if (this.busy || (action === "verify" && !(await this.save()))) return;
    const { number } = this.report.case;
    const path = `/api/cases/${number}/actions`;
    await this.asking(async () => {
      await request("POST", path, { action, ...given, version: this.version });
      this.drafts.forget(this.key);
      this.goOn();
    });
  }

  /** An agent's page is led back to the desk. */
  private goOn(): void {
    const { case: shown, next } = this.report;
    if (document.body.dataset.page !== "/verification") return;
    sessionStorage.setItem(DONE, shown.number);
    location.assign(next ? `/verification?case=${next}` : "/verification");
  }

  private async asking(job: () => Promise<void>): Promise<boolean> {
    this.setBusy(true);
    this.steps.say("");
    try {
      await job();
      return true;
    } catch (error) {
      this.explain(error);
      return false;
    } finally {
      this.setBusy(false);
    }
  }

  private setBusy(busy: boolean): void {
    this.busy = busy;
    this.steps.busy = busy;
    need<HTMLButtonElement>("save").disabled = busy;
  }

  private explain(error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    this.steps.faults(error.fields);
    this.form.showErrors(error.fields);
    this.steps.say(error.message);
  }
}

let open: Verification | null = null;
const shell: Shell = new Shell(
  () => shell.menu.show(),
  () => open?.values ?? null,
);
const report = embedded<Report | null>("verify-data");
if (report) {
  open = new Verification(report);
  open.start();
}
tellDone();
leadBack();
shell.start();
watchList();

/** After a report the page is a new one: say which was dealt with. */
function tellDone(): void {
  const number = sessionStorage.getItem(DONE);
  sessionStorage.removeItem(DONE);
  if (!number) return;
  const left = report ? "" : ` ${t("verify.none_left")}`;
  need("bar-text").textContent = `${t("verify.done", { number })}${left}`;
}

function watchList(): void {
  if (!document.getElementById("list")) return;
  let timer: number | undefined;
  stream.on<News>("worklist", ({ list }) => {
    if (list !== "cases" && list !== "reports") return;
    clearTimeout(timer);
    timer = window.setTimeout(() => void refresh("list", "verify-count"), GATHER_MS);
  });
}
