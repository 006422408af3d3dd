// The forms of the calls that are open on this desk: which one is shown, kept, saved, given up.
import { ApiError, request } from "../api";
import { element, need, typing } from "../dom";
import { t } from "../i18n";
import { moment, now, timeOfDay } from "../time";
import { showProblem } from "./callbar";
import { baseOf, isEntry, isUnsaved, OpenCalls, UNMARKED, type OpenCall } from "./calls";
import { tellDiffering } from "./differs";
import { Drafts, type DraftState } from "./drafts";
import { FormFiles } from "./files";
import { CaseForm, EMPTY } from "./form";
import type { CallData, CallerInfo, CallProgress, FormValues, Pop, SavedCase } from "./types";

const CONFIRM_MS = 3000;

/** What stands for the telephone when none was typed. */
function phoneHint({ pop, case: saved }: OpenCall): string {
  if (isEntry(pop) && !saved) return "";
  if (saved) return saved.phone ? t("desk.kept_phone", { phone: saved.phone }) : t("phone.none");
  return pop.withheld ? t("phone.none") : t("desk.same_phone", { phone: pop.calling });
}

export class Work {
  private readonly calls = new OpenCalls();
  private active = "";
  private readonly files = new FormFiles();
  private readonly form = new CaseForm(() => this.typed());
  private readonly drafts = new Drafts(
    (callId, state) => this.showDraft(callId, state),
    (callId, values) => this.typedElsewhere(callId, values),
  );
  /** The calls whose form is on its way to become a case. */
  private readonly sending = new Set<string>();

  /** `current`: the call that the agent is offered, talks to or wraps up; `changed`: another form
   * is shown. */
  constructor(
    private readonly current: () => string,
    private readonly changed: () => void,
  ) {
    this.drafts.differs = (callId, theirs) => {
      tellDiffering("differs", theirs, (name, value) => this.useTheirs(callId, name, value));
    };
    this.drafts.replaced = (callId, mine) => {
      tellDiffering("replaced", mine, (name, value) => this.useTheirs(callId, name, value));
    };
    need("discard").addEventListener("click", () => void this.discard());
    this.form.element.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.save();
    });
  }

  load(): Promise<void> {
    return this.form.load();
  }

  /** Whether the server has more of a draft than this page was given. */
  get behind(): boolean {
    return this.drafts.behind;
  }

  /** Send the drafts that could not be sent. */
  flush(): void {
    this.drafts.flush();
  }

  pop(callId: string): Pop | null {
    return this.calls.get(callId)?.pop ?? null;
  }

  /** The pop of the form that is shown. */
  get shown(): Pop | null {
    return this.pop(this.active);
  }

  /** The call of the form that is shown. */
  get open(): OpenCall | null {
    return this.calls.get(this.active);
  }

  /** Where it is and what it is about, as far as it is typed. */
  get matter(): string {
    const values = this.calls.get(this.active)?.values;
    const parts = values ? [values.address.trim(), values.description.trim()] : [];
    return parts.filter(Boolean).join("，").slice(0, 200);
  }

  put(data: CallData): void {
    const { call_id, draft_revision } = data.pop;
    this.calls.put(data, (stored, mine) => this.drafts.meet(call_id, stored, draft_revision, mine));
  }

  /** What is said of who calls. */
  tellCaller(callId: string, caller: CallerInfo): void {
    const call = this.calls.get(callId);
    if (call) call.caller = caller;
  }

  /** Everything anew, as the server has it. */
  putAll(calls: CallData[], current: string): void {
    for (const call of calls) this.put(call);
    this.activate(this.shown ? this.active : current || this.first());
  }

  popped(pop: Pop): void {
    const known = this.calls.get(pop.call_id);
    this.put({ pop, case: known?.case ?? null, caller: known?.caller ?? UNMARKED });
    const open = this.calls.get(this.active);
    // A form that is being filled in stays where it is until the call is accepted.
    if (!open || !isUnsaved(open)) this.activate(pop.call_id);
    this.calls.tidy(this.active, pop.call_id);
    this.showTabs();
  }

  /** What happened to a call that is open here; false when it is not. */
  progressed(news: CallProgress): boolean {
    const call = this.calls.progress(news);
    if (!call) return false;
    const gone = news.what === "offer_ended" && news.outcome !== "answered";
    if (gone && !isUnsaved(call)) this.close(news.call_id);
    return true;
  }

  /** Between calls only what is not saved stays, so that the next pop finds an empty desk. */
  clear(): void {
    this.calls.tidy();
    if (this.shown) this.showTabs();
    else this.activate(this.first());
  }

  /** The agent talks: the call's form is the one to fill in. */
  begin(callId: string): void {
    const here = this.active === callId;
    if (!here) this.activate(callId);
    if (!here || !typing(document.activeElement)) this.form.focus();
  }

  activate(callId: string): void {
    const call = this.calls.get(callId);
    const here = call !== null && this.active === callId;
    this.active = call ? callId : "";
    need("no-call").hidden = call !== null;
    this.form.element.hidden = call === null;
    if (call) this.fill(call, here);
    // What one citizen said does not stay in the page behind an empty desk.
    else this.form.fill(EMPTY, "");
    this.showTabs();
    this.changed();
  }

  /** By key: a form that no call brings, and where it comes from is the first to be said. */
  async newEntry(): Promise<void> {
    try {
      this.activate(this.emptyEntry || (await this.entered()));
      this.form.extra.openFor(["source"]);
      need("f-source").focus();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      showProblem(error.message);
    }
  }

  /** One that is open with nothing in it. */
  private get emptyEntry(): string {
    const empty = this.calls.all().find((call) => isEntry(call.pop) && !call.case && !isUnsaved(call));
    return empty?.pop.call_id ?? "";
  }

  private async entered(): Promise<string> {
    const { call_id } = await request<{ call_id: string }>("POST", "/api/entries");
    this.put(await request<CallData>("GET", `/api/calls/${call_id}/pop`));
    return call_id;
  }

  /** By key: choose a text to insert. */
  insertText(): void {
    if (this.shown) void this.form.texts.toggle();
  }

  /** By key: unfold the fields that not every call needs. */
  moreFields(): void {
    this.form.extra.toggle();
  }

  /** By key: point at where it is. */
  map(): void {
    if (this.shown) this.form.point.focus();
  }

  private typed(): void {
    const call = this.calls.get(this.active);
    if (!call) return;
    call.values = this.form.read();
    need("saved").replaceChildren();
    this.drafts.keep(this.active, call.values);
    this.showTabs();
  }

  /** Another page of ours typed into the same form. */
  private typedElsewhere(callId: string, values: FormValues): void {
    const call = this.calls.get(callId);
    if (!call) return;
    call.values = values;
    if (callId === this.active) this.form.take(values);
    this.showTabs();
  }

  private useTheirs(callId: string, name: string, value: string): void {
    const call = this.calls.get(callId);
    if (!call) return;
    this.typedElsewhere(callId, { ...call.values, [name]: value });
    this.drafts.keep(callId, call.values);
  }

  /** Whether another page may have made a case of this form. */
  lacksCase(callId: string): boolean {
    return this.calls.get(callId)?.case === null && !this.sending.has(callId);
  }

  /** It has: what is typed here and not yet sent is a change of that case. */
  savedElsewhere(data: CallData): void {
    const { call_id } = data.pop;
    const unsent = this.drafts.hasUnsent(call_id);
    this.put(data);
    const call = this.calls.get(call_id);
    if (call && !unsent) {
      call.values = baseOf(call);
      this.drafts.forget(call_id);
    }
    if (call && this.active === call_id) this.fill(call);
    this.showTabs();
  }

  async save(): Promise<void> {
    await this.send("case");
  }

  /** Save the form and close its case: the citizen was answered at once from an article. */
  answer(article_id: number): Promise<boolean> {
    return this.send("answer", { article_id });
  }

  /** Whether the server took the form. */
  private async send(what: "case" | "answer", more: object = {}): Promise<boolean> {
    const call = this.calls.get(this.active);
    if (!call) return false;
    const faults = this.form.check();
    if (Object.keys(faults).length > 0) {
      this.form.showErrors(faults);
      return false;
    }
    const sent = this.form.read();
    call.values = sent;
    const form = { ...sent, caller_phone: sent.caller_phone.trim() || null };
    const path = `/api/calls/${encodeURIComponent(call.pop.call_id)}/${what}`;
    const button = need<HTMLButtonElement>("save");
    button.disabled = true;
    this.sending.add(call.pop.call_id);
    try {
      const body = { form, version: call.case?.version ?? null, ...more };
      const answer = await request<{ case: SavedCase }>("POST", path, body);
      this.savedAs(call, answer.case, sent);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.form.showErrors(error.fields);
      need("saved").replaceChildren(element("span", { class: "problem-text" }, error.message));
      return false;
    } finally {
      button.disabled = false;
      this.sending.delete(call.pop.call_id);
    }
  }

  private savedAs(call: OpenCall, saved: SavedCase, sent: FormValues): void {
    call.case = saved;
    if (call.values === sent) {
      call.values = baseOf(call);
      this.drafts.forget(call.pop.call_id);
      if (this.active === call.pop.call_id) this.fill(call);
    } else {
      // Typed on while it was being saved: that stays, and is a draft again.
      this.drafts.keep(call.pop.call_id, call.values);
    }
    this.showTabs();
  }

  /** By key: the next of the forms that are open. */
  nextForm(): void {
    const open = this.calls.all().map(({ pop }) => pop.call_id);
    const next = open[(open.indexOf(this.active) + 1) % open.length];
    if (!next || next === this.active) return;
    this.activate(next);
    if (!typing(document.activeElement)) this.form.focus();
  }

  /** By key, twice when something was typed. */
  async discard(): Promise<void> {
    const call = this.calls.get(this.active);
    if (!call) return;
    const button = need<HTMLButtonElement>("discard");
    if (isUnsaved(call) && button.dataset.sure !== "yes") {
      button.dataset.sure = "yes";
      need("discard-text").textContent = t("desk.discard_sure");
      setTimeout(() => this.unsure(), CONFIRM_MS);
      return;
    }
    this.unsure();
    try {
      await request("DELETE", `/api/calls/${encodeURIComponent(this.active)}/draft`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      showProblem(error.message);
      return;
    }
    call.values = baseOf(call);
    this.drafts.forget(this.active);
    if (this.current() === this.active) {
      this.fill(call);
      this.showTabs();
    } else this.close(this.active);
  }

  private unsure(): void {
    const button = need("discard");
    delete button.dataset.sure;
    need("discard-text").textContent = t("desk.discard");
  }

  /** A colleague goes on with the call, and with its form: what was typed last is sent before. */
  handOn(callId: string): void {
    this.drafts.flush();
    if (this.calls.get(callId)) this.close(callId);
  }

  private close(callId: string): void {
    this.calls.remove(callId);
    if (callId === this.active) {
      this.activate(this.pop(this.current()) ? this.current() : this.first());
    } else this.showTabs();
  }

  private first(): string {
    return this.calls.all()[0]?.pop.call_id ?? "";
  }

  /** `here`: its form is the one that is shown, and may be being typed in. */
  private fill(call: OpenCall, here = false): void {
    need("similar").dataset.own = call.case?.number ?? "";
    this.files.show(call.pop.call_id, call.case?.number ?? "");
    if (here) this.form.take(call.values);
    else this.form.fill(call.values, phoneHint(call));
    const saved = call.case;
    need("saved").replaceChildren(
      ...(saved
        ? [
            element("span", { class: "light ok" }, t(saved.state === "closed" ? "desk.answered_as" : "desk.saved_as")),
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
      const unknown = t(isEntry(call.pop) ? "desk.entry" : "phone.none");
      const name = call.pop.withheld ? unknown : call.pop.calling;
      const word = call.case ? call.case.number : isUnsaved(call) ? t("desk.unsaved") : "";
      const tab = element(
        "button",
        {
          type: "button",
          role: "tab",
          title: "Alt+'",
          "aria-keyshortcuts": "Alt+'",
          "aria-selected": String(call_id === this.active),
        },
        `${name} ${word}`.trim(),
      );
      tab.addEventListener("click", () => this.activate(call_id));
      return tab;
    });
    const place = need("tabs");
    const inside = place.contains(document.activeElement);
    place.replaceChildren(...(tabs.length > 1 ? tabs : []));
    const selected = place.querySelector<HTMLElement>("[aria-selected=true]");
    selected?.scrollIntoView({ block: "nearest" });
    if (inside) selected?.focus();
  }
}
