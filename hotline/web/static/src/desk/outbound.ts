// A call that the agent places: one's own phone rings and is answered by itself, then the citizen's.
import { ApiError, request } from "../api";
import { need, shape } from "../dom";
import { t, tLoose } from "../i18n";
import { stream } from "../stream";
import { countUp, now } from "../time";
import type { OpenCall } from "./calls";
import type { WebPhone } from "./phone";

/** hotline/web/outbound.py */
interface OwnCall {
  outbound_id: number;
  phone: string;
  case_number: string;
  state: "dialling" | "connecting" | "ringing" | "talking" | "ended";
  outcome: string | null;
  since: number;
}

type News = Pick<OwnCall, "outbound_id" | "state" | "outcome">;

/** The desk that calls are placed from. */
export interface Caller {
  /** The form whose number is called; null for none. */
  open(): OpenCall | null;
  phone: WebPhone;
  /** Whether this page's phone is the agent's. */
  onWeb(): boolean;
}

const PATH = "/api/outbound";

export class Outbound {
  private call: OwnCall | null = null;

  constructor(
    private readonly desk: Caller,
    private readonly problem: (error: unknown) => void,
  ) {
    document.getElementById("call-out")?.addEventListener("click", () => void this.dialForm());
    need("outbound-hang-up").addEventListener("click", () => void this.hangUp());
    need("outbound-close").addEventListener("click", () => this.show(null));
    stream.on<News>("outbound", (news) => void this.heard(news));
  }

  async load(): Promise<void> {
    await this.ask("GET");
  }

  /** Call whoever the open form is about: the number that was typed, else the caller's. */
  async dialForm(): Promise<void> {
    const about = aboutOf(this.desk.open());
    if (about) await this.dial(about);
    else this.problem(new ApiError(409, "no_form", t("outbound.no_form")));
  }

  /** Whether a call of ours is up. */
  get up(): boolean {
    return this.call !== null && this.call.state !== "ended";
  }

  /** On this page's phone at once, on any other by the server. */
  async hangUp(): Promise<void> {
    if (!this.up || this.desk.phone.hangUp()) return;
    try {
      await request("POST", `${PATH}/hang-up`);
    } catch (error) {
      this.problem(error);
    }
  }

  async dial(about: object): Promise<void> {
    // The server may ring this page's phone before it has answered.
    if (this.desk.onWeb()) this.desk.phone.answer();
    if (!(await this.ask("POST", about))) this.desk.phone.dontAnswer();
  }

  private async ask(method: "GET" | "POST", body?: object): Promise<boolean> {
    try {
      this.show((await request<{ call: OwnCall | null }>(method, PATH, body)).call);
      return true;
    } catch (error) {
      this.problem(error);
      return false;
    }
  }

  private async heard({ outbound_id, state, outcome }: News): Promise<void> {
    if (state === "dialling" && this.desk.onWeb()) this.desk.phone.answer();
    if (state === "ended") this.desk.phone.dontAnswer();
    if (this.call?.outbound_id !== outbound_id) {
      if (state !== "ended") await this.load();
      return;
    }
    this.show({ ...this.call, state, outcome, since: now() });
  }

  private show(call: OwnCall | null): void {
    this.call = call;
    need("outbound-note").hidden = !call;
    if (!call) return;
    const over = call.state === "ended";
    need("outbound-note").dataset.state = call.state;
    need("outbound-shape").replaceChildren(shape(over ? "offline" : call.state === "talking" ? "talking" : "offered"));
    need("outbound-who").textContent = [call.phone, call.case_number].filter(Boolean).join(" · ");
    need("outbound-words").textContent = over
      ? tLoose(`callbacks.outcome.${call.outcome ?? "unknown"}`)
      : tLoose(`callbacks.state.${call.state}`);
    countUp(need("outbound-time"), call.since);
    need("outbound-time").hidden = over;
    need("outbound-hang-up").hidden = over;
    need("outbound-close").hidden = !over;
  }
}

/** What the server is told of the form: its call, and a number that was typed into it. */
export function aboutOf(open: OpenCall | null): { call_id: string; phone: string } | null {
  if (!open) return null;
  return { call_id: open.pop.call_id, phone: open.values.caller_phone.trim() };
}
