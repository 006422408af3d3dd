// A citizen's number or name is masked until somebody says why they need it; the server writes it down.
import { ApiError, request } from "./api";
import { drawn, element } from "./dom";
import { t, type Key } from "./i18n";
import { addShortcuts } from "./shortcuts";
import { showBar, hideBar } from "./connection";

const SHOWN_MS = 60_000;
const REASONS = ["check", "call_back", "dispatch"] as const;

async function reveal(phone: HTMLElement, reason: (typeof REASONS)[number]): Promise<void> {
  const masked = phone.querySelector<HTMLElement>(".masked");
  const button = phone.querySelector<HTMLElement>("button");
  if (!masked || !button) return;
  try {
    const subject = phone.dataset.reveal;
    const { shown } = await request<{ shown: string }>("POST", "/api/reveal", { subject, reason });
    const before = masked.textContent;
    masked.textContent = shown;
    button.hidden = true;
    setTimeout(() => {
      masked.textContent = before;
      button.hidden = false;
    }, SHOWN_MS);
    hideBar("reveal");
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    showBar("reveal", "danger", error.message);
  }
}

function ask(phone: HTMLElement): void {
  const { activeElement: before } = document;
  const back = () => before instanceof HTMLElement && before.focus();
  const choices = REASONS.map((reason) => {
    const text = t(`reveal.reason.${reason}` as Key);
    const button = element("button", { type: "button" }, text);
    button.addEventListener("click", () => {
      list.remove();
      back();
      void reveal(phone, reason);
    });
    return button;
  });
  const list = element("span", { class: "reasons", role: "group" }, ...choices);
  list.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    list.remove();
    back();
  });
  // Fixed, since tables and panels cut off what hangs out of them.
  const { left, bottom } = phone.getBoundingClientRect();
  list.style.left = `${left}px`;
  list.style.top = `${bottom + 2}px`;
  phone.append(list);
  choices[0]?.focus();
}

/** By key: of the row with the keyboard, else the first there is. */
function numbers(): HTMLElement[] {
  const row = document.activeElement?.closest("tr") ?? document;
  const all = [...row.querySelectorAll<HTMLElement>("[data-reveal]")];
  return all.filter((phone) => drawn(phone.querySelector("button")));
}

export function startReveal(): void {
  addShortcuts("keys.everywhere", [
    {
      keys: "Alt+Shift+N",
      says: "reveal.show",
      when: () => numbers().length > 0,
      act: () => ask(numbers()[0]!),
    },
  ]);
  document.addEventListener("click", (event) => {
    const target = event.target as HTMLElement;
    const phone = target.closest<HTMLElement>("[data-reveal]");
    for (const list of document.querySelectorAll(".phone .reasons")) {
      if (!list.contains(target)) list.remove();
    }
    if (phone && target.closest("button")?.parentElement === phone) ask(phone);
  });
}
