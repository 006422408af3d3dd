// A lost connection is a quiet bar at the top: since when, and what still works.
import { drawn, element, need, shape } from "./dom";
import { t, tLoose } from "./i18n";
import { addShortcuts } from "./shortcuts";
import { stream, type StreamState } from "./stream";
import { now, timeOfDay } from "./time";

const NOTICE_MS = 20_000;

interface Notice {
  level: "info" | "warning";
  key: string;
  at: number;
  case_number?: string;
  clock?: string;
}

/** Show a bar until it is replaced or removed by the same name. */
export function showBar(name: string, kind: string, text: string, ...actions: Node[]): HTMLElement {
  hideBar(name);
  const end = element("span", { class: "end" }, ...actions);
  const sign = kind === "info" ? [] : [shape("warning")];
  const bar = element("div", { class: `bar ${kind}`, "data-bar": name }, ...sign, text, end);
  need("bars").append(bar);
  return bar;
}

export function hideBar(name: string): void {
  document.querySelector(`#bars [data-bar="${name}"]`)?.remove();
}

function closeButton(name: string): HTMLButtonElement {
  const button = element("button", { type: "button", class: "quiet", "data-dismiss": true }, t("base.close"));
  button.addEventListener("click", () => hideBar(name));
  return button;
}

function caseLink(number: string): HTMLAnchorElement {
  const own = document.body.dataset.page?.startsWith("/unit") ? "/unit/cases" : "/cases";
  return element("a", { href: `${own}/${number}` }, t("notice.open_case"));
}

/** What a page says of its own while the server cannot be reached: what works, what to do. */
let ownWords: () => string = () => "";

export function whileLost(words: () => string): void {
  ownWords = words;
}

/** Say anew what is true while the server cannot be reached. */
export function tellLost(): void {
  if (stream.state !== "lost") return;
  const text = t("connection.lost_since", { time: timeOfDay(stream.lostAt ?? now()) });
  const words = `${text}${ownWords()}`;
  const bar = document.querySelector<HTMLElement>('#bars [data-bar="connection"]');
  if (bar?.dataset.says === words) return;
  showBar("connection", "", words).dataset.says = words;
}

const LIGHTS = { waiting: "", open: "ok", late: "warn", lost: "warn", logged_out: "danger" };

function showState(state: StreamState): void {
  const light = need("connection");
  light.dataset.state = state;
  light.className = `light ${LIGHTS[state]}`;
  light.title = t(`connection.${state}`);
  if (state === "open") hideBar("connection");
  else if (state === "late") showBar("connection", "", t("connection.late_since", { time: timeOfDay(now()) }));
  else if (state === "lost") {
    hideBar("connection");
    tellLost();
  } else if (state === "logged_out") {
    const here = location.pathname + location.search;
    const link = element("a", { href: `/login?next=${encodeURIComponent(here)}` }, t("login.go"));
    showBar("connection", "danger", t("connection.logged_out"), link);
  }
}

/** Close what was read: the first that can be closed and is to be seen. */
function dismiss(): void {
  const buttons = [...document.querySelectorAll<HTMLElement>("[data-dismiss]")];
  buttons.find(drawn)?.click();
}

export function startConnection(): void {
  addShortcuts("keys.everywhere", [{ keys: "Alt+Shift+D", says: "keys.dismiss", act: dismiss }]);
  stream.onState(showState);
  stream.on<Notice>("notice", ({ level, key, at, case_number: number = "", clock }) => {
    const name = key.startsWith("notice.pbx") ? "pbx" : key;
    const kind = level === "info" ? "info" : "";
    const words = tLoose(key, { case_number: number, clock: clock ? tLoose(`clock.${clock}`) : "" });
    const actions = number ? [caseLink(number), closeButton(name)] : [closeButton(name)];
    showBar(name, kind, `${timeOfDay(at)} ${words}`, ...actions);
    if (level === "info") setTimeout(() => hideBar(name), NOTICE_MS);
  });
}
