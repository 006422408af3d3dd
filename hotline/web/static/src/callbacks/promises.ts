// Promised calls above the worklist: called, kept in another way, or withdrawn with the reason.
import { ApiError, request } from "../api";
import { refresh } from "../refresh";
import { addShortcuts } from "../shortcuts";
import { stream } from "../stream";

interface News {
  list: string;
}

const GATHER_MS = 150;
let timer: number | undefined;

/** `call` rings whom a promise is to; how it goes on is told where calls that are placed are. */
export function startPromises(call: (about: object) => Promise<void>): void {
  const dial = (item: HTMLElement) => void call({ promise_id: Number(item.dataset.promise) });
  document.addEventListener("click", ({ target }) => {
    const hit = target as HTMLElement;
    const item = hit.closest<HTMLElement>("#promises li[data-promise]");
    if (!item) return;
    if (hit.closest("[data-promise-dial]")) dial(item);
    else if (hit.closest("[data-promise-kept]")) void end(item, "kept", "");
    else if (hit.closest("[data-promise-withdraw]")) askWhy(item);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const item = form.closest<HTMLElement>("#promises li[data-promise]");
    if (!item) return;
    event.preventDefault();
    void end(item, "withdrawn", form.querySelector("input")?.value ?? "");
  });
  const first = () => document.querySelector<HTMLElement>("#promises li[data-promise]");
  addShortcuts("keys.here", [
    {
      keys: "Alt+P",
      says: "keys.callbacks.promise",
      when: () => first() !== null,
      act: () => dial(first()!),
    },
  ]);
  stream.on<News>("worklist", ({ list }) => {
    if (list !== "promises" && list !== "outbound") return;
    clearTimeout(timer);
    timer = window.setTimeout(() => void refresh("promises"), GATHER_MS);
  });
}

function askWhy(item: HTMLElement): void {
  const form = item.querySelector("form");
  if (!form) return;
  form.hidden = !form.hidden;
  item.querySelector("[data-promise-withdraw]")?.setAttribute("aria-expanded", String(!form.hidden));
  if (!form.hidden) form.querySelector("input")?.focus();
}

async function end(item: HTMLElement, outcome: string, why: string): Promise<void> {
  if (await send(`/api/promises/${item.dataset.promise}/end`, { outcome, why })) await refresh("promises");
}

async function send(path: string, body: object): Promise<boolean> {
  const place = document.getElementById("promises-problem");
  try {
    await request("POST", path, body);
    if (place) place.textContent = "";
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (place) place.textContent = error.fields.why ?? error.message;
    return false;
  }
}
