// The editor of one flow: the text, its drawing, its findings, and what became of callers.
import { ApiError, request } from "../api";
import { hideBar, showBar } from "../connection";
import { element, embedded, need } from "../dom";
import { completions, Language } from "../flows/completion";
import { PeriodPicker, showCounts } from "../flows/counts";
import { Drawing } from "../flows/drawing";
import { FlowEditor } from "../flows/editor";
import { showChanges, showFindings } from "../flows/findings";
import { History } from "../flows/history";
import { PublishBar } from "../flows/publish";
import type { Examined, FlowState, Publication } from "../flows/types";
import { versionName } from "../flows/versions";
import { t } from "../i18n";
import { moment, timeOfDay } from "../time";
import { addShortcuts, type Shortcut } from "../shortcuts";

const CHECK_AFTER_MS = 400;
const SAVE_AFTER_MS = 1500;
const VIEWS = ["drawing", "table", "history"] as const;

interface InForce {
  version: number;
  publication: Publication;
}

class FlowPage {
  private readonly state = embedded<FlowState>("flow-state");
  private readonly path = `/api/flows/${this.state.name}`;
  private readonly editor: FlowEditor;
  private readonly drawing = new Drawing(need("drawing"), (node) => this.goToNode(node));
  private readonly picker = new PeriodPicker(() => this.checkSoon(0));
  private readonly history: History;
  private readonly bar: PublishBar;
  private language: Language | null = null;
  private examined: Examined | null = null;
  private kept: string;
  private comparing: string | null = null;
  private checking = false;
  private checkAgain = false;
  private checkTimer: number | undefined;
  private saveTimer: number | undefined;

  constructor() {
    const { state } = this;
    this.kept = state.text;
    this.editor = new FlowEditor(need("source"), {
      text: state.text,
      complete: completions(
        () => this.language,
        { ...state, nodes: () => Object.keys(this.examined?.nodes ?? {}) },
      ),
      changed: () => this.changed(),
      moved: (line) => this.drawing.mark(this.nodeAt(line), true),
    });
    this.bar = new PublishBar((note) => this.publish(note), () => this.editor.focus());
    this.history = new History(state.name, {
      compare: (version) => void this.compareWith(version),
      load: (version) => void this.load(version),
      rollBack: (version, note) => this.rollBack(version, note),
    });
  }

  start(): void {
    this.watchKeys();
    document.addEventListener("click", (event) => this.clicked(event.target as HTMLElement));
    window.addEventListener("pagehide", () => void this.save(true));
    need("flow-compare").addEventListener("click", () => this.compare());
    this.showVersion();
    this.showDraft(this.state.drafted_at);
    if (this.state.based_on !== this.state.version) this.tellOvertaken();
    this.checkSoon(0);
    void this.loadLanguage();
    this.editor.focus();
  }

  private async loadLanguage(): Promise<void> {
    this.language = await Language.load();
  }

  // --- the text ----------------------------------------------------------------------------

  private changed(): void {
    need("drawing").classList.add("stale");
    this.checkSoon(CHECK_AFTER_MS);
    clearTimeout(this.saveTimer);
    this.saveTimer = window.setTimeout(() => void this.save(), SAVE_AFTER_MS);
  }

  private async save(leaving = false): Promise<void> {
    clearTimeout(this.saveTimer);
    const { text } = this.editor;
    if (text === this.kept) return;
    const draft = { text, based_on: this.state.based_on };
    try {
      const { saved_at } = await request<{ saved_at: number }>("PUT", `${this.path}/draft`, draft, {
        keepalive: leaving,
      });
      this.kept = text;
      this.showDraft(saved_at);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      need("flow-saved").textContent = t("flows.not_saved", { why: error.message });
    }
  }

  private async discard(): Promise<void> {
    if (this.state.published === null) return;
    clearTimeout(this.saveTimer);
    await request("DELETE", `${this.path}/draft`);
    this.kept = this.state.published;
    this.state.based_on = this.state.version;
    this.editor.text = this.state.published;
    this.showDraft(null);
    hideBar("overtaken");
  }

  private showDraft(at: number | null): void {
    need("flow-saved").textContent = at === null ? "" : t("flows.saved", { time: timeOfDay(at) });
    need("flow-discard").hidden = at === null || this.state.published === null;
  }

  private showVersion(): void {
    const { version, by, at } = this.state.publication;
    const name = versionName(version);
    const first = this.state.published === null ? "flows.unpublished" : "flows.shipped";
    const words = at === null ? t(first) : t("flows.in_force_since", { name, by, at: moment(at) });
    need("flow-version").replaceChildren(element("span", { class: "tag" }, words));
  }

  // --- findings and the drawing ------------------------------------------------------------

  private checkSoon(after: number): void {
    clearTimeout(this.checkTimer);
    this.checkTimer = window.setTimeout(() => void this.checkInTurn(), after);
  }

  /** One at a time: what is typed meanwhile is asked for once, at the end. */
  private async checkInTurn(): Promise<void> {
    if (this.checking) {
      this.checkAgain = true;
      return;
    }
    this.checking = true;
    try {
      await this.check();
    } finally {
      this.checking = false;
    }
    if (!this.checkAgain) return;
    this.checkAgain = false;
    this.checkSoon(0);
  }

  private async check(): Promise<void> {
    const wanted = { text: this.editor.text, walked: this.picker.chosen };
    let examined: Examined;
    try {
      examined = await request<Examined>("POST", `${this.path}/check`, wanted);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      need("findings-head").textContent = error.message;
      return;
    }
    this.show(examined);
  }

  private show(examined: Examined): void {
    this.examined = examined;
    this.editor.show(examined.findings);
    showFindings(examined.findings);
    showChanges(examined.changes, this.state.version);
    if (examined.counts) this.picker.offer(examined.counts);
    showCounts(examined.counts);
    if (examined.svg) this.drawing.show(examined.svg, examined.changes);
    // What cannot be read for now keeps its last drawing, grey.
    need("drawing").classList.toggle("stale", examined.svg === null);
    const none = need("no-drawing");
    none.textContent = t(examined.too_large ? "flows.too_large" : "flows.no_drawing");
    none.hidden = examined.svg !== null || this.drawing.drawn;
  }

  private goToNode(node: string): void {
    const line = this.examined?.nodes[node];
    if (line) this.editor.goTo(line);
    this.drawing.mark(node, true);
  }

  private nodeAt(line: number): string {
    let found = "";
    let last = 0;
    for (const [node, at] of Object.entries(this.examined?.nodes ?? {})) {
      if (at <= line && at > last) [found, last] = [node, at];
    }
    return found;
  }

  // --- comparing ---------------------------------------------------------------------------

  private compare(with_: string | null = this.state.published): void {
    this.comparing = this.comparing === null ? (with_ ?? "") : null;
    this.showComparison();
  }

  private async compareWith(version: number): Promise<void> {
    this.comparing = await this.textOf(version);
    this.showComparison();
  }

  private showComparison(): void {
    this.editor.compare(this.comparing);
    need("flow-compare").setAttribute("aria-pressed", String(this.comparing !== null));
  }

  private async textOf(version: number): Promise<string> {
    const { text } = await request<{ text: string }>("GET", `${this.path}/versions/${version}`);
    return text;
  }

  private async load(version: number): Promise<void> {
    this.editor.text = await this.textOf(version);
    this.editor.focus();
  }

  // --- publishing --------------------------------------------------------------------------

  private async publish(note: string): Promise<string> {
    const { text } = this.editor;
    const given = { text, note, based_on: this.state.based_on };
    try {
      const done = await request<InForce>("POST", `${this.path}/publish`, given);
      this.kept = text;
      clearTimeout(this.saveTimer);
      this.inForce(done, text);
      showBar("published", "info", t("flows.published", { version: done.version }), closeBar());
      return "";
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.key === "flow_changed") await this.overtaken();
      return error.message;
    }
  }

  private async rollBack(version: number, note: string): Promise<void> {
    const text = await this.textOf(version);
    const untouched = this.editor.text === this.state.published;
    const given = { version, note, based_on: this.state.version };
    this.inForce(await request<InForce>("POST", `${this.path}/roll-back`, given), text);
    if (untouched) {
      this.kept = text;
      this.editor.text = text;
    }
    showBar("published", "info", t("flows.rolled_back", { name: versionName(version) }), closeBar());
  }

  private inForce({ version, publication }: InForce, text: string): void {
    Object.assign(this.state, { version, publication, published: text, based_on: version });
    hideBar("overtaken");
    if (this.comparing !== null) this.compare();
    this.showVersion();
    if (this.editor.text === text) this.showDraft(null);
    this.checkSoon(0);
    if (!need("view-history").hidden) void this.history.load(version);
  }

  /** Somebody else published: show the difference; publishing again replaces theirs. */
  private async overtaken(): Promise<void> {
    const now = await request<InForce & { text: string }>("GET", this.path);
    const { version, publication, text } = now;
    Object.assign(this.state, { version, publication, published: text });
    this.showVersion();
    this.tellOvertaken();
    this.checkSoon(0);
  }

  private tellOvertaken(): void {
    const { by, version, note, at } = this.state.publication;
    const told = { by, name: versionName(version), at: moment(at), note: note ? `“${note}”` : "" };
    showBar("overtaken", "", t("flows.overtaken", told));
    this.comparing = this.state.published;
    this.showComparison();
    this.state.based_on = this.state.version;
  }

  // --- hands -------------------------------------------------------------------------------

  private view(name: (typeof VIEWS)[number]): void {
    for (const view of VIEWS) need(`view-${view}`).hidden = view !== name;
    for (const tab of document.querySelectorAll<HTMLElement>("[data-view]")) {
      tab.setAttribute("aria-selected", String(tab.dataset.view === name));
    }
    if (name === "history") void this.history.load(this.state.version);
  }

  private clicked(target: HTMLElement): void {
    const data = (name: string): string | undefined =>
      target.closest<HTMLElement>(`[data-${name}]`)?.dataset[name];
    const [view, zoom, line, node] = ["view", "zoom", "line", "node"].map(data);
    if (view) this.view(view as (typeof VIEWS)[number]);
    else if (zoom) this.drawing.zoom(zoom);
    else if (line !== undefined) this.editor.goTo(Number(line));
    else if (node) this.goToNode(node);
    else if (target.closest("#flow-save")) void this.save();
    else if (target.closest("#flow-discard")) void this.discard();
    else if (target.closest("#flow-publish")) this.bar.toggle(this.examined);
  }

  private watchKeys(): void {
    const keys: Shortcut[] = [
      { keys: "Ctrl+S", says: "keys.save_draft", act: () => void this.save() },
      { keys: "Ctrl+Enter", says: "keys.publish", act: () => this.bar.toggle(this.examined) },
      { keys: "Alt+C", says: "keys.flows.compare", act: () => this.compare() },
      { keys: "Alt+1–3", says: "keys.view", act: ({ code }) => this.view(VIEWS[Number(code.slice(-1)) - 1]!) },
    ];
    addShortcuts("keys.here", keys, { first: true });
  }
}

function closeBar(): HTMLElement {
  const button = element("button", { type: "button", class: "quiet" }, t("base.close"));
  button.addEventListener("click", () => hideBar("published"));
  return button;
}

new FlowPage().start();
