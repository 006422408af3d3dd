// The filing condition, which its class offers, and the time limits that the case would have.
import { request } from "../api";
import { element, need } from "../dom";
import { t } from "../i18n";
import { moment } from "../time";

interface Asked {
  category: string;
  condition: string;
  urgency: string;
}

/** hotline/web/form_limits.py */
interface Limits {
  conditions: { key: string; text: string }[];
  limits: { name: string; limit: string; due_at: number }[];
}

const PAUSE_MS = 150;

export class LimitFields {
  private readonly field = need<HTMLInputElement>("f-condition");
  private readonly choice = need<HTMLSelectElement>("condition-choice");
  private asked = "";
  private timer = 0;

  constructor(private readonly read: () => Asked) {
    this.choice.addEventListener("change", () => this.set(this.choice.value));
  }

  /** The form says something else. */
  look(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(), PAUSE_MS);
  }

  private async ask(): Promise<void> {
    const { category, condition, urgency } = this.read();
    const asked = new URLSearchParams({ category, condition, urgency }).toString();
    if (asked === this.asked) return;
    this.asked = asked;
    // Without an answer what was chosen stays.
    const found = await request<Limits>("GET", `/api/form/limits?${asked}`).catch(() => null);
    if (asked !== this.asked) return;
    if (!found) {
      this.asked = "";
      return;
    }
    this.offer(found);
  }

  private offer({ conditions, limits }: Limits): void {
    const none = t(conditions.length ? "desk.condition_open" : "desk.condition_none");
    const choices = [{ key: "", text: none }, ...conditions];
    const chosen = this.field.value;
    const known = choices.some(({ key }) => key === chosen);
    this.choice.disabled = conditions.length === 0;
    this.choice.replaceChildren(
      ...choices.map(({ key, text }) => element("option", { value: key, selected: key === chosen }, text)),
    );
    need("form-limits").textContent = limits.map(({ name, limit }) => `${name} ${limit}`).join(" · ");
    need("form-limits").title = limits
      .map(({ name, limit, due_at }) => t("desk.limit_due", { name, limit, at: moment(due_at) }))
      .join("\n");
    // Another class has other conditions.
    if (!known && conditions.length) this.set("");
  }

  private set(condition: string): void {
    this.field.value = condition;
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
