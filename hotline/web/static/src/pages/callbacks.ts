// The callbacks: the list, the call on one's own phone, the answers.
import { ApiError, request } from "../api";
import { AnswersForm, KeptAnswers } from "../callbacks/answers";
import { startPromises } from "../callbacks/promises";
import { showBar, hideBar } from "../connection";
import { element, embedded, need } from "../dom";
import { HandoverForm, type Target } from "../desk/handover_form";
import { leadBack } from "../desk/on_task";
import { PLACED } from "../desk/outbound";
import { Shell } from "../desk/shell";
import { t } from "../i18n";
import { refresh } from "../refresh";
import { stream } from "../stream";
import { moment } from "../time";
import { addShortcuts } from "../shortcuts";

interface Task {
  task_id: number;
  case_number: string;
  case_state: string;
  state: string;
  due_at: number;
  reached: boolean | null;
}

interface Saved {
  task: Task;
  next: number | null;
}

interface News {
  list: string;
  what: string;
  task_id?: number;
}

const AROUND = ["list", "in-hand", "rates"] as const;
const OPEN = ["task", "story", "call"] as const;
const SETTLE_MS = 150;

class Callbacks {
  private answers: AnswersForm | null = null;
  private readonly kept = new KeptAnswers();
  private next: number | null = null;
  /** Whose call rings one's own phone, or did last. */
  private dialled = 0;
  private refreshing: number | undefined;
  private readonly shell = new Shell(
    () => this.showCall(),
    () => this.asked,
    (opener) => this.handover.toggle(PLACED, opener),
  );
  private readonly handover = new HandoverForm(
    embedded<Target[]>("handover-targets"),
    () => this.matter,
    (words) => this.tell(words),
  );
  private readonly phone = this.shell.phone;

  start(): void {
    document.addEventListener("click", (event) => this.clicked(event));
    this.watchKeys();
    document.addEventListener("htmx:afterSettle", () => this.settled());
    stream.on<News>("worklist", (news) => this.heard(news));
    stream.on("reset", () => this.refreshSoon());
    leadBack();
    startPromises((about) => this.shell.outbound.dial(about));
    stream.on<{ call_id: string }>("held", ({ call_id }) => {
      if (call_id === need("call").dataset.call) void this.refreshCall().then(() => this.comeBack());
    });
    if (this.task) this.name(this.task);
    this.opened();
    this.shell.start();
    this.comeBack();
  }

  /** What the open case says: knowledge may help with it. */
  private get asked(): { category: string; description: string } | null {
    const { category, description } = need("task").dataset;
    return description === undefined ? null : { category: category ?? "", description };
  }

  /** What whoever takes the citizen is told of it. */
  private get matter(): string {
    const { number, description } = need("task").dataset;
    return [number, description].filter(Boolean).join("，").slice(0, 200);
  }

  private get task(): string {
    return need("task").dataset.task ?? "";
  }

  // --- what arrives ------------------------------------------------------------------------

  private heard({ list, what, task_id }: News): void {
    if (list !== "callbacks") return;
    if (what === "callback_ended" && task_id === this.dialled) this.phone.dontAnswer();
    this.refreshSoon();
    if (String(task_id) === this.task) void this.refreshCall();
  }

  private refreshSoon(): void {
    clearTimeout(this.refreshing);
    this.refreshing = window.setTimeout(() => {
      void refresh(...AROUND).then(() => this.mark());
    }, SETTLE_MS);
  }

  /** The call's part alone, so that what is typed beside it stays; all of it when the answers
   * come or go. */
  private async refreshCall(): Promise<void> {
    const { task } = this;
    await refresh("call");
    if (this.task !== task) return;
    const isDone = need("call").dataset.state === "done";
    if (isDone === (this.answers !== null)) await this.refreshTask();
    this.showCall();
  }

  private async refreshTask(): Promise<void> {
    if (await refresh(...OPEN)) this.opened();
  }

  /** The list was filtered, sorted or turned: its address does not name what is open. */
  private settled(): void {
    if (this.task) this.name(this.task);
    this.mark();
  }

  // --- which one is open -------------------------------------------------------------------

  private async open(task: string): Promise<void> {
    this.name(task);
    hideBar("saved");
    await this.refreshTask();
  }

  /** The address names the open one, so that every refresh brings it again. */
  private name(task: string): void {
    const url = new URL(location.href);
    url.searchParams.set("task", task);
    history.replaceState(history.state, "", url);
  }

  private opened(): void {
    const form = document.getElementById("answers");
    const save = () => void this.save();
    const before = this.answers;
    this.answers =
      form instanceof HTMLFormElement
        ? new AnswersForm(form, this.task, this.kept.drafts, before, save)
        : null;
    this.kept.show(this.answers);
    this.shell.knowledge.look();
    this.mark();
    this.showCall();
  }

  private mark(): void {
    for (const row of document.querySelectorAll<HTMLElement>("tr[data-task]")) {
      if (row.dataset.task === this.task) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
  }

  // --- the call ----------------------------------------------------------------------------

  private async dial(): Promise<void> {
    const button = document.getElementById("dial") as HTMLButtonElement | null;
    if (!button || button.disabled) return;
    button.disabled = true;
    // One's own phone need not be answered by hand when it is this page.
    if (this.shell.onWeb) this.phone.answer();
    this.dialled = Number(this.task);
    try {
      await request("POST", `/api/callbacks/${this.task}/call`);
    } catch (error) {
      this.phone.dontAnswer();
      button.disabled = false;
      this.problem(error);
    }
  }

  private showCall(): void {
    this.shell.menu.show();
    this.phone.holding = need("call").dataset.held === "agent" || this.shell.outbound.holds;
    need("accept").hidden = this.phone.line !== "ringing";
    need("mute").hidden = this.phone.line !== "talking";
    need("mute").setAttribute("aria-pressed", String(this.phone.muted));
    // Also of a call on a telephone, or on another page of ours.
    need("hang-up").hidden = this.phone.line === "idle" && !this.isUp;
  }

  /** Whether the open callback's call is up, and ours. */
  private get isUp(): boolean {
    return need("call").dataset.up === "true";
  }

  /** This page was away, and its phone is rung again while the citizen hears music. */
  private comeBack(): void {
    if (need("call").dataset.held !== "cut_off") return;
    this.dialled = Number(this.task);
    this.shell.goOn();
  }

  private async toggleHold(): Promise<void> {
    if (this.shell.outbound.up) return this.shell.outbound.toggleHold();
    const button = document.getElementById("hold") as HTMLButtonElement | null;
    if (!button || button.disabled) return;
    try {
      const method = need("call").dataset.held ? "DELETE" : "POST";
      await request(method, `/api/callbacks/${this.task}/hold`);
    } catch (error) {
      this.problem(error);
    }
  }

  private handOver(): void {
    if (this.shell.outbound.talks) return this.shell.outbound.handOver();
    const button = document.getElementById("hand-over");
    if (button) this.handover.toggle(`/api/callbacks/${this.task}/handover`, button);
  }

  private async hangUp(): Promise<void> {
    if (this.phone.hangUp()) return;
    if (this.shell.outbound.up) return this.shell.outbound.hangUp();
    if (!this.isUp) return;
    try {
      await request("POST", `/api/callbacks/${this.task}/hang-up`);
    } catch (error) {
      this.problem(error);
    }
  }

  // --- the answers -------------------------------------------------------------------------

  private async save(): Promise<void> {
    const { answers } = this;
    if (!answers) return;
    const given = answers.read();
    if (given.reached === null) {
      answers.showErrors({ reached: t("error.field.required") });
      return;
    }
    const button = need<HTMLButtonElement>("save");
    button.disabled = true;
    try {
      this.saved(await request<Saved>("POST", `/api/callbacks/${this.task}/answers`, given));
      answers.forget();
      this.answers = null;
      await this.refreshTask();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      answers.showErrors(error.fields);
      need("save-problem").textContent = error.message;
      button.disabled = false;
    }
  }

  private saved({ task, next }: Saved): void {
    this.next = next;
    const go = element("button", { type: "button", "data-next": true }, t("callbacks.next"), " ");
    go.append(element("kbd", {}, "Alt+N"));
    showBar("saved", "info", this.outcome(task), ...(next === null ? [] : [go]));
    go.focus();
  }

  private outcome({ case_number, case_state, state, due_at, reached }: Task): string {
    const number = case_number;
    if (state === "open") return t("callbacks.saved_again", { number, time: moment(due_at) });
    if (!reached) return t("callbacks.saved_unreached", { number });
    const reopened = case_state !== "closed";
    return t(reopened ? "callbacks.saved_reopened" : "callbacks.saved", { number });
  }

  // --- hands -------------------------------------------------------------------------------

  private clicked(event: MouseEvent): void {
    const target = event.target as HTMLElement;
    if (target.closest("#dial")) void this.dial();
    else if (target.closest("#accept")) this.phone.answer();
    else if (target.closest("#mute")) this.phone.toggleMute();
    else if (target.closest("#hold")) void this.toggleHold();
    else if (target.closest("#hand-over")) this.handOver();
    else if (target.closest("#hang-up")) void this.hangUp();
    else if (target.closest("[data-next]")) this.openNext();
    else if (!target.closest("#task, #call")) this.clickedTask(event, target);
  }

  private clickedTask(event: MouseEvent, target: HTMLElement): void {
    const task = target.closest<HTMLElement>("[data-task]")?.dataset.task;
    if (!task || event.ctrlKey || event.metaKey || getSelection()?.toString()) return;
    event.preventDefault();
    void this.open(task);
  }

  private openNext(): void {
    if (this.next !== null) void this.open(String(this.next));
  }

  private watchKeys(): void {
    const filling = () => this.answers !== null;
    const views = () => [...document.querySelectorAll<HTMLElement>("[data-view]")];
    const answer = (name: "reached" | "solved", value: string) => () => this.answers?.choose(name, value);
    addShortcuts("keys.here", [
      { keys: "Alt+C", says: "keys.callbacks.dial", act: () => void this.dial() },
      { keys: "Alt+A", says: "keys.desk.accept", act: () => this.phone.line === "ringing" && this.phone.answer() },
      { keys: "Alt+M", says: "keys.desk.mute", act: () => this.phone.toggleMute() },
      { keys: "Alt+H", says: "keys.desk.hold", act: () => void this.toggleHold() },
      { keys: "Alt+T", says: "keys.desk.handOver", act: () => this.handOver() },
      { keys: "Alt+X", says: "keys.desk.hangUp", act: () => void this.hangUp() },
      {
        keys: "Alt+1–5",
        says: "keys.callbacks.view",
        when: () => views().length > 0,
        act: ({ code }) => views()[Number(code.slice(-1)) - 1]?.click(),
      },
      { keys: "Alt+N", says: "keys.callbacks.next", act: () => this.openNext() },
      { keys: "Enter", says: "keys.open_row", act: (event) => this.openRow(event) },
      { keys: "Ctrl+Enter", says: "keys.save", when: filling, act: () => void this.save() },
      { keys: "R", says: "keys.callbacks.reached", when: filling, act: answer("reached", "true") },
      { keys: "U", says: "keys.callbacks.unreached", when: filling, act: answer("reached", "false") },
      { keys: "Y", says: "keys.callbacks.solved", when: filling, act: answer("solved", "true") },
      { keys: "N", says: "keys.callbacks.unsolved", when: filling, act: answer("solved", "false") },
      {
        keys: "1–5",
        says: "keys.callbacks.satisfaction",
        when: filling,
        act: ({ code }) => this.answers?.choose("satisfaction", code.slice(-1)),
      },
    ]);
  }

  private openRow({ target }: KeyboardEvent): boolean {
    const row = (target as HTMLElement).closest<HTMLElement>("tr[data-task]");
    if (row) void this.open(row.dataset.task ?? "");
    return row !== null;
  }

  private problem(error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    this.tell(error.message);
  }

  private tell(words: string): void {
    const place = document.getElementById("call-problem");
    if (place) place.textContent = words;
  }
}

new Callbacks().start();
