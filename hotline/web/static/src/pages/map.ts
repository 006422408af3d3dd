// The map of open cases: streets from afar, unit grids from near; the same as a table by T.
import { request } from "../api";
import { boxed, CityCanvas, type Area } from "../city/canvas";
import { bounds, legend, stepOf, sum, valueOf, type Colour, type Count } from "../city/shades";
import { colour as ink } from "../charts";
import { startClass } from "../cases/class_filter";
import { element, need } from "../dom";
import { t } from "../i18n";
import { stream } from "../stream";
import { duration, now } from "../time";
import { addShortcuts } from "../shortcuts";

interface Grid extends Count {
  grid: string;
  street: string;
}

interface Open {
  total: number;
  overdue: number;
  located: number;
  grids: Grid[];
}

const NEAR = 3;
const GATHER_MS = 5000;
const MOST_ROWS = 300;

const form = need<HTMLFormElement>("map-filters");
const canvas = new CityCanvas(need<HTMLCanvasElement>("map"), () => ({
  line: ink("line-strong"),
  strong: ink("muted"),
  text: ink("text"),
  panel: ink("panel"),
}));
let streets: Area[] = [];
let grids: Area[] | undefined;
let loading = false;
let open: Open = { total: 0, overdue: 0, located: 0, grids: [] };
let byGrid = new Map<string, Count>();
let byStreet = new Map<string, Count>();
let timer: number | undefined;
startClass();

function filters(): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (value && name !== "colour") query.set(name, String(value));
  }
  return query;
}

function wanted(): Colour {
  return (form.elements.namedItem("colour") as HTMLSelectElement).value as Colour;
}

function near(): boolean {
  return canvas.zoom >= NEAR && grids !== undefined;
}

function counts(): Map<string, Count> {
  return near() ? byGrid : byStreet;
}

function draw(): void {
  const colour = wanted();
  const shown = counts();
  const limits = bounds([...shown.values()].map((count) => valueOf(count, colour)));
  const ramp = colour === "cases" ? "shade" : "heat";
  const fill = ({ id }: Area): string | undefined => {
    const step = stepOf(shown.get(id), colour, limits);
    return step ? ink(`${ramp}-${step}`) : undefined;
  };
  const told = ({ id, name }: Area): string => `${name} ${shown.get(id)?.cases ?? ""}`;
  if (near()) canvas.show([{ areas: grids!, fill }, { areas: streets, fill: () => undefined }]);
  else canvas.show([{ areas: streets, fill, label: told }]);
  const items = legend(colour, limits).map(([step, text]) => {
    const space = "http://www.w3.org/2000/svg";
    const swatch = document.createElementNS(space, "svg");
    swatch.setAttribute("class", `swatch ${ramp}-${step}`);
    swatch.append(document.createElementNS(space, "rect"));
    return element("li", {}, swatch, text);
  });
  need("map-legend").replaceChildren(element("li", { class: "muted" }, t(`map.colour.${colour}`)), ...items);
}

function total(): void {
  const hidden = open.total - open.located;
  const parts = [t("map.total", { total: open.total, overdue: open.overdue })];
  if (hidden > 0) parts.push(t("map.unlocated", { count: hidden }));
  need("map-total").textContent = parts.join(" ");
}

function rows(): void {
  const names = new Map((near() ? grids! : streets).map((area) => [area.id, area.name]));
  const sorted = [...counts()].sort(([, one], [, other]) => other.overdue - one.overdue || other.cases - one.cases);
  const made = sorted.slice(0, MOST_ROWS).map(([id, count]) =>
    element(
      "tr",
      { "data-href": listOf(id) },
      element("td", {}, element("a", { href: listOf(id), tabindex: -1 }, names.get(id) ?? id)),
      ...[count.cases, count.overdue, ...count.ages].map((value) => element("td", { class: "number" }, String(value))),
      element("td", {}, age(now() - count.oldest)),
    ),
  );
  need("map-rows").replaceChildren(...made);
}

function age(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  return days ? t("map.days", { days }) : duration(seconds);
}

function listOf(id: string): string {
  const query = filters();
  query.set(near() ? "grid" : "street", id);
  query.set("open", "1");
  query.set("sort", "due");
  return `/cases?${query}`;
}

async function load(): Promise<void> {
  open = await request<Open>("GET", `/api/map/open?${filters()}`);
  byGrid = new Map(open.grids.filter(({ grid }) => grid).map((count) => [count.grid, count]));
  const groups = new Map<string, Count[]>();
  for (const count of open.grids) {
    if (!count.street) continue;
    groups.set(count.street, [...(groups.get(count.street) ?? []), count]);
  }
  byStreet = new Map([...groups].map(([street, some]) => [street, sum(some)!]));
  total();
  draw();
  rows();
}

async function outlines(level: "street" | "grid"): Promise<Area[]> {
  const { areas } = await request<{ areas: Omit<Area, "box">[] }>("GET", `/api/map/areas/${level}`);
  return areas.map(boxed);
}

canvas.onView = () => {
  if (canvas.zoom >= NEAR && !grids && !loading) {
    loading = true;
    void outlines("grid").then((areas) => {
      grids = areas;
      draw();
      rows();
    });
  }
  draw();
  rows();
};
canvas.onChoose = ({ id }) => location.assign(listOf(id));
canvas.onPoint = (area, x, y) => {
  const tip = need("map-tip");
  tip.hidden = area === undefined;
  if (!area) return;
  const count = counts().get(area.id);
  const [day, three, week, older] = count?.ages ?? [0, 0, 0, 0];
  tip.textContent = count
    ? t("map.tip", { name: area.name, cases: count.cases, overdue: count.overdue, day, three, week, older })
    : t("map.tip_none", { name: area.name });
  // Through the object model: the page's own policy refuses inline styles in markup only.
  tip.style.left = `${Math.min(x + 14, need("map-place").clientWidth - tip.offsetWidth - 8)}px`;
  tip.style.top = `${Math.max(4, y - tip.offsetHeight - 8)}px`;
};

function table(): void {
  const shown = need("map-table");
  shown.hidden = !shown.hidden;
  need("map-place").hidden = !shown.hidden;
  if (shown.hidden) canvas.draw();
}

form.addEventListener("input", (event) => {
  if ((event.target as HTMLElement).id === "f-category") return;
  if ((event.target as HTMLSelectElement).name === "colour") draw();
  else void load();
});
form.addEventListener("submit", (event) => event.preventDefault());
addShortcuts("keys.here", [{ keys: "T", says: "keys.table", act: table }]);
for (const button of document.querySelectorAll<HTMLElement>("[data-zoom]")) {
  button.addEventListener("click", () => {
    if (button.dataset.zoom === "whole") canvas.reset();
    else canvas.nearer(button.dataset.zoom === "in" ? 1.6 : 1 / 1.6);
  });
}
new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
stream.on("worklist", () => {
  // A storm of changes is drawn once, not many times a second.
  timer ??= window.setTimeout(() => {
    timer = undefined;
    void load();
  }, GATHER_MS);
});

async function start(): Promise<void> {
  const [areas] = await Promise.all([outlines("street"), load()]);
  streets = areas;
  canvas.extent(streets);
  const empty = need("map-empty");
  empty.hidden = streets.length > 0;
  empty.textContent = t("map.no_places");
  draw();
  rows();
}

void start();
