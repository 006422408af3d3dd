// Where it is, on a small map that our own server draws of the city's places. A click, or the arrow
// keys, move the point; the address that is looked up moves it as long as nobody has.
import { request } from "../api";
import { need } from "../dom";
import { t } from "../i18n";

interface Drawn {
  kind: string;
  path: string;
  name: string;
  x: number;
  y: number;
}

interface SmallMap {
  drawn: Drawn[];
  width: number;
  height: number;
  longitude: number;
  latitude: number;
  reach_m: number;
  line: string;
  outside: boolean;
}

const SVG = "http://www.w3.org/2000/svg";
const METRES_A_DEGREE = 111_320;
const NEAREST_M = 100;
const FARTHEST_M = 6400;
const STEP = 0.05;
// Degrees: a tenth of a metre, by which a number may be rounded.
const NOTHING = 1e-6;
const PAUSE_MS = 200;

function part(tag: string, attributes: Record<string, string | number>, text = ""): SVGElement {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, `${value}`);
  made.textContent = text;
  return made;
}

export class PointField {
  private readonly picture = need<SVGSVGElement & HTMLElement>("point-map");
  private readonly said = need("point-said");
  private readonly fold = need<HTMLDetailsElement>("point-fold");
  private map: SmallMap | null = null;
  private reach = 400;
  private asked = "";
  private timer = 0;
  /** The point that the address gave: nobody set it by hand. */
  private given = "";

  constructor(private readonly input: HTMLInputElement) {
    this.picture.addEventListener("click", (event) => this.clicked(event));
    this.picture.addEventListener("keydown", (event) => this.keyed(event));
    this.fold.addEventListener("toggle", () => this.draw());
    need("point-none").addEventListener("click", () => this.put(""));
  }

  /** An address was looked up; null: it is not certain any more. A point set by hand stays. */
  found(point: { longitude: number; latitude: number } | null): void {
    const { value } = this.input;
    const next = point ? `${point.longitude},${point.latitude}` : "";
    if ((value !== "" && value !== this.given) || value === next) return;
    this.given = next;
    this.put(next);
  }

  /** Another form stands here; `spot` is where its address is, whose point nobody set by hand. */
  begin(spot: { longitude: number; latitude: number } | null): void {
    const [lon = "", lat = ""] = this.input.value.split(",");
    const near = (one: string, other: number) => one !== "" && Math.abs(Number(one) - other) < NOTHING;
    this.given = spot && near(lon, spot.longitude) && near(lat, spot.latitude) ? this.input.value : "";
  }

  /** By key: the map with the focus on it. */
  focus(): void {
    this.fold.open = true;
    this.draw();
    this.picture.focus();
  }

  /** Draw what the field says, when somebody can see it. */
  draw(): void {
    if (!this.fold.open) return;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(), PAUSE_MS);
  }

  private put(point: string): void {
    this.input.value = point;
    this.input.dispatchEvent(new Event("input", { bubbles: true }));
    this.draw();
  }

  private async ask(): Promise<void> {
    const [lon = "", lat = ""] = this.input.value.split(",");
    const query = new URLSearchParams({ reach: `${this.reach}` });
    if (lon && lat) {
      query.set("lon", lon);
      query.set("lat", lat);
    }
    const asked = query.toString();
    if (asked === this.asked && this.map) return;
    this.asked = asked;
    // Without an answer the picture stays: the form can be filled in without it.
    const map = await request<SmallMap | null>("GET", `/api/places/map?${asked}`).catch(() => null);
    if (asked !== this.asked || !map) return;
    this.map = map;
    this.show(map);
  }

  private show(map: SmallMap): void {
    const known = this.input.value !== "";
    this.picture.setAttribute("viewBox", `0 0 ${map.width} ${map.height}`);
    const drawn = map.drawn.map((one) =>
      one.path
        ? part("path", { class: one.kind, d: one.path })
        : part("text", { x: one.x, y: one.y }, one.kind === "landmark" ? `• ${one.name}` : one.name),
    );
    const middle = { cx: map.width / 2, cy: map.height / 2, r: 6, class: "here" };
    this.picture.replaceChildren(...drawn, ...(known ? [part("circle", middle)] : []));
    const where = map.outside ? t("desk.point_outside") : map.line;
    this.said.textContent = known ? where : t("desk.point_none");
    need("point-none").hidden = !known;
  }

  private clicked(event: MouseEvent): void {
    const box = this.picture.getBoundingClientRect();
    this.move((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  }

  /** To a place of the picture, as shares of its width and height from the upper left. */
  private move(x: number, y: number): void {
    const { map } = this;
    if (!map) return;
    const metres = (2 * map.reach_m) / map.width;
    const east = (x - 0.5) * map.width * metres;
    const north = (0.5 - y) * map.height * metres;
    const narrowing = Math.cos((map.latitude * Math.PI) / 180);
    const longitude = map.longitude + east / METRES_A_DEGREE / narrowing;
    const latitude = map.latitude + north / METRES_A_DEGREE;
    this.put(`${longitude.toFixed(6)},${latitude.toFixed(6)}`);
  }

  private keyed(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const wider = { "+": 0.5, "=": 0.5, "-": 2 }[event.key];
    if (step) this.move(0.5 + (step[0] ?? 0) * STEP, 0.5 + (step[1] ?? 0) * STEP);
    else if (wider) {
      this.reach = Math.min(FARTHEST_M, Math.max(NEAREST_M, this.reach * wider));
      this.draw();
    } else if (event.key === "Delete") this.put("");
    else return;
    event.preventDefault();
  }
}
