// The wall: what is overdue and soon will be, renewed by what happens and at least each quarter minute.
import { request } from "../api";
import { element, embedded, need } from "../dom";
import { t } from "../i18n";
import { stream } from "../stream";
import { duration, now, timeOfDay } from "../time";

interface WallCase {
  number: string;
  what: string;
  where: string;
  unit: string;
  state: string;
  due: number | null;
  pressure: "overdue" | "soon" | "in_time" | "none";
  supervision: number;
  urgings: number;
}

interface Wall {
  at: number;
  open: number;
  overdue: number;
  soon: number;
  units: { unit_id: string; name: string; cases: number; overdue: number; soon: number }[];
  latest: WallCase[];
  supervised: WallCase[];
}

const RENEW_MS = 15_000;
const GATHER_MS = 2000;
const MOST_UNITS = 16;
const SHAPES = { overdue: "▲", soon: "◆", in_time: "○", none: "" };

let wall = embedded<Wall>("wall-data");
let timer: number | undefined;

function late(due: number | null): string {
  if (due === null) return t("due.none");
  const seconds = now() - due;
  const days = Math.floor(Math.abs(seconds) / 86_400);
  const hours = Math.floor((Math.abs(seconds) % 86_400) / 3600);
  const long = days ? t("wall.days", { days, hours }) : duration(Math.abs(seconds));
  return seconds >= 0 ? t("wall.late", { long }) : t("wall.left", { long });
}

function line(one: WallCase): HTMLElement {
  const marks = [
    one.supervision ? t("wall.supervision", { level: one.supervision }) : "",
    one.urgings ? t("wall.urgings", { count: one.urgings }) : "",
  ].filter(Boolean);
  return element(
    "li",
    { class: one.pressure },
    element("span", { class: "late" }, `${SHAPES[one.pressure]} `, element("time", { "data-due": one.due ?? "" }, late(one.due))),
    element("a", { href: `/cases/${one.number}` }, one.what || one.number),
    element("span", { class: "where" }, [one.where, one.unit, one.state, ...marks].filter(Boolean).join(" · ")),
  );
}

function unit(one: Wall["units"][number]): HTMLElement {
  return element(
    "li",
    {},
    element("a", { href: `/cases?unit_id=${encodeURIComponent(one.unit_id)}&overdue=1&sort=due` }, one.name),
    element("b", { class: one.overdue ? "overdue" : "" }, `▲ ${one.overdue}`),
    element("b", { class: one.soon ? "soon" : "" }, `◆ ${one.soon}`),
    element("span", {}, String(one.cases)),
  );
}

function show(): void {
  need("wall-overdue").textContent = wall.overdue.toLocaleString("en");
  need("wall-soon").textContent = wall.soon.toLocaleString("en");
  need("wall-open").textContent = wall.open.toLocaleString("en");
  need("wall-at").textContent = t("wall.at", { time: timeOfDay(wall.at) });
  const none = element("li", { class: "muted" }, t("wall.none"));
  const fill = (id: string, items: HTMLElement[]) => need(id).replaceChildren(...(items.length ? items : [none.cloneNode(true)]));
  fill("wall-units", wall.units.slice(0, MOST_UNITS).map(unit));
  fill("wall-latest", wall.latest.map(line));
  fill("wall-supervised", wall.supervised.map(line));
}

function tick(): void {
  need("wall-clock").textContent = timeOfDay(now());
  for (const time of document.querySelectorAll<HTMLElement>("time[data-due]")) {
    const due = time.dataset.due;
    time.textContent = late(due ? Number(due) : null);
  }
}

async function renew(): Promise<void> {
  timer = undefined;
  wall = await request<Wall>("GET", "/api/wall");
  show();
}

show();
tick();
setInterval(tick, 1000);
setInterval(() => void renew(), RENEW_MS);
stream.on("worklist", () => {
  timer ??= window.setTimeout(() => void renew(), GATHER_MS);
});
