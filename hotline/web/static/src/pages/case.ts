// One case: changed and moved along without losing what was typed, whoever else works on it.
import { ApiError, request } from "../api";
import { startAttachments } from "../attachments/panel";
import { startCallOut } from "../case/call_out";
import { CaseFields } from "../case/fields";
import { startPlayers } from "../case/players";
import { Steps, type Step } from "../case/steps";
import type { Answer, Case } from "../case/types";
import { hideBar, showBar } from "../connection";
import { element, embedded, need } from "../dom";
import { t } from "../i18n";
import { AddressField } from "../places/address";
import { refresh } from "../refresh";
import { addShortcuts } from "../shortcuts";
import { stream } from "../stream";
import { now, timeOfDay } from "../time";

const GATHER_MS = 600;
const TAKEN = "hotline.step_taken";

interface Conflict extends Answer {
  by: string;
}

interface Changed {
  case_number?: string;
  call_id?: string;
  report_id?: string;
}

const data = embedded<{ case: Case; editable: boolean }>("case-data");
let known = data.case;
let busy = false;
if (data.editable) new AddressField();
const fields = data.editable ? new CaseFields(known, showDirty) : undefined;
const steps = new Steps(take);

function showDirty(): void {
  if (!fields) return;
  need<HTMLButtonElement>("save").disabled = busy || !fields.dirty;
  need("undo").hidden = !fields.dirty;
  if (fields.dirty) need("saved").textContent = "";
}

/** Save what was changed. Gives whether the case now says what the form says. */
async function save(): Promise<boolean> {
  if (!fields?.dirty) return true;
  const faults = fields.check();
  fields.showErrors(faults);
  if (Object.keys(faults).length > 0) return false;
  const path = `/api/cases/${known.number}`;
  const saved = await send("PUT", path, { form: fields.changes, version: known.version });
  if (!saved) return false;
  known = saved.case;
  fields.settle(known);
  need("saved").textContent = t("case.saved", { time: timeOfDay(now()) });
  hideBar("conflict");
  await refresh("case-head", "case-life", "case-clocks", "history");
  return true;
}

async function take({ action, ...given }: Step): Promise<void> {
  if (busy || !(await save())) return;
  const path = `/api/cases/${known.number}/actions`;
  // The page may be led away by what follows before this is answered.
  leaving = true;
  const moved = await send("POST", path, { action, ...given, version: known.version });
  if (!moved) {
    leaving = false;
    return;
  }
  const told = t("case.moved", { state: t(`case.state.${moved.case.state}` as "case.state.closed") });
  const link = document.getElementById("following");
  const next = { href: link?.getAttribute("href") ?? "", text: link?.firstChild?.textContent ?? "" };
  sessionStorage.setItem(TAKEN, JSON.stringify({ number: known.number, told, next }));
  location.reload();
}

async function send(method: "PUT" | "POST", path: string, body: unknown): Promise<Answer | undefined> {
  setBusy(true);
  steps.say("");
  try {
    return await request<Answer>(method, path, body);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    explain(error);
    return undefined;
  } finally {
    setBusy(false);
  }
}

function explain(error: ApiError): void {
  if (error.key === "case_changed") return meet(error.body as Conflict, error.message);
  steps.faults(error.fields);
  fields?.showErrors(error.fields);
  steps.say(error.message);
}

function meet({ case: theirs, by }: Conflict, message: string): void {
  const moved = theirs.state !== known.state;
  known = theirs;
  const clashes = fields?.meet(theirs, by) ?? 0;
  const words = clashes > 0 || moved ? message : t("case.merged", { who: by });
  showBar("conflict", "", words, ...(moved ? [reloadLink()] : []));
  void refresh("case-head", "case-life", "history");
}

function reloadLink(): HTMLElement {
  const button = element("button", { type: "button" }, t("case.reload"));
  button.addEventListener("click", () => location.reload());
  return button;
}

function setBusy(value: boolean): void {
  busy = value;
  steps.busy = value;
  showDirty();
}

function following(): string {
  return document.getElementById("following")?.getAttribute("href") ?? "";
}

interface Taken {
  number: string;
  told: string;
  next: { href: string; text: string };
}

/** After a step the page is a new one: say what was done, and where the next case is. */
function tellStep(): void {
  const kept = sessionStorage.getItem(TAKEN);
  sessionStorage.removeItem(TAKEN);
  if (!kept) return;
  const { number, told, next } = JSON.parse(kept) as Taken;
  if (number !== known.number) return;
  if (!next.href) {
    showBar("taken", "info", `${told} ${t("case.none_left")}`);
    return;
  }
  document.querySelector("#following kbd")?.remove();
  const link = element("a", { class: "button", href: next.href, id: "next-case" }, next.text);
  link.append(element("kbd", {}, "N"));
  showBar("taken", "info", told, link);
}

function nextCase(): string {
  return document.getElementById("next-case")?.getAttribute("href") ?? following();
}

addShortcuts("keys.here", [
  { keys: "Ctrl+Enter", says: "keys.save", when: () => fields !== undefined, act: () => void save() },
  { keys: "N", says: "keys.case.next", when: () => nextCase() !== "", act: () => location.assign(nextCase()) },
]);

// --- what others do ---------------------------------------------------------------------

let timer: number | undefined;
let leaving = false;

async function look(): Promise<void> {
  if (busy || !(await refresh("case-head", "case-life", "case-clocks", "history", "report-text"))) return;
  const head = need("case-head").dataset;
  if (Number(head.version) <= known.version) return;
  showBar("conflict", "", t("case.changed_meanwhile", { who: head.by ?? "" }), reloadLink());
}

stream.on<Changed>("worklist", (changed) => {
  if (changed.case_number !== known.number && !isOurs(changed)) return;
  clearTimeout(timer);
  timer = window.setTimeout(() => void look(), GATHER_MS);
});
stream.on("reset", () => void look());

function isOurs({ report_id }: Changed): boolean {
  return report_id !== undefined && report_id === need("case-head").dataset.report;
}

fields?.element.addEventListener("submit", (event) => {
  event.preventDefault();
  void save();
});
document.getElementById("undo")?.addEventListener("click", () => fields?.undo());
window.addEventListener("beforeunload", (event) => {
  if (!leaving && (fields?.dirty || steps.begun)) event.preventDefault();
});
startPlayers();
startAttachments();
startCallOut(known.number);
tellStep();
