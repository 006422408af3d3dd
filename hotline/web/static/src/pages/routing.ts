// Queues and skills: one plan in several views, checked as it is edited, published whole.
import { ApiError, request } from "../api";
import { hideBar, showBar } from "../connection";
import { element, embedded, need } from "../dom";
import { t } from "../i18n";
import { Gate } from "../routing/gate";
import { History, versionName } from "../routing/history";
import { PlanFile } from "../routing/file";
import { People } from "../routing/people";
import { Queues } from "../routing/queues";
import { markFields, showChanges, showFindings } from "../routing/telling";
import { whole, type Change, type Finding, type Plan, type Publication, type State } from "../routing/types";
import { moment, timeOfDay } from "../time";
import { addShortcuts, type Shortcut } from "../shortcuts";

const CHECK_AFTER_MS = 300;
const SAVE_AFTER_MS = 1200;
const VIEWS = ["queues", "skills", "roster", "changes", "gate", "history"] as const;
type View = (typeof VIEWS)[number];

interface Checked {
  findings: Finding[];
  changes: Change[] | null;
  gate: number | null;
}

interface InForce {
  version: number;
  plan: Plan;
  publication: Publication;
}

class RoutingPage {
  private readonly state = embedded<State>("routing-state");
  private plan = whole(this.state.plan);
  private kept = JSON.stringify(this.plan);
  private findings: Finding[] = [];
  private gate: number | null = null;
  private checks = 0;
  private checkTimer: number | undefined;
  private saveTimer: number | undefined;
  private readonly people = new People(this.state, () => this.plan, () => this.changed());
  private readonly queues = new Queues(
    this.state,
    () => this.plan,
    () => this.changed(),
    () => this.reshaped(),
  );
  private readonly comparison = new Gate(
    () => this.plan,
    (agent) => this.people.nameOf(agent),
    () => void this.check(),
  );
  private readonly history = new History({
    load: (version) => this.load(version),
    rollBack: (version, note) => this.rollBack(version, note),
    showGate: async (gate) => {
      this.view("gate", false);
      await this.comparison.open(gate);
    },
  });

  private readonly file = new PlanFile({
    saved: () => this.save(),
    plan: () => this.plan,
    put: (plan) => this.put(plan),
    opened: () => this.closeBar(),
  });

  start(): void {
    this.watchKeys();
    document.addEventListener("click", (event) => this.clicked(event.target as HTMLElement));
    window.addEventListener("pagehide", () => void this.save(true));
    need("publish-bar").addEventListener("submit", (event) => this.submitted(event));
    need("publish-bar").addEventListener("keydown", ({ key }) => key === "Escape" && this.closeBar());
    this.showVersion();
    this.showDraft(this.state.drafted_at);
    if (this.state.based_on !== this.state.version) this.tellOvertaken();
    this.redraw();
    void this.check();
    this.queues.focus();
  }

  // --- the draft ---------------------------------------------------------------------------

  private redraw(): void {
    this.queues.show();
    this.people.show();
    markFields(this.findings);
  }

  /** Another queue or title: every view shows it. */
  private reshaped(): void {
    this.redraw();
    this.changed();
  }

  private changed(): void {
    clearTimeout(this.checkTimer);
    this.checkTimer = window.setTimeout(() => void this.check(), CHECK_AFTER_MS);
    clearTimeout(this.saveTimer);
    this.saveTimer = window.setTimeout(() => void this.save(), SAVE_AFTER_MS);
  }

  private async check(): Promise<void> {
    const number = ++this.checks;
    const given = { plan: this.plan, based_on: this.state.based_on };
    try {
      const checked = await request<Checked>("POST", "/api/routing/check", given);
      // What was asked later is answered later: an old answer says nothing any more.
      if (number !== this.checks) return;
      this.findings = checked.findings;
      this.gate = checked.gate;
      this.comparison.outdate(checked.gate !== null);
      showFindings(checked.findings);
      showChanges(checked.changes, {
        plan: this.plan,
        state: this.state,
        nameOf: (agent) => this.people.nameOf(agent),
      });
      markFields(checked.findings);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      need("findings-head").textContent = error.message;
    }
  }

  private async save(leaving = false): Promise<void> {
    clearTimeout(this.saveTimer);
    const text = JSON.stringify(this.plan);
    if (text === this.kept) return;
    const draft = { plan: this.plan, based_on: this.state.based_on };
    try {
      const answer = await request<{ saved_at: number }>("PUT", "/api/routing/draft", draft, { keepalive: leaving });
      this.kept = text;
      this.showDraft(answer.saved_at);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      need("routing-saved").textContent = t("routing.not_saved", { why: error.message });
    }
  }

  private async discard(): Promise<void> {
    clearTimeout(this.saveTimer);
    await request("DELETE", "/api/routing/draft");
    this.state.based_on = this.state.version;
    this.take(this.state.published);
    this.showDraft(null);
    hideBar("overtaken");
  }

  private take(plan: Plan): void {
    this.plan = whole(plan);
    this.kept = JSON.stringify(this.plan);
    this.redraw();
    void this.check();
  }

  private showDraft(at: number | null): void {
    need("routing-saved").textContent = at === null ? "" : t("routing.saved", { time: timeOfDay(at) });
    need("routing-discard").hidden = at === null;
  }

  private showVersion(): void {
    const { by, at, version } = this.state.publication;
    const name = versionName(version);
    const words = at === null ? name : t("routing.in_force_since", { name, by, at: moment(at) });
    need("routing-version").replaceChildren(element("span", { class: "tag" }, words));
  }

  // --- publishing --------------------------------------------------------------------------

  private openBar(): void {
    const errors = this.findings.filter(({ severity }) => severity === "error").length;
    this.file.close();
    need("publish-bar").hidden = false;
    need("publish-problem").textContent = errors ? t("routing.errors_first", { errors }) : "";
    const proved = this.gate !== null;
    need("publish-unproved").hidden = proved;
    need<HTMLInputElement>("publish-unproved").required = !proved;
    need<HTMLInputElement>("publish-note").focus();
  }

  private closeBar(): void {
    need("publish-bar").hidden = true;
    need("publish-problem").textContent = "";
  }

  private submitted(event: Event): void {
    event.preventDefault();
    void this.publish();
  }

  private async publish(): Promise<void> {
    const [note, unproved] = ["publish-note", "publish-unproved"].map((id) => need<HTMLInputElement>(id));
    const go = need<HTMLButtonElement>("publish-go");
    if (!note || !unproved || go.disabled) return;
    go.disabled = true;
    clearTimeout(this.saveTimer);
    const given = {
      plan: this.plan,
      based_on: this.state.based_on,
      note: note.value,
      unproved: this.gate === null ? unproved.value : "",
    };
    try {
      const done = await request<InForce>("POST", "/api/routing/publish", given);
      this.inForce(done);
      this.take(done.plan);
      note.value = unproved.value = "";
      this.closeBar();
      this.tell(t("routing.published", { version: done.version }));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      need("publish-problem").textContent = error.message;
      if (error.key === "plan_changed") await this.overtaken();
    } finally {
      go.disabled = false;
    }
  }

  private async rollBack(version: number, note: string): Promise<void> {
    const untouched = need("routing-discard").hidden;
    const given = { version, note, based_on: this.state.version };
    const done = await request<InForce>("POST", "/api/routing/roll-back", given);
    this.inForce(done);
    if (untouched) this.take(done.plan);
    this.tell(t("routing.rolled_back", { name: versionName(version) }));
    await this.history.show(done.version);
  }

  private inForce({ version, plan, publication }: InForce): void {
    Object.assign(this.state, { version, publication, published: plan, based_on: version });
    hideBar("overtaken");
    this.showVersion();
    this.showDraft(null);
  }

  private async load(version: number): Promise<void> {
    const { plan } = await request<{ plan: Plan }>("GET", `/api/routing/versions/${version}`);
    this.put(plan);
  }

  /** Another plan as the draft; what it changes is shown. */
  private put(plan: Plan): void {
    this.plan = whole(plan);
    this.reshaped();
    this.view("changes");
  }

  /** Somebody else published: show the difference; publishing again replaces theirs. */
  private async overtaken(): Promise<void> {
    const { version, plan, publication } = await request<InForce>("GET", "/api/routing");
    Object.assign(this.state, { version, publication, published: plan });
    this.showVersion();
    this.tellOvertaken();
    await this.check();
  }

  private tellOvertaken(): void {
    const { by, version, at } = this.state.publication;
    showBar("overtaken", "", t("routing.overtaken", { by, name: versionName(version), at: moment(at) }));
    this.state.based_on = this.state.version;
    this.view("changes");
  }

  private tell(words: string): void {
    const button = element("button", { type: "button", class: "quiet" }, t("base.close"));
    button.addEventListener("click", () => hideBar("published"));
    showBar("published", "info", words, button);
  }

  // --- hands -------------------------------------------------------------------------------

  private view(name: View, fresh = true): void {
    for (const view of VIEWS) need(`view-${view}`).hidden = view !== name;
    for (const tab of document.querySelectorAll<HTMLElement>("[data-view]")) {
      tab.setAttribute("aria-selected", String(tab.dataset.view === name));
    }
    if (name === "history") void this.history.show(this.state.version);
    else if (name === "queues") this.queues.focus();
    else if (name === "gate" && fresh) void this.comparison.show();
    else if (name === "skills" || name === "roster") this.people.focus(name);
  }

  private goTo(finding: Finding): void {
    const [part, first = 0, second = "", third = ""] = finding.where;
    if (part === "agents") {
      this.view("skills");
      const agent = this.plan.agents[Number(first)]?.agent_id ?? "";
      this.people.goToAgent(agent, String(second), String(third));
    } else if (part === "roster") {
      this.view("roster");
      this.people.goToShift(String(first), String(third));
    } else if (part === "queues") {
      this.view("queues");
      this.queues.goTo(Number(first), finding.where.join("."));
      markFields(this.findings);
    } else {
      this.view("skills");
      document.querySelector<HTMLElement>(`input[data-path^="${CSS.escape(finding.where.join("."))}"]`)?.focus();
    }
  }

  private clicked(target: HTMLElement): void {
    const view = target.closest<HTMLElement>("[data-view]")?.dataset.view;
    const finding = target.closest<HTMLElement>("[data-finding]")?.dataset.finding;
    const told = finding === undefined ? undefined : this.findings[Number(finding)];
    if (view) this.view(view as View);
    else if (told) this.goTo(told);
    else if (target.closest("#routing-discard")) void this.discard();
    else if (target.closest("#publish-cancel")) this.closeBar();
    else if (target.closest("#routing-publish")) this.openBar();
  }

  private watchKeys(): void {
    const keys: Shortcut[] = [
      { keys: "Alt+1–6", says: "keys.view", act: ({ code }) => this.view(VIEWS[Number(code.slice(-1)) - 1]!) },
      { keys: "Ctrl+S", says: "keys.save_draft", act: () => void this.save() },
      { keys: "Ctrl+Enter", says: "keys.publish", act: () => this.publishByKey() },
    ];
    addShortcuts("keys.here", keys, { first: true });
  }

  private publishByKey(): void {
    if (need("publish-bar").hidden) this.openBar();
    else need<HTMLFormElement>("publish-bar").requestSubmit();
  }
}

new RoutingPage().start();
