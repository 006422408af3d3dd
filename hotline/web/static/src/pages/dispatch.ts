// The dispatch desk by keyboard: digits choose, Enter gives the case away, N goes on to the next.
import { ApiError, request } from "../api";
import { element, need } from "../dom";
import { t } from "../i18n";
import { refresh } from "../refresh";
import { stream } from "../stream";
import { addShortcuts } from "../shortcuts";

const GATHER_MS = 800;
let busy = false;
let timer: number | undefined;

const panel = document.getElementById("dispatch-case");

function leads(): HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>("#candidates input[name=unit_id]")];
}

function choose(radio: HTMLInputElement | undefined): void {
  if (!radio) return;
  radio.checked = true;
  radio.focus();
  tellWhom();
}

function tellWhom(): void {
  const lead = leads().find((one) => one.checked);
  need("dispatch-whom").textContent = lead?.closest("li")?.querySelector("b")?.textContent ?? "";
  need<HTMLButtonElement>("dispatch-go").disabled = busy || !lead;
  for (const box of document.querySelectorAll<HTMLInputElement>("#candidates input[name=assist]")) {
    // Who answers for the case does not help itself.
    box.disabled = box.value === lead?.value;
    if (box.disabled) box.checked = false;
  }
}

/** Put a unit that nobody suggested among the candidates, and choose it. */
function addOther(name: string): boolean {
  const option = [...document.querySelectorAll<HTMLOptionElement>("#unit-names option")].find(
    (one) => one.value === name,
  );
  const id = option?.dataset.id;
  if (!id) return false;
  let radio = leads().find((one) => one.value === id);
  if (!radio) {
    radio = element("input", { type: "radio", name: "unit_id", value: id });
    const assist = element("input", { type: "checkbox", name: "assist", value: id });
    need("candidates").append(
      element(
        "li",
        {},
        element("label", { class: "lead" }, radio, element("kbd", {}, String(leads().length + 1)), " ", element("b", {}, name)),
        element("ul", { class: "evidence" }, element("li", {}, t("dispatch.by_hand"))),
        element("label", { class: "check assist" }, assist, t("dispatch.assists")),
      ),
    );
    document.getElementById("no-suggestion")?.remove();
  }
  choose(radio);
  return true;
}

async function give(): Promise<void> {
  const lead = leads().find((one) => one.checked);
  if (!panel || !lead || busy) return;
  const helping = document.querySelectorAll<HTMLInputElement>("#candidates input[name=assist]:checked");
  setBusy(true);
  try {
    await request("POST", `/api/dispatch/${encodeURIComponent(panel.dataset.case ?? "")}`, {
      version: Number(panel.dataset.version),
      unit_id: lead.value,
      assist: [...helping].map((one) => one.value),
      why: need<HTMLInputElement>("f-why").value.trim(),
    });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    setBusy(false);
    need("dispatch-problem").textContent = error.fields.unit ?? error.fields.assist ?? error.message;
    return;
  }
  const next = panel.dataset.following;
  location.assign(next ? `/dispatch?case=${encodeURIComponent(next)}` : "/dispatch");
}

function setBusy(value: boolean): void {
  busy = value;
  need("dispatch-problem").textContent = "";
  tellWhom();
}

function choose1to9({ code }: KeyboardEvent): boolean {
  choose(leads()[Number(code.slice(-1)) - 1]);
  return true;
}

function giveByKey({ target }: KeyboardEvent): boolean {
  if (target instanceof Element && target.closest("a, button, summary, tr[data-href]")) return false;
  void give();
  return true;
}

if (panel) {
  const other = need<HTMLInputElement>("f-other");
  other.addEventListener("input", () => {
    if (addOther(other.value)) other.value = "";
  });
  need("dispatch-form").addEventListener("submit", (event) => {
    event.preventDefault();
    // Enter while a unit's name is being typed is meant for the name.
    if (document.activeElement !== other) void give();
  });
  need("dispatch-form").addEventListener("change", tellWhom);
  const next = () => document.getElementById("following");
  addShortcuts("keys.here", [
    { keys: "1–9", says: "keys.dispatch.choose", act: choose1to9 },
    { keys: "/", says: "keys.dispatch.other", act: () => need("f-other").focus() },
    { keys: "Enter", says: "keys.dispatch.give", act: giveByKey },
    { keys: "N", says: "keys.case.next", when: () => next() !== null, act: () => next()?.click() },
  ]);
  tellWhom();
}

stream.on<{ list: string }>("worklist", ({ list }) => {
  if (list !== "cases") return;
  clearTimeout(timer);
  timer = window.setTimeout(() => void refresh("dispatch-queue"), GATHER_MS);
});
