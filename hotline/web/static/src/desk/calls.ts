// The calls whose forms are open on this desk: the present one and those not yet saved.
import { EMPTY } from "./form";
import type { CallData, CallerInfo, CallProgress, FormValues, HandoverView, Pop, SavedCase } from "./types";

export interface OpenCall {
  pop: Pop;
  case: SavedCase | null;
  caller: CallerInfo;
  values: FormValues;
}

export const UNMARKED: CallerInfo = { mark: "", why: "", rule: null };

function same(one: FormValues, other: FormValues): boolean {
  return (Object.keys(EMPTY) as (keyof FormValues)[]).every((name) => one[name] === other[name]);
}

/** Whether no call brought it: a letter, a visitor, a mail (hotline/web/entries.py). */
export function isEntry(pop: Pop): boolean {
  return pop.call_id.startsWith("entry-");
}

export function baseOf(call: OpenCall): FormValues {
  // Where it comes from is said, not presumed.
  const source = isEntry(call.pop) ? { source: "" } : {};
  return { ...EMPTY, ...source, ...call.case?.form };
}

/** Whether something was typed that is not saved as a case. */
export function isUnsaved(call: OpenCall): boolean {
  return !same(call.values, baseOf(call));
}

function handedOver(before: HandoverView | null, news: CallProgress): HandoverView | null {
  if (news.what === "handover_started") {
    const { target = "", name = "", mode = "three_way", at } = news;
    const nothing = { joined_at: null, caller_gone: false };
    return { target, name, mode, step: "ringing", started_at: at, ...nothing };
  }
  if (news.what === "handover_offered") return before;
  if (!before || news.what === "handover_ended") return null;
  if (news.what === "handover_answered") return { ...before, step: "answered" };
  return { ...before, step: "joined", joined_at: news.at };
}

export class OpenCalls {
  private calls = new Map<string, OpenCall>();

  get(callId: string): OpenCall | null {
    return this.calls.get(callId) ?? null;
  }

  all(): OpenCall[] {
    return [...this.calls.values()];
  }

  /** Take in what the server knows; `meet` puts it together with what was typed on this page. */
  put(
    data: CallData,
    meet: (stored: FormValues, mine: FormValues | null) => FormValues,
  ): OpenCall {
    const known = this.calls.get(data.pop.call_id);
    const fresh: OpenCall = { ...data, values: EMPTY };
    const stored = { ...baseOf(fresh), ...data.pop.draft };
    fresh.values = meet(stored, known && isUnsaved(known) ? known.values : null);
    this.calls.set(data.pop.call_id, fresh);
    return fresh;
  }

  remove(callId: string): void {
    this.calls.delete(callId);
  }

  /** Drop the calls that have nothing left to do, except `kept`. */
  tidy(...kept: string[]): void {
    for (const [callId, call] of this.calls) {
      if (!kept.includes(callId) && !isUnsaved(call)) this.calls.delete(callId);
    }
  }

  /** What happened to a call, put into its pop; null when it is not open here. */
  progress(news: CallProgress): OpenCall | null {
    const call = this.calls.get(news.call_id);
    if (!call) return null;
    const { pop } = call;
    if (news.what === "call_answered" || news.what === "talk_taken_over") {
      pop.answered_at = news.at;
      pop.phase = "talking";
    } else if (news.what === "key_pressed") pop.keys += news.key ?? "";
    else if (news.what === "caller_left") pop.handover = pop.handover && { ...pop.handover, caller_gone: true };
    else if (news.what.startsWith("handover_")) pop.handover = handedOver(pop.handover, news);
    else if (news.what === "call_ended" || news.what === "talk_ended") pop.phase = "ended";
    else if (news.what === "offer_ended" && news.outcome !== "answered") pop.phase = "ended";
    return call;
  }
}
