// The plan as a YAML file: saved from here, edited elsewhere, and read in as the draft. What cannot be
// read changes nothing, and is told by line.
import { ApiError, request } from "../api";
import { hideBar, showBar } from "../connection";
import { element, need } from "../dom";
import { t } from "../i18n";
import type { Finding, Plan } from "./types";

const LARGEST = 4 * 1024 * 1024;
const BAR = "uploaded";

interface Read {
  plan: Plan | null;
  findings: Finding[];
}

interface Acts {
  /** Resolves when the server has the draft. */
  saved: () => Promise<void>;
  plan: () => Plan;
  put: (plan: Plan) => void;
  opened: () => void;
}

export class PlanFile {
  private readonly input = need<HTMLInputElement>("plan-file");

  constructor(private readonly acts: Acts) {
    need("plan-download").addEventListener("click", () => void this.download());
    need("plan-upload").addEventListener("click", () => this.input.click());
    need("upload-close").addEventListener("click", () => this.close());
    this.input.addEventListener("change", () => void this.chosen());
  }

  close(): void {
    need("upload-faults").hidden = true;
  }

  private async download(): Promise<void> {
    await this.acts.saved();
    location.assign("/routing/plan.yaml");
  }

  private async chosen(): Promise<void> {
    const [file] = this.input.files ?? [];
    // The same file may be chosen again once it was mended.
    this.close();
    if (!file) return;
    try {
      await this.read(file);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.refuse(file.name, [element("li", {}, error.message)]);
    } finally {
      this.input.value = "";
    }
  }

  private async read(file: File): Promise<void> {
    if (file.size > LARGEST) {
      this.refuse(file.name, [element("li", {}, t("routing.file_too_large"))]);
      return;
    }
    const { plan, findings } = await request<Read>("POST", "/api/routing/upload", { text: await file.text() });
    if (plan) this.take(file.name, plan);
    else this.refuse(file.name, findings.map(told));
  }

  private take(name: string, plan: Plan): void {
    const before = structuredClone(this.acts.plan());
    this.acts.put(plan);
    const back = element("button", { type: "button" }, t("routing.file_back"));
    const close = element("button", { type: "button", class: "quiet" }, t("base.close"));
    back.addEventListener("click", () => {
      hideBar(BAR);
      this.acts.put(before);
    });
    close.addEventListener("click", () => hideBar(BAR));
    showBar(BAR, "info", t("routing.file_taken", { name }), back, close);
  }

  private refuse(name: string, items: HTMLElement[]): void {
    this.acts.opened();
    hideBar(BAR);
    need("upload-head").textContent = t("routing.file_refused", { name, count: items.length });
    need("upload-list").replaceChildren(...items);
    need("upload-faults").hidden = false;
    need("upload-close").focus();
  }
}

/** The line, what stands there, and what is wrong with it. */
function told({ line, where, text }: Finding): HTMLElement {
  const field = where.filter((part) => typeof part === "string").at(-1);
  const place = [
    ...(line > 0 ? [element("b", {}, t("routing.file_line", { line })), " "] : []),
    ...(field ? [element("code", {}, field), " "] : []),
  ];
  return element("li", {}, ...place, text);
}
