// The agent's desktop.
import { ApiError, request } from "../api";
import { embedded, element, need, typing } from "../dom";
import { showCallBar, showEnterKey, showProblem } from "../desk/callbar";
import { baseOf, isUnsaved, OpenCalls, type OpenCall } from "../desk/calls";
import { Drafts, type DraftState } from "../desk/drafts";
import { CaseForm } from "../desk/form";
import { watchKeys } from "../desk/keys";
import { showCaller, showHistory } from "../desk/panels";
import { WebPhone } from "../desk/phone";
import { PhoneMenu } from "../desk/phone_menu";
import { showAgent, showQueue, showToday } from "../desk/strip";
import type {
  AgentView,
  CallData,
  CallProgress,
  DeskData,
  Pop,
  QueueView,
  SavedCase,
} from "../desk/types";
import { t } from "../i18n";
import { stream } from "../stream";
import { moment, now, timeOfDay } from "../time";

const TALK = "hotline-talk";
const CONFIRM_MS = 3000;
const PHONE_TRIES = 12;
const PHONE_TRY_MS = 400;

class Desk {
  private agent: AgentView | null;
  private readonly calls = new OpenCalls();
  private active = "";
  private drawn = "";
  /** The call of the talk that this page was in when it was reloaded, empty for none. */
  private interrupted = sessionStorage.getItem(TALK) ?? "";
  private readonly form = new CaseForm(() => this.typed());
  private readonly drafts = new Drafts((callId, state) => this.showDraft(callId, state));
  private readonly phone = new WebPhone(need<HTMLAudioElement>("remote"), () => this.show());
  private readonly menu: PhoneMenu;
  private readonly title = document.title;

  constructor(data: DeskData) {
    this.agent = data.agent;
    const user = data.agent?.agent_id ?? "";
    this.menu = new PhoneMenu(this.phone, `hotline-phone:${user}`, () => this.show());
    this.take(data);
  }

  start(): void {
    this.listenToStream();
    this.listenToButtons();
    watchKeys({
      offered: () => this.agent?.state === "offered",
      accept: () => this.accept(),
      refuse: () => void this.refuse(),
      mute: () => this.phone.toggleMute(),
      hangUp: () => void this.hangUp(),
      endWrapUp: () => void this.endWrapUp(),
      ready: () => void this.become("ready"),
      pause: () => void this.become("paused", "rest"),
      save: () => void this.save(),
    });
    for (const event of ["focusin", "focusout"]) document.addEventListener(event, showEnterKey);
    void this.form.load().catch((error: unknown) => this.problem(error));
    this.menu.start();
  }

  // --- what arrives ------------------------------------------------------------------------

  private listenToStream(): void {
    stream.on<{ pop: Pop }>("pop", ({ pop }) => this.popped(pop));
    stream.on<AgentView>("agent", (agent) => void this.agentChanged(agent));
    stream.on<CallProgress>("call", (news) => void this.progressed(news));
    stream.on<QueueView>("board", showQueue);
    stream.on("reset", () => void this.reload());
    stream.onState((state) => {
      if (state === "open") void this.drafts.flush();
    });
  }

  private take(data: DeskData): void {
    this.agent = data.agent;
    for (const call of data.calls) this.put(call);
    showToday(data.today);
    showQueue(data.queue);
    const wanted = this.calls.get(this.active) ? this.active : data.current;
    this.activate(wanted || (this.calls.all()[0]?.pop.call_id ?? ""));
    this.comeBack();
  }

  /** The caller of a talk that a reload cut is answered without being asked for again. */
  private comeBack(): void {
    const { agent } = this;
    if (agent?.state !== "offered" || !agent.call_id || agent.call_id !== this.interrupted) return;
    if (this.menu.kind === "web") this.phone.answer();
  }

  private async reload(): Promise<void> {
    try {
      this.take(await request<DeskData>("GET", "/api/desk"));
    } catch (error) {
      this.problem(error);
    }
  }

  private put(data: CallData): OpenCall {
    return this.calls.put(data, this.drafts.backup(data.pop.call_id));
  }

  private popped(pop: Pop): void {
    showProblem("");
    this.put({ pop, case: this.calls.get(pop.call_id)?.case ?? null });
    const open = this.calls.get(this.active);
    // A form that is being filled in stays where it is until the call is accepted.
    if (!open || !isUnsaved(open)) this.activate(pop.call_id);
    this.calls.tidy(this.active, pop.call_id);
    this.showTabs();
    this.comeBack();
    this.show();
  }

  private async agentChanged(agent: AgentView): Promise<void> {
    const before = this.agent;
    this.agent = agent;
    if (agent.call_id && !this.calls.get(agent.call_id)) await this.fetchPop(agent.call_id);
    if (agent.state === "talking" && before?.state !== "talking") this.talkBegan(agent.call_id);
    if (!["offered", "talking"].includes(agent.state)) this.phone.dontAnswer();
    if (agent.state === "offered") this.comeBack();
    if (before?.state === "talking" && agent.state !== "talking") this.talkEnded();
    if (agent.state === "ready") this.clearDesk();
    this.show();
  }

  /** Between calls only what is not saved stays, so that the next pop finds an empty desk. */
  private clearDesk(): void {
    this.calls.tidy();
    if (!this.calls.get(this.active)) this.activate(this.calls.all()[0]?.pop.call_id ?? "");
    else this.showTabs();
  }

  private async fetchPop(callId: string): Promise<void> {
    try {
      const path = `/api/calls/${encodeURIComponent(callId)}/pop`;
      this.put(await request<CallData>("GET", path));
    } catch (error) {
      this.problem(error);
    }
  }

  private talkBegan(callId: string): void {
    this.interrupted = "";
    // A talk on the desk phone goes on without this page.
    const onWeb = this.phone.line !== "idle";
    if (onWeb) sessionStorage.setItem(TALK, callId);
    if (this.active === callId) {
      if (!typing(document.activeElement)) this.form.focus();
    } else {
      this.activate(callId);
      this.form.focus();
    }
  }

  private talkEnded(): void {
    sessionStorage.removeItem(TALK);
    request<{ today: DeskData["today"] }>("GET", "/api/agent").then(
      ({ today }) => showToday(today),
      (error: unknown) => this.problem(error),
    );
  }

  private progressed(news: CallProgress): void {
    const call = this.calls.progress(news);
    if (!call) return;
    const gone = news.what === "offer_ended" && news.outcome !== "answered";
    if (gone && !isUnsaved(call)) this.close(news.call_id);
    this.show();
  }

  // --- what the agent does -----------------------------------------------------------------

  private listenToButtons(): void {
    const on = (id: string, act: () => void) => need(id).addEventListener("click", act);
    on("accept", () => this.accept());
    on("refuse", () => void this.refuse());
    on("mute", () => this.phone.toggleMute());
    on("hang-up", () => void this.hangUp());
    on("end-wrap-up", () => void this.endWrapUp());
    on("discard", () => void this.discard());
    this.form.element.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.save();
    });
    for (const button of document.querySelectorAll<HTMLButtonElement>("#state-menu [data-state]")) {
      button.addEventListener("click", () => {
        need<HTMLDetailsElement>("state-menu").open = false;
        void this.become(button.dataset.state ?? "", button.dataset.reason);
      });
    }
  }

  private accept(): void {
    if (this.agent?.state !== "offered" || this.menu.kind !== "web" || !this.phone.usable) return;
    this.phone.answer();
    if (this.active !== this.agent.call_id) this.activate(this.agent.call_id);
    this.show();
  }

  private async refuse(): Promise<void> {
    if (this.agent?.state !== "offered") return;
    const { offer_id } = this.agent;
    await this.ask("/api/agent/refuse", { offer_id });
  }

  private async hangUp(): Promise<void> {
    if (this.agent?.state !== "talking" && this.phone.line !== "talking") return;
    // The phone itself ends the talk even when the server cannot be reached.
    if (!this.phone.hangUp()) await this.ask("/api/agent/hang-up");
  }

  private async endWrapUp(): Promise<void> {
    if (this.agent?.state === "wrap_up") await this.ask("/api/agent/wrap-up/end");
  }

  private async become(state: string, reason = "rest", tries = PHONE_TRIES): Promise<void> {
    const key = await this.ask("/api/agent/state", { state, reason });
    // The web phone has just registered, and the server has yet to hear of it.
    const coming = this.menu.kind === "web" && this.phone.coming;
    if (key !== "no_phone" || !coming || tries <= 0) return;
    showProblem("");
    setTimeout(() => void this.become(state, reason, tries - 1), PHONE_TRY_MS);
  }

  /** Ask the server; the key of its fault, empty for none. */
  private async ask(path: string, body?: unknown): Promise<string> {
    try {
      const { agent } = await request<{ agent: AgentView }>("POST", path, body);
      showProblem("");
      await this.agentChanged(agent);
      return "";
    } catch (error) {
      this.problem(error);
      return (error as ApiError).key;
    }
  }

  private problem(error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    showProblem(error.message);
  }

  // --- forms -------------------------------------------------------------------------------

  private typed(): void {
    const call = this.calls.get(this.active);
    if (!call) return;
    call.values = this.form.read();
    need("saved").replaceChildren();
    this.drafts.keep(this.active, call.values);
    this.showTabs();
  }

  private async save(): Promise<void> {
    const call = this.calls.get(this.active);
    if (!call) return;
    const faults = this.form.check();
    if (Object.keys(faults).length > 0) {
      this.form.showErrors(faults);
      return;
    }
    const values = this.form.read();
    const form = { ...values, caller_phone: values.caller_phone.trim() || null };
    const path = `/api/calls/${encodeURIComponent(call.pop.call_id)}/case`;
    const button = need<HTMLButtonElement>("save");
    button.disabled = true;
    try {
      const body = { form, version: call.case?.version ?? null };
      this.savedAs(call, (await request<{ case: SavedCase }>("POST", path, body)).case);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.form.showErrors(error.fields);
      need("saved").replaceChildren(element("span", { class: "problem-text" }, error.message));
    } finally {
      button.disabled = false;
    }
  }

  private savedAs(call: OpenCall, saved: SavedCase): void {
    call.case = saved;
    call.values = baseOf(call);
    this.drafts.forget(call.pop.call_id);
    if (this.active === call.pop.call_id) this.fillForm(call);
    this.showTabs();
  }

  private async discard(): Promise<void> {
    const call = this.calls.get(this.active);
    if (!call) return;
    const button = need<HTMLButtonElement>("discard");
    if (isUnsaved(call) && button.dataset.sure !== "yes") {
      button.dataset.sure = "yes";
      button.textContent = t("desk.discard_sure");
      setTimeout(() => this.unsure(), CONFIRM_MS);
      return;
    }
    this.unsure();
    try {
      await request("DELETE", `/api/calls/${encodeURIComponent(this.active)}/draft`);
    } catch (error) {
      this.problem(error);
      return;
    }
    call.values = baseOf(call);
    this.drafts.forget(this.active);
    if (this.agent?.call_id === this.active) this.activate(this.active);
    else this.close(this.active);
  }

  private unsure(): void {
    const button = need("discard");
    delete button.dataset.sure;
    button.textContent = t("desk.discard");
  }

  private close(callId: string): void {
    this.calls.remove(callId);
    if (callId === this.active) {
      this.activate(this.agent?.call_id || (this.calls.all()[0]?.pop.call_id ?? ""));
    } else this.showTabs();
  }

  private activate(callId: string): void {
    const call = this.calls.get(callId);
    this.active = call ? callId : "";
    need("no-call").hidden = call !== null;
    this.form.element.hidden = call === null;
    if (call) this.fillForm(call);
    this.showTabs();
    this.show();
  }

  /** The panels beside the form: of a call on offer, else of the form's. Drawn anew only when
   * something in them changed, so that a number just revealed stays. */
  private showPanels(): void {
    const offered = this.agent?.state === "offered" ? this.calls.get(this.agent.call_id) : null;
    const pop = (offered ?? this.calls.get(this.active))?.pop ?? null;
    const drawn = JSON.stringify(pop);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    showCaller(pop);
    showHistory(pop);
  }

  private fillForm(call: OpenCall): void {
    this.form.fill(call.values, call.pop.withheld ? "" : call.pop.calling);
    const saved = call.case;
    need("saved").replaceChildren(
      ...(saved
        ? [
            element("span", { class: "light ok" }, t("desk.saved_as")),
            " ",
            element(
              "a",
              { href: `/cases/${saved.number}`, target: "_blank", rel: "noopener" },
              saved.number,
            ),
            element("span", { class: "muted small" }, ` ${moment(saved.saved_at)}`),
          ]
        : []),
    );
    this.showDraft(call.pop.call_id, isUnsaved(call) ? "saved" : "clean");
  }

  private showDraft(callId: string, state: DraftState): void {
    if (callId !== this.active) return;
    const place = need("draft");
    place.dataset.state = state;
    place.className = state === "failed" ? "problem-text small end" : "muted small end";
    const text = { clean: "", waiting: "", saved: "desk.draft_saved", failed: "desk.draft_failed" } as const;
    const key = text[state];
    place.textContent = key ? t(key, { time: timeOfDay(now()) }) : "";
  }

  private showTabs(): void {
    const tabs = this.calls.all().map((call) => {
      const { call_id } = call.pop;
      const name = call.pop.withheld ? t("phone.none") : call.pop.calling;
      const word = call.case ? call.case.number : isUnsaved(call) ? t("desk.unsaved") : "";
      const tab = element(
        "button",
        { type: "button", role: "tab", "aria-selected": String(call_id === this.active) },
        `${name} ${word}`.trim(),
      );
      tab.addEventListener("click", () => this.activate(call_id));
      return tab;
    });
    need("tabs").replaceChildren(...(tabs.length > 1 ? tabs : []));
  }

  // --- what is shown -----------------------------------------------------------------------

  private show(): void {
    const callId = this.agent?.call_id ?? "";
    const pop = this.calls.get(callId)?.pop ?? null;
    this.showPanels();
    showAgent(this.agent);
    this.menu.show();
    showCallBar({
      agent: this.agent,
      pop,
      phone: this.phone,
      phoneKind: this.menu.kind,
      interrupted: callId !== "" && callId === this.interrupted,
    });
    const offered = this.agent?.state === "offered";
    document.title = offered && pop ? t("desk.title_call", { phone: pop.calling }) : this.title;
  }
}

const desk = new Desk(embedded<DeskData>("desk-data"));
desk.start();
