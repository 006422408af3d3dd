// The queues: a list to walk, and the rules of the one that is chosen.
import { element, need } from "../dom";
import { t, type Key } from "../i18n";
import { named, type Plan, type Queue, type State, type Value } from "./types";

const STRATEGIES = ["longest_idle", "least_occupied", "round_robin", "best_skill"];
const WHENS = ["wait", "length", "nobody", "target"];
const GROUPS: [string, string[]][] = [
  ["waiting", ["overflow_s", "limit", "first_s", "aging_s"]],
  ["ringing", ["ring_s", "miss_pause_s", "wrap_up_s", "wrap_up_extra_s"]],
  ["target", ["target_s", "target_share", "target_window_s", "task_spare"]],
];
const PERCENT = new Set(["target_share"]);
const FRESH = {
  requires: { skill: "", level: 1 },
  prefers: { skill: "", level: 1 },
  rings: { after_s: 0, weight: 1, preferred: false },
  overflow: { when: "wait", value: 60, to: "report" },
};
type ListName = keyof typeof FRESH;
type Item = Record<string, unknown>;

export class Queues {
  private chosen = 0;
  private readonly form = need("queue-form");

  constructor(
    private readonly state: State,
    private readonly plan: () => Plan,
    private readonly changed: () => void,
    private readonly reshaped: () => void,
  ) {
    need("queues").addEventListener("click", (event) => this.clicked(event.target as HTMLElement));
    need("queues").addEventListener("keydown", (event) => this.keyed(event));
    need<HTMLFormElement>("queue-add").addEventListener("submit", (event) => this.add(event));
  }

  show(): void {
    this.chosen = Math.max(0, Math.min(this.chosen, this.plan().queues.length - 1));
    this.showTable();
    this.showForm();
  }

  focus(): void {
    need("queues").querySelector<HTMLElement>('[tabindex="0"]')?.focus();
  }

  /** Show a field of a queue, as a finding names it. */
  goTo(index: number, path: string): void {
    this.choose(index);
    const fields = [...this.form.querySelectorAll<HTMLElement>("[data-path]")];
    const found = fields.find(({ dataset }) => `${dataset.path}`.startsWith(path));
    (found ?? fields[0])?.focus();
  }

  // --- the list ----------------------------------------------------------------------------

  private showTable(): void {
    const rows = this.plan().queues.map((queue, index) => {
      const agents = this.plan().agents.filter(({ queues }) => queue.name in (queues ?? {}));
      const chosen = index === this.chosen;
      return element(
        "tr",
        { tabindex: chosen ? 0 : -1, "data-index": index, "aria-selected": String(chosen) },
        element("td", {}, element("b", {}, named(queue.title, queue.name)), element("br"), element("span", { class: "muted small" }, queue.name)),
        element("td", {}, t(`routing.strategy.${queue.strategy}` as Key)),
        element("td", { class: "number" }, agents.length === 0 && queue.name === this.state.home ? t("routing.everybody") : String(agents.length)),
        element("td", { class: "number" }, `${percent(queue.target_share)} % / ${queue.target_s} s`),
      );
    });
    need("queues").replaceChildren(...rows);
  }

  private choose(index: number): void {
    this.chosen = index;
    this.show();
  }

  private clicked(target: HTMLElement): void {
    const row = target.closest<HTMLElement>("tr[data-index]");
    if (!row) return;
    this.choose(Number(row.dataset.index));
    this.focus();
  }

  private keyed(event: KeyboardEvent): void {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.key === "Enter") this.form.querySelector<HTMLElement>("[data-path]")?.focus();
    else if (step && this.plan().queues[this.chosen + step]) {
      this.choose(this.chosen + step);
      this.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private add(event: Event): void {
    event.preventDefault();
    const name = need<HTMLInputElement>("queue-name");
    const title = need<HTMLInputElement>("queue-title");
    if (!name.value.trim() || !title.value.trim()) return;
    const like = this.plan().queues.find((queue) => queue.name === this.state.home);
    const fresh = { ...structuredClone(like), requires: [], prefers: [], rings: [], overflow: [] };
    this.plan().queues.push({
      ...fresh,
      name: name.value.trim(),
      title: { zh: title.value.trim() },
      strategy: "longest_idle",
    } as Queue);
    name.value = title.value = "";
    this.chosen = this.plan().queues.length - 1;
    this.reshaped();
    this.form.querySelector<HTMLElement>("[data-path]")?.focus();
  }

  private remove(): void {
    const [gone] = this.plan().queues.splice(this.chosen, 1);
    for (const agent of this.plan().agents) if (gone && agent.queues) delete agent.queues[gone.name];
    this.reshaped();
    this.focus();
  }

  // --- the rules of one ---------------------------------------------------------------------

  private showForm(): void {
    const queue = this.plan().queues[this.chosen];
    this.form.hidden = !queue;
    if (!queue) return;
    const remove = element("button", { type: "button", class: "quiet end" }, t("routing.queue_remove"));
    remove.hidden = queue.name === this.state.home;
    remove.addEventListener("click", () => this.remove());
    this.form.replaceChildren(
      element("header", {}, element("h2", {}, named(queue.title, queue.name)), remove),
      this.titles(queue),
      this.strategy(queue),
      ...GROUPS.map(([group, fields]) => this.group(queue, group, fields)),
      ...(Object.keys(FRESH) as ListName[]).map((list) => this.list(queue, list)),
    );
  }

  private path(...rest: (string | number)[]): string {
    return ["queues", this.chosen, ...rest].join(".");
  }

  private titles(queue: Queue): HTMLElement {
    const inputs = (["zh", "en"] as const).map((language) => {
      const input = this.input(this.path("title", language), queue.title[language] ?? "", "text");
      input.addEventListener("change", () => {
        const { [language]: _, ...others } = queue.title;
        queue.title = input.value.trim() ? { ...others, [language]: input.value.trim() } : others;
        this.reshaped();
      });
      return labelled(t(`routing.title_${language}` as Key), input);
    });
    return element("div", { class: "fields titles" }, ...inputs);
  }

  private strategy(queue: Queue): HTMLElement {
    const options = STRATEGIES.map((value): [string, string] => [value, t(`routing.strategy.${value}` as Key)]);
    const select = this.select(this.path("strategy"), options, queue.strategy);
    const means = element("p", { class: "muted small" }, t(`routing.strategy_means.${queue.strategy}` as Key));
    select.addEventListener("change", () => {
      queue.strategy = select.value;
      means.textContent = t(`routing.strategy_means.${queue.strategy}` as Key);
      this.showTable();
      this.changed();
    });
    return element("div", { class: "strategy" }, labelled(t("routing.field.strategy"), select), means);
  }

  private group(queue: Queue, group: string, fields: string[]): HTMLElement {
    const inputs = fields.map((field) => {
      const value = PERCENT.has(field) ? percent(queue[field]) : queue[field];
      const input = this.input(this.path(field), String(value ?? ""), "number");
      input.addEventListener("change", () => {
        queue[field] = PERCENT.has(field) ? share(input.value) : number(input.value);
        this.showTable();
        this.changed();
      });
      return labelled(t(`routing.field.${field}` as Key), input, t(`routing.unit.${field}` as Key));
    });
    return element("fieldset", { class: "fields" }, element("legend", {}, t(`routing.group.${group}` as Key)), ...inputs);
  }

  private list(queue: Queue, name: ListName): HTMLElement {
    const items = queue[name] as unknown as Item[];
    const rows = items.map((item, index) => {
      const row = element("li", {}, ...this.itemFields(name, item, index));
      row.append(this.button("×", t("routing.remove", { name: t(`routing.list.${name}` as Key) }), () => items.splice(index, 1)));
      return row;
    });
    const add = this.button("+", t(`routing.add.${name}` as Key), () => items.push(this.fresh(name, items)));
    add.append(` ${t(`routing.add.${name}` as Key)}`);
    return element(
      "section",
      { class: "list" },
      element("h3", {}, t(`routing.list.${name}` as Key)),
      element("ul", {}, ...rows),
      add,
    );
  }

  private fresh(name: ListName, items: Item[]): Item {
    const fresh: Item = { ...FRESH[name] };
    if ("skill" in fresh) fresh.skill = this.plan().skills[0]?.code ?? "";
    if (name === "rings" && items.length > 0) fresh.after_s = Number(items.at(-1)?.after_s ?? 0) + 15;
    return fresh;
  }

  private button(sign: string, words: string, act: () => void): HTMLButtonElement {
    const button = element("button", { type: "button", class: "quiet", title: words, "aria-label": words }, sign);
    button.addEventListener("click", () => {
      act();
      this.showForm();
      this.changed();
    });
    return button;
  }

  private itemFields(name: ListName, item: Item, index: number): (Node | string)[] {
    const numbered = (field: string): HTMLElement =>
      labelled(t(`routing.item.${field}` as Key), this.bound(name, item, index, field));
    if (name === "rings") return [numbered("after_s"), numbered("weight"), this.check(name, item, index)];
    if (name === "overflow") {
      const when = WHENS.map((value): [string, string] => [value, t(`routing.when.${value}` as Key)]);
      return [
        this.choice(name, item, index, "when", when),
        this.bound(name, item, index, "value"),
        element("span", { class: "muted small" }, t(item.when === "length" ? "routing.unit.callers" : "routing.unit.seconds")),
        "→",
        this.choice(name, item, index, "to", this.ways()),
      ];
    }
    const skills = this.plan().skills.map(({ code, title }): [string, string] => [code, named(title, code)]);
    return [this.choice(name, item, index, "skill", skills), "≥", this.bound(name, item, index, "level")];
  }

  private ways(): [string, string][] {
    const own = this.plan().queues[this.chosen]?.name;
    const queues = this.plan().queues.filter(({ name }) => name !== own);
    return [
      ...queues.map(({ name, title }): [string, string] => [`queue:${name}`, t("routing.to_queue", { name: named(title, name) })]),
      ...this.state.targets.map(({ code, title }): [string, string] => [`target:${code}`, title]),
      ["report", t("routing.to_report")],
    ];
  }

  private bound(list: ListName, item: Item, index: number, field: string): HTMLInputElement {
    const input = this.input(this.path(list, index, field), String(item[field] ?? ""), "number");
    input.addEventListener("change", () => {
      item[field] = number(input.value);
      this.changed();
    });
    return input;
  }

  private check(list: ListName, item: Item, index: number): HTMLElement {
    const box = element("input", { type: "checkbox", "data-path": this.path(list, index, "preferred") });
    box.checked = item.preferred === true;
    box.addEventListener("change", () => {
      item.preferred = box.checked;
      this.changed();
    });
    return element("label", { class: "check" }, box, t("routing.item.preferred"));
  }

  private choice(list: ListName, item: Item, index: number, field: string, options: [string, string][]): HTMLElement {
    const select = this.select(this.path(list, index, field), options, String(item[field]));
    select.addEventListener("change", () => {
      item[field] = select.value;
      if (field === "when") this.showForm();
      this.changed();
    });
    return select;
  }

  private select(path: string, options: [string, string][], value: string): HTMLSelectElement {
    // What stands there and is no choice any more is shown, not silently replaced.
    const known = options.some(([option]) => option === value);
    const all = known ? options : [[value, value || "—"] as [string, string], ...options];
    return element(
      "select",
      { "data-path": path },
      ...all.map(([option, text]) => element("option", { value: option, selected: option === value }, text)),
    );
  }

  private input(path: string, value: string, type: string): HTMLInputElement {
    return element("input", { "data-path": path, value, type, step: type === "number" ? "any" : undefined, autocomplete: "off" });
  }
}

function labelled(label: string, control: HTMLElement, unit = ""): HTMLElement {
  const words = element("span", { class: "label" }, label);
  return element("label", {}, words, control, element("span", { class: "muted small" }, unit));
}

/** What is no number goes to the server as it was typed, which says what is wrong with it. */
function number(typed: string): Value {
  return typed.trim() === "" || Number.isNaN(Number(typed)) ? typed : Number(typed);
}

function percent(value: unknown): Value {
  return typeof value === "number" ? Number((value * 100).toFixed(2)) : "";
}

function share(typed: string): Value {
  const value = number(typed);
  return typeof value === "number" ? value / 100 : value;
}
