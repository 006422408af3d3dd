// One step for every chosen case, a few at a time, with how far it is and what each refusal says.
import { ApiError, request } from "../api";
import { element, need } from "../dom";
import { t } from "../i18n";
import type { Chosen, Selection } from "./selection";

const AT_ONCE = 20;

interface Outcome {
  number: string;
  done: boolean;
  message: string;
}

interface Answer {
  results: Outcome[];
}

const WITH_UNIT = new Set(["dispatch"]);
const WITH_LEVEL = new Set(["urge", "supervise"]);
const WITH_CLOSING = new Set(["close"]);

export class Bulk {
  running = false;
  private readonly form = document.querySelector<HTMLFormElement>("#bulk");

  constructor(
    private readonly selection: Selection,
    private readonly renew: () => void,
  ) {
    if (!this.form) return;
    selection.onChange(() => this.show());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.run();
    });
    this.select("action").addEventListener("change", () => this.fields());
    need("bulk-none").addEventListener("click", () => selection.clear());
  }

  private select(name: string): HTMLSelectElement {
    return this.form!.elements.namedItem(name) as HTMLSelectElement;
  }

  private fields(): void {
    const { value } = this.select("action");
    this.select("unit_id").hidden = !WITH_UNIT.has(value);
    this.select("level").hidden = !WITH_LEVEL.has(value);
    this.select("closing").hidden = !WITH_CLOSING.has(value);
  }

  private show(): void {
    if (!this.form || this.running) return;
    const { length } = this.selection.cases;
    need("bulk-count").textContent = t("cases.bulk.chosen", { count: length });
    const told = need("bulk-result").childElementCount > 0;
    this.form.hidden = length === 0 && !told;
  }

  private async run(): Promise<void> {
    const action = this.select("action").value;
    const cases = this.selection.cases;
    if (this.running || cases.length === 0) return;
    if (!action) {
      this.select("action").focus();
      return;
    }
    this.running = true;
    need<HTMLButtonElement>("bulk-go").disabled = true;
    need("bulk-result").replaceChildren();
    const failed = await this.each(action, cases);
    this.running = false;
    need<HTMLButtonElement>("bulk-go").disabled = false;
    need("bulk-progress").hidden = true;
    this.tell(cases.length - failed.length, failed);
    this.show();
    this.renew();
  }

  private async each(action: string, cases: Chosen[]): Promise<Outcome[]> {
    const progress = need<HTMLProgressElement>("bulk-progress");
    progress.hidden = false;
    progress.max = cases.length;
    const why = (this.form!.elements.namedItem("why") as HTMLInputElement).value;
    const unit = WITH_UNIT.has(action) ? this.select("unit_id").value : "";
    const level = WITH_LEVEL.has(action) ? Number(this.select("level").value) : null;
    const closing = WITH_CLOSING.has(action) ? this.select("closing").value : "";
    const failed: Outcome[] = [];
    for (let start = 0; start < cases.length; start += AT_ONCE) {
      const some = cases.slice(start, start + AT_ONCE);
      progress.value = start;
      need("bulk-count").textContent = t("cases.bulk.running", { done: start, count: cases.length });
      try {
        const body = { action, why, unit_id: unit, level, closing, cases: some };
        const answer = await request<Answer>("POST", "/api/cases/bulk", body);
        for (const one of answer.results) {
          if (one.done) this.selection.drop(one.number);
          else failed.push(one);
        }
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        // What was not answered may have been done: the list says how it stands.
        failed.push(...some.map(({ number }) => ({ number, done: false, message: error.message })));
      }
    }
    return failed;
  }

  private tell(done: number, failed: Outcome[]): void {
    const output = need("bulk-result");
    output.append(element("p", {}, t("cases.bulk.done", { done, failed: failed.length })));
    if (failed.length === 0) return;
    const list = element("ul", { class: "bulk-failed" });
    for (const one of failed) {
      list.append(
        element("li", {}, element("a", { href: `/cases/${one.number}` }, one.number), ` ${one.message}`),
      );
    }
    output.append(list);
  }
}
