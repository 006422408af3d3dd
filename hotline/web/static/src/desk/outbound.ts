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
  call_id: string;
  phone: string;
  case_number: string;
  state: "dialling" | "connecting" | "ringing" | "talking" | "ended";
  outcome: string | null;
  since: number;
  /** Why the citizen hears music; empty when they do not. */
  held: "" | "agent" | "cut_off";
}

type News = Pick<OwnCall, "outbound_id" | "state" | "outcome">;

/** The desk that calls are placed from. */
export interface Caller {
  /** The form whose number is called; null for none. */
  open(): OpenCall | null;
  phone: WebPhone;
  /** Whether this page's phone is the agent's. */
  onWeb(): boolean;
  /** The PBX rings for a talk that was cut off: answer it, when this page's phone is the agent's. */
  goOn(): void;
  /** Choose to whom the citizen of the call is handed over; missing where there is no panel. */
  handOver?: ((opener: HTMLElement) => void) | undefined;
}

const PATH = "/api/outbound";
/** Where the citizen of a placed call is handed over. */
export const PLACED = `${PATH}/handover`;

export class Outbound {
  private call: OwnCall | null = null;
  /** Of questions at the same time, the last one's answer is the newest. */
  private asked = 0;

  constructor(
    private readonly desk: Caller,
    private readonly problem: (error: unknown) => void,
  ) {
    document.getElementById("call-out")?.addEventListener("click", () => void this.dialForm());
    need("outbound-hold").addEventListener("click", () => void this.toggleHold());
    need("outbound-hand-over").addEventListener("click", () => this.handOver());
    need("outbound-hang-up").addEventListener("click", () => void this.hangUp());
    need("outbound-close").addEventListener("click", () => this.show(null));
    stream.on<News>("outbound", (news) => void this.heard(news));
    // It may come before the answer to what this page asked when it was opened.
    stream.on("held", () => void this.load());
  }

  async load(): Promise<void> {
    await this.ask("GET");
    if (this.call?.held === "cut_off") this.desk.goOn();
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

  /** Whether its citizen can be handed over now. */
  get talks(): boolean {
    return this.call?.state === "talking" && this.call.held !== "cut_off";
  }

  handOver(): void {
    if (this.talks) this.desk.handOver?.(need("outbound-hand-over"));
  }

  /** Whether its citizen hears music because we asked for it: nothing is to come from them. */
  get holds(): boolean {
    return this.call?.held === "agent";
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

  /** Let the citizen hear music, or take them back. */
  async toggleHold(): Promise<void> {
    const { call } = this;
    if (call?.state !== "talking" || call.held === "cut_off") return;
    try {
      await request(call.held ? "DELETE" : "POST", `${PATH}/hold`);
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
    const asked = ++this.asked;
    try {
      const { call } = await request<{ call: OwnCall | null }>(method, PATH, body);
      // How the last one ended is read until it is closed.
      const isRead = call === null && this.call?.state === "ended";
      if (asked === this.asked && !isRead) this.show(call);
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
    this.show({ ...this.call, state, outcome, since: now(), held: state === "ended" ? "" : this.call.held });
  }

  private show(call: OwnCall | null): void {
    this.call = call;
    this.desk.phone.holding = this.holds;
    need("outbound-note").hidden = !call;
    if (!call) return;
    const over = call.state === "ended";
    need("outbound-note").dataset.state = call.state;
    need("outbound-shape").replaceChildren(shape(shapeOf(call)));
    need("outbound-who").textContent = [call.phone, call.case_number].filter(Boolean).join(" · ");
    need("outbound-words").textContent = over
      ? tLoose(`callbacks.outcome.${call.outcome ?? "unknown"}`)
      : tLoose(call.held ? `callbacks.held.${call.held}` : `callbacks.state.${call.state}`);
    countUp(need("outbound-time"), call.since);
    need("outbound-time").hidden = over;
    need("outbound-hang-up").hidden = over;
    const hold = need<HTMLButtonElement>("outbound-hold");
    hold.hidden = call.state !== "talking";
    hold.disabled = call.held === "cut_off";
    hold.setAttribute("aria-pressed", String(call.held !== ""));
    need("outbound-hand-over").hidden = !this.talks || !this.desk.handOver;
    need("outbound-hold-text").textContent = t(call.held ? "desk.take_back" : "desk.hold");
    need("outbound-close").hidden = !over;
  }
}

function shapeOf({ state, held }: OwnCall): string {
  if (state === "ended") return "offline";
  if (held) return "held";
  return state === "talking" ? "talking" : "offered";
}

/** What the server is told of the form: its call, and a number that was typed into it. */
export function aboutOf(open: OpenCall | null): { call_id: string; phone: string } | null {
  if (!open) return null;
  return { call_id: open.pop.call_id, phone: open.values.caller_phone.trim() };
}
