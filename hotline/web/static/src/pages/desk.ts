// The agent's desktop.
import { ApiError, request } from "../api";
import { Background } from "../desk/background";
import { helping, showCallBar, showEnterKey, showProblem } from "../desk/callbar";
import { Floor } from "../desk/floor";
import { ForcedBar } from "../desk/forced";
import { HandoverPanel } from "../desk/handover";
import type { Target } from "../desk/handover_form";
import { HoldButton } from "../desk/hold";
import { Parking } from "../desk/parking";
import { watchKeys, type Act } from "../desk/keys";
import { KnowledgePanel } from "../desk/knowledge";
import { Marks } from "../desk/marks";
import { notNow, tellNotNow } from "../desk/not_now";
import { watchOneWay } from "../desk/one_way";
import { openOutside } from "../desk/outside";
import { showCaller, showHistory } from "../desk/panels";
import { WebPhone } from "../desk/phone";
import { OwnFigures } from "../desk/own_figures";
import type { Doing } from "../desk/other_machine";
import { PhoneMenu } from "../desk/phone_menu";
import { firstReason, showReason } from "../desk/reasons";
import { showAgent, showQueue, showToday } from "../desk/strip";
import { StateMenu } from "../desk/state_menu";
import { TaskBar } from "../desk/taskbar";
import { Trouble } from "../desk/trouble";
import type {
  AgentView,
  CallData,
  CallProgress,
  DeskData,
  Pop,
  QueueView,
} from "../desk/types";
import { Work } from "../desk/work";
import { embedded, need } from "../dom";
import { t } from "../i18n";
import { withReason, type Reason } from "../pausing";
import { stream } from "../stream";
import { withTheTimes } from "../time";

const TALK = "hotline-talk";
const PHONE_TRIES = 12;
const PHONE_TRY_MS = 400;

class Desk {
  private agent: AgentView | null;
  private drawn = "";
  /** The call of the talk that this page was in when it was reloaded, empty for none. */
  private interrupted = sessionStorage.getItem(TALK) ?? "";
  private readonly work = new Work(
    () => this.agent?.call_id ?? "",
    () => this.show(),
  );
  private readonly phone = new WebPhone(need<HTMLAudioElement>("remote"), () => this.show());
  private readonly trouble = new Trouble(this.phone);
  private readonly marks = new Marks();
  private readonly background = new Background(showProblem);
  private readonly forced = new ForcedBar();
  private readonly floor = new Floor({
    open: () => this.work.open,
    phone: this.phone,
    onWeb: () => this.menu.kind === "web",
    goOn: () => this.answerHere(),
    handOver: (opener) => this.handover.togglePlaced(opener),
    matter: () => this.work.matter,
  });
  private readonly task = new TaskBar((path, body) => this.ask(path, body));
  private readonly handover = new HandoverPanel(
    embedded<Target[]>("handover-targets"),
    () => this.work.matter,
  );
  private readonly figures = new OwnFigures();
  private readonly knowledge = new KnowledgePanel(
    () => this.work.open?.values ?? null,
    (article_id) => this.work.answer(article_id),
  );
  private readonly hold = new HoldButton();
  private readonly parking = new Parking(() => this.work.matter);
  private readonly menu: PhoneMenu;
  private readonly states = new StateMenu((state, reason) => void this.become(state, reason));
  private readonly title = document.title;
  /** News of it that are not yet shown. */
  private queue: QueueView | null = null;

  constructor(data: DeskData) {
    this.agent = data.agent;
    const user = data.agent?.agent_id ?? "";
    this.menu = new PhoneMenu(this.phone, `hotline-phone:${user}`, () => this.show());
    this.menu.whyNoTest = () =>
      ["offline", "paused"].includes(this.agent?.state ?? "offline") ? "" : "phone.test.why.ready";
    this.menu.other.doing = () => this.doing;
    this.phone.bring = (talks) => this.bringTalk(talks);
    this.take(data);
  }

  start(): void {
    watchOneWay();
    this.listenToStream();
    this.listenToButtons();
    watchKeys({
      offered: () => this.agent?.state === "offered" || this.isRungForHelp,
      able: (act) => this.able(act),
      accept: () => this.accept(),
      refuse: () => void this.refuse(),
      mute: () => this.phone.toggleMute(),
      hangUp: () => void this.hangUp(),
      hold: () => void (this.floor.outbound.up ? this.floor.outbound.toggleHold() : this.hold.toggle()),
      handOver: () => (this.floor.outbound.talks ? this.floor.outbound.handOver() : this.handover.toggle()),
      dropThird: () => this.handover.dropThird(),
      endWrapUp: () => void this.endWrapUp(),
      extendWrapUp: () => void this.extendWrapUp(),
      ready: () => void this.become("ready"),
      pause: () => void this.become("paused", firstReason()),
      park: () => void this.parking.park(),
      save: () => void this.work.save(),
      mark: () => this.marks.focus(),
      takeTask: () => void this.task.take(),
      insertText: () => this.work.insertText(),
      moreFields: () => this.work.moreFields(),
      map: () => this.work.map(),
      sameMatter: () => document.querySelector<HTMLElement>("#similar [data-same]")?.click(),
      note: () => this.background.focus(),
      outside: () => void this.outside(),
      lookUp: () => this.knowledge.focus(),
      answerAtOnce: () => void this.knowledge.answerNow(),
      ownFigures: () => this.figures.turn(),
      newCase: () => void this.work.newEntry(),
      chooseState: () => this.states.turn(),
      nextForm: () => this.work.nextForm(),
      discard: () => void this.work.discard(),
      endTask: () => void this.task.end(),
    });
    for (const event of ["focusin", "focusout"]) document.addEventListener(event, showEnterKey);
    void this.work.load().catch((error: unknown) => this.problem(error));
    if (this.work.behind) void this.reload();
    this.menu.start();
    this.floor.start();
    this.parking.start();
  }

  // --- what arrives ------------------------------------------------------------------------

  private listenToStream(): void {
    stream.on<{ pop: Pop }>("pop", ({ pop }) => this.popped(pop));
    stream.on<AgentView>("agent", (agent) => void this.agentChanged(agent));
    stream.on<CallProgress>("call", (news) => void this.progressed(news));
    stream.on<QueueView>("board", (queue) => (this.queue = queue));
    withTheTimes(() => this.showQueue());
    stream.on<Reason>("reason", (reason) => this.reasonChanged(reason));
    stream.on("reset", () => void this.reload());
    stream.onState((state) => {
      if (state === "open" || state === "late") this.work.flush();
    });
  }

  private take(data: DeskData): void {
    this.agent = data.agent;
    for (const reason of data.reasons) showReason(reason);
    showToday(data.today);
    this.queue = data.queue;
    this.showQueue();
    this.work.putAll(data.calls, data.current);
    this.comeBack();
    if (data.agent?.held_since) this.goOn();
  }

  private reasonChanged(reason: Reason): void {
    showReason(reason);
    if (this.agent) this.agent = { ...this.agent, pauses: withReason(this.agent.pauses, reason) };
    this.show();
  }

  /** The caller of a talk that a reload cut is held, and rings again: answered without asking. */
  private comeBack(): void {
    const { agent } = this;
    if (!agent?.call_id || agent.call_id !== this.interrupted) return;
    if (agent.state !== "offered" && agent.state !== "talking") return;
    if (this.menu.kind === "web") this.phone.answer();
  }

  /** The server holds the caller for this desk: its phone rings in a moment. */
  private goOn(): void {
    if (this.agent?.state === "talking") this.answerHere();
  }

  private answerHere(): void {
    if (this.menu.kind === "web" && this.phone.registration !== "moved") this.phone.goOn();
  }

  private get doing(): Doing {
    if (this.agent?.state === "talking") return this.agent.held_since === null ? "talking" : "held";
    return this.agent?.state === "offered" ? "offered" : "";
  }

  /** Go on here with the talk at another machine; who is held is rung for by itself. */
  private bringTalk(talks: boolean): boolean {
    const talking = this.agent?.state === "talking";
    if (!talking && !this.floor.outbound.up) return false;
    if (talking && this.agent?.held_since !== null) return true;
    if (talks) request("POST", "/api/phone/talk", {}).catch((error: unknown) => this.problem(error));
    return talks;
  }

  private async reload(): Promise<void> {
    try {
      this.take(await request<DeskData>("GET", "/api/desk"));
    } catch (error) {
      this.problem(error);
    }
  }

  private showQueue(): void {
    const { queue } = this;
    if (!queue) return;
    this.queue = null;
    showQueue(queue);
    this.parking.list(queue.parked);
  }

  private popped(pop: Pop): void {
    showProblem("");
    this.work.popped(pop);
    this.knowledge.makeRoom();
    this.comeBack();
    this.show();
  }

  private async agentChanged(agent: AgentView): Promise<void> {
    const before = this.agent;
    this.agent = agent;
    for (const callId of [agent.call_id, agent.asked?.call_id]) {
      if (callId && !this.work.pop(callId)) await this.fetchPop(callId);
    }
    if (agent.state === "talking" && before?.state !== "talking") this.talkBegan(agent.call_id);
    const rung = ["offered", "talking"].includes(agent.state) || agent.asked || this.floor.outbound.up;
    if (!rung) this.phone.dontAnswer();
    if (agent.held_since !== null && agent.held_since !== before?.held_since) this.goOn();
    if (agent.state === "offered") this.comeBack();
    if (before?.state === "talking" && agent.state !== "talking") this.talkEnded();
    if (agent.state === "ready") this.work.clear();
    this.show();
  }

  private async fetchPop(callId: string): Promise<void> {
    try {
      const path = `/api/calls/${encodeURIComponent(callId)}/pop`;
      this.work.put(await request<CallData>("GET", path));
    } catch (error) {
      this.problem(error);
    }
  }

  /** Another page of ours saved the form. */
  private async fetchSaved(callId: string): Promise<void> {
    try {
      const path = `/api/calls/${encodeURIComponent(callId)}/pop`;
      this.work.savedElsewhere(await request<CallData>("GET", path));
    } catch (error) {
      this.problem(error);
    }
  }

  private talkBegan(callId: string): void {
    this.interrupted = "";
    // A talk on the desk phone goes on without this page.
    const onWeb = this.phone.line !== "idle";
    if (onWeb) sessionStorage.setItem(TALK, callId);
    this.work.begin(callId);
    void this.fetchCaller(callId);
  }

  /** A pop tells of the call; who calls is asked for once they talk. */
  private async fetchCaller(callId: string): Promise<void> {
    try {
      const path = `/api/calls/${encodeURIComponent(callId)}/pop`;
      this.work.tellCaller(callId, (await request<CallData>("GET", path)).caller);
    } catch (error) {
      this.problem(error);
    }
    this.show();
  }

  private talkEnded(): void {
    sessionStorage.removeItem(TALK);
    this.phone.overByServer();
    request<{ today: DeskData["today"] }>("GET", "/api/agent").then(
      ({ today }) => showToday(today),
      (error: unknown) => this.problem(error),
    );
  }

  private progressed(news: CallProgress): void {
    this.handover.progressed(news);
    this.helpProgressed(news);
    if (news.what === "talk_taken_over" && news.by === this.agent?.agent_id) this.work.handOn(news.call_id);
    if (news.what === "case_opened" && this.work.lacksCase(news.call_id)) void this.fetchSaved(news.call_id);
    if (this.work.progressed(news)) this.show();
  }

  /** What became of a colleague's asking for help. */
  private helpProgressed({ what, call_id }: CallProgress): void {
    const asked = this.agent?.asked;
    if (!this.agent || asked?.call_id !== call_id) return;
    if (what === "handover_ended" || what === "call_ended") this.agent = { ...this.agent, asked: null };
    else if (what === "handover_answered" || what === "handover_joined") {
      const step = what === "handover_joined" ? "joined" : "answered";
      this.agent = { ...this.agent, asked: { ...asked, step } };
    } else return;
    this.show();
  }

  // --- what the agent does -----------------------------------------------------------------

  private listenToButtons(): void {
    const on = (id: string, act: () => void) => need(id).addEventListener("click", act);
    on("go-ready", () => void this.become("ready"));
    on("accept", () => this.accept());
    on("refuse", () => void this.refuse());
    on("mute", () => this.phone.toggleMute());
    on("hang-up", () => void this.hangUp());
    on("end-wrap-up", () => void this.endWrapUp());
    on("new-case", () => void this.work.newEntry());
    on("extend-wrap-up", () => void this.extendWrapUp());
    document.getElementById("outside")?.addEventListener("click", () => void this.outside());
  }

  /** A colleague asks for help, and this page's phone rings for it. */
  private get isRungForHelp(): boolean {
    return helping(this.agent) !== null && this.phone.line === "ringing";
  }

  private able(act: Act): boolean {
    // A call that one placed has its own note, and the same keys.
    const placed =
      (this.phone.line === "talking" && (act === "mute" || act === "hangUp")) ||
      (this.floor.outbound.talks && act === "handOver");
    const why = placed || this.isRungForHelp ? "" : notNow(act, this.agent, this.work.open);
    tellNotNow(why);
    return !why;
  }

  private accept(): void {
    const asked = helping(this.agent);
    const rings = this.agent?.state === "offered" || this.isRungForHelp;
    if (!this.agent || !rings || this.menu.kind !== "web" || !this.phone.usable) return;
    this.phone.answer();
    const callId = asked?.call_id ?? this.agent.call_id;
    if (this.work.shown?.call_id !== callId) this.work.activate(callId);
    this.show();
  }

  private async refuse(): Promise<void> {
    if (this.agent?.state !== "offered") return;
    const { offer_id } = this.agent;
    await this.ask("/api/agent/refuse", { offer_id });
  }

  private async hangUp(): Promise<void> {
    const helps = helping(this.agent) !== null && this.phone.line !== "idle";
    if (this.agent?.state !== "talking" && this.phone.line !== "talking" && !helps) return;
    // The phone itself ends the talk even when the server cannot be reached.
    if (!this.phone.hangUp()) await this.ask("/api/agent/hang-up");
  }

  private async endWrapUp(): Promise<void> {
    if (this.agent?.state === "wrap_up") await this.ask("/api/agent/wrap-up/end");
  }

  private async extendWrapUp(): Promise<void> {
    if (this.agent?.state === "wrap_up") await this.ask("/api/agent/wrap-up/extend");
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
      this.forced.seen();
      await this.agentChanged(agent);
      return "";
    } catch (error) {
      this.problem(error);
      return (error as ApiError).key;
    }
  }

  private async outside(): Promise<void> {
    const callId = this.agent?.call_id || this.work.shown?.call_id;
    if (!callId || !document.getElementById("outside")) return;
    try {
      await openOutside(callId);
    } catch (error) {
      this.problem(error);
    }
  }

  private problem(error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    showProblem(error.message);
  }

  // --- what is shown -----------------------------------------------------------------------

  /** The call on offer. */
  private get offered(): Pop | null {
    return this.agent?.state === "offered" ? this.work.pop(this.agent.call_id) : null;
  }

  /** The panels beside the form: of a call on offer, else of the form's. Drawn anew only when
   * something in them changed, so that a number just revealed stays. */
  private showPanels(): void {
    const pop = this.offered ?? this.work.shown;
    const drawn = JSON.stringify(pop);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    showCaller(pop);
    showHistory(pop);
    this.background.show(pop);
  }

  /** A talk that is at another machine now was not cut by a reload here. */
  private forgetTalk(): void {
    if (this.phone.registration !== "moved" || this.phone.line !== "idle") return;
    this.interrupted = "";
    sessionStorage.removeItem(TALK);
  }

  private show(): void {
    this.forgetTalk();
    const callId = helping(this.agent)?.call_id ?? this.agent?.call_id ?? "";
    const pop = this.work.pop(callId);
    this.showPanels();
    this.trouble.show(this.agent, this.menu.kind);
    this.marks.show(this.work.open, this.offered ?? this.work.shown);
    this.knowledge.look();
    showAgent(this.agent);
    this.forced.show(this.agent);
    this.task.show(this.agent);
    this.menu.show();
    showCallBar({
      agent: this.agent,
      pop,
      phone: this.phone,
      phoneKind: this.menu.kind,
      interrupted: callId !== "" && callId === this.interrupted,
    });
    const talk = this.agent?.state === "talking" ? pop : null;
    const held = talk !== null && this.agent?.on_hold_since !== null;
    this.phone.holding = held || this.floor.outbound.holds;
    this.hold.show(this.agent, talk);
    this.parking.show(this.agent, talk);
    this.handover.show(talk, held);
    const offered = this.agent?.state === "offered";
    document.title = offered && pop ? t("desk.title_call", { phone: pop.calling }) : this.title;
  }
}

const desk = new Desk(embedded<DeskData>("desk-data"));
desk.start();
