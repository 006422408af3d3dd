// A unit works on one case: accepts it, reports it done, sends it back. What is typed stays in this
// browser until the server has it, whatever becomes of the network.
import { ApiError, request } from "../api";
import { waiting } from "../attachments/box";
import { startAttachments } from "../attachments/panel";
import { need } from "../dom";
import { t } from "../i18n";
import { now, timeOfDay } from "../time";

interface Draft {
  action: string;
  why: string;
  until: string;
  at: number;
}

const page = need("unit-case");
const number = page.dataset.case ?? "";
const place = `hotline-unit:${document.body.dataset.user ?? ""}:${number}`;
const form = document.getElementById("unit-form") as HTMLFormElement | null;
let chosen: HTMLButtonElement | undefined;
let warned = false;

const why = (): HTMLTextAreaElement => need<HTMLTextAreaElement>("f-why");
const until = (): HTMLInputElement => need<HTMLInputElement>("f-until");

function buttons(): HTMLButtonElement[] {
  return [...document.querySelectorAll<HTMLButtonElement>("#unit-buttons [data-action]")];
}

function kept(): Draft | null {
  const text = localStorage.getItem(place);
  return text ? (JSON.parse(text) as Draft) : null;
}

function keepDraft(): void {
  if (!chosen || !why().value) return;
  const draft: Draft = { action: chosen.dataset.action ?? "", why: why().value, until: until().value, at: now() };
  localStorage.setItem(place, JSON.stringify(draft));
  need("unit-kept").textContent = t("unit.kept", { time: timeOfDay(draft.at) });
}

function open(button: HTMLButtonElement): void {
  if (!form) return;
  chosen = button;
  warned = false;
  const { why: label, until: timed, against } = button.dataset;
  need("unit-form-title").textContent = button.textContent;
  need("unit-why-label").textContent = label ?? "";
  need("unit-send").textContent = button.textContent;
  show("until", Boolean(timed));
  show("against", Boolean(against));
  show("why", Boolean(label));
  explain({});
  const draft = kept();
  if (draft && draft.action === button.dataset.action) {
    why().value = draft.why;
    if (timed && draft.until) until().value = draft.until;
    need("unit-kept").textContent = t("unit.kept", { time: timeOfDay(draft.at) });
  }
  form.hidden = false;
  need("unit-buttons").hidden = true;
  if (label) why().focus();
}

function close(): void {
  if (!form) return;
  keepDraft();
  form.hidden = true;
  need("unit-buttons").hidden = false;
  chosen?.focus();
  chosen = undefined;
}

function show(field: string, visible: boolean): void {
  const box = document.querySelector<HTMLElement>(`#unit-form [data-field="${field}"]`);
  if (box) box.hidden = !visible;
}

function explain(fields: Record<string, string>, message = ""): void {
  for (const box of document.querySelectorAll<HTMLElement>("#unit-form [data-field]")) {
    const place = box.querySelector(".error");
    if (place) place.textContent = fields[box.dataset.field ?? ""] ?? "";
  }
  need("unit-form-problem").textContent = message;
}

async function photosWait(): Promise<number> {
  try {
    const all = await waiting(document.body.dataset.user ?? "");
    return all.filter((one) => one.caseNumber === number && !one.refused).length;
  } catch {
    // Without a store nothing can wait in it.
    return 0;
  }
}

async function send(button: HTMLButtonElement): Promise<void> {
  const { action, why: label, until: timed, against } = button.dataset;
  if (action === "feedback" && !warned) {
    const count = await photosWait();
    if (count > 0) {
      warned = true;
      explain({}, t("unit.photos_first", { count }));
      return;
    }
  }
  setBusy(true);
  try {
    await request("POST", `/api/unit/cases/${encodeURIComponent(number)}/actions`, {
      action,
      version: Number(page.dataset.version),
      why: label ? why().value.trim() : "",
      until: timed ? until().value : "",
      against: against ? need<HTMLSelectElement>("f-against").value : "",
    });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    setBusy(false);
    const message = error.status === 0 ? t("unit.no_network") : error.message;
    if (form && !form.hidden) explain(error.fields, message);
    else need("unit-problem").textContent = message;
    return;
  }
  localStorage.removeItem(place);
  if (action === "accept") location.reload();
  else location.assign("/unit");
}

function setBusy(busy: boolean): void {
  for (const button of buttons()) button.disabled = busy;
  const go = document.getElementById("unit-send") as HTMLButtonElement | null;
  if (go) go.disabled = busy;
}

for (const button of buttons()) {
  button.addEventListener("click", () => {
    const { why: label, until: timed, against } = button.dataset;
    if (label || timed || against) open(button);
    else void send(button);
  });
}
if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (chosen) void send(chosen);
  });
  form.addEventListener("input", keepDraft);
  need("unit-cancel").addEventListener("click", close);
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing) close();
  });
  const draft = kept();
  const begun = draft && buttons().find((button) => button.dataset.action === draft.action);
  if (begun) open(begun);
}
startAttachments();
// A tap that comes before this script has begun would go nowhere.
setBusy(false);
