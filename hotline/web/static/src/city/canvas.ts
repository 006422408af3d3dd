// Areas on a canvas: drawn, moved, brought nearer, and found under the pointer. Eight thousand grids
// are drawn in a few milliseconds, where an element each would take seconds.
import { addShortcuts } from "../shortcuts";

export interface Area {
  id: string;
  name: string;
  street: string;
  rings: number[][];
  /** west, south, east, north */
  box: [number, number, number, number];
}

export interface Layer {
  areas: Area[];
  fill(area: Area): string | undefined;
  label?(area: Area): string;
}

interface Ink {
  line: string;
  strong: string;
  text: string;
  panel: string;
}

const NEAREST = 60;

export function boxed(area: Omit<Area, "box">): Area {
  const box: Area["box"] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of area.rings) {
    for (let at = 0; at < ring.length; at += 2) {
      box[0] = Math.min(box[0], ring[at]!);
      box[1] = Math.min(box[1], ring[at + 1]!);
      box[2] = Math.max(box[2], ring[at]!);
      box[3] = Math.max(box[3], ring[at + 1]!);
    }
  }
  return { ...area, box };
}

export class CityCanvas {
  zoom = 1;
  onView: () => void = () => undefined;
  onPoint: (area: Area | undefined, x: number, y: number) => void = () => undefined;
  onChoose: (area: Area) => void = () => undefined;
  private layers: Layer[] = [];
  private whole: Area["box"] = [0, 0, 1, 1];
  private centre: [number, number] = [0.5, 0.5];
  private frame = 0;
  private grip: { x: number; y: number; moved: boolean } | undefined;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly ink: () => Ink,
  ) {
    new ResizeObserver(() => this.draw()).observe(canvas);
    canvas.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    canvas.addEventListener("pointerdown", (event) => this.onDown(event));
    canvas.addEventListener("pointermove", (event) => this.onMove(event));
    canvas.addEventListener("pointerup", (event) => this.onUp(event));
    canvas.addEventListener("pointerleave", () => this.onPoint(undefined, 0, 0));
    this.watchKeys();
  }

  /** The extent that is shown as the whole. */
  extent(areas: Area[]): void {
    if (areas.length === 0) return;
    this.whole = [
      Math.min(...areas.map(({ box }) => box[0])),
      Math.min(...areas.map(({ box }) => box[1])),
      Math.max(...areas.map(({ box }) => box[2])),
      Math.max(...areas.map(({ box }) => box[3])),
    ];
    this.reset();
  }

  show(layers: Layer[]): void {
    this.layers = layers;
    this.draw();
  }

  reset(): void {
    const [west, south, east, north] = this.whole;
    this.centre = [(west + east) / 2, (south + north) / 2];
    this.zoom = 1;
    this.viewed();
  }

  nearer(factor: number): void {
    this.zoom = Math.min(NEAREST, Math.max(1, this.zoom * factor));
    if (this.zoom === 1) this.reset();
    else this.viewed();
  }

  draw(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.paint());
  }

  private viewed(): void {
    this.onView();
    this.draw();
  }

  /** Pixels for each degree of longitude and latitude. */
  private scale(): [number, number] {
    const [west, south, east, north] = this.whole;
    const squeeze = Math.cos(((south + north) / 2) * (Math.PI / 180));
    const wide = ((east - west) * squeeze) || 1;
    const high = north - south || 1;
    const { clientWidth, clientHeight } = this.canvas;
    const scale = Math.min((clientWidth - 24) / wide, (clientHeight - 24) / high) * this.zoom;
    return [scale * squeeze, scale];
  }

  private paint(): void {
    const { canvas } = this;
    const ratio = devicePixelRatio || 1;
    const width = Math.round(canvas.clientWidth * ratio);
    const height = Math.round(canvas.clientHeight * ratio);
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    const pen = canvas.getContext("2d");
    if (!pen) return;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
    const ink = this.ink();
    const seen = this.seen();
    this.layers.forEach((layer, index) => {
      const shown = layer.areas.filter(({ box }) => meet(box, seen));
      for (const area of shown) this.area(pen, area, layer.fill(area), index ? ink.strong : ink.line, index);
    });
    pen.fillStyle = ink.text;
    pen.strokeStyle = ink.panel;
    pen.lineWidth = 3;
    pen.lineJoin = "round";
    pen.textAlign = "center";
    pen.font = `12px ${getComputedStyle(canvas).fontFamily}`;
    for (const layer of this.layers) {
      if (layer.label) for (const area of layer.areas) this.label(pen, area, layer.label(area));
    }
  }

  private area(pen: CanvasRenderingContext2D, area: Area, fill: string | undefined, line: string, index: number): void {
    pen.beginPath();
    for (const ring of area.rings) {
      for (let at = 0; at < ring.length; at += 2) {
        const [x, y] = this.pixel(ring[at]!, ring[at + 1]!);
        if (at === 0) pen.moveTo(x, y);
        else pen.lineTo(x, y);
      }
      pen.closePath();
    }
    if (fill) {
      pen.fillStyle = fill;
      pen.fill("evenodd");
    }
    pen.lineWidth = index ? 1.2 : 0.4;
    pen.strokeStyle = line;
    pen.stroke();
  }

  private label(pen: CanvasRenderingContext2D, area: Area, text: string): void {
    if (!text) return;
    const [left, bottom] = this.pixel(area.box[0], area.box[1]);
    const [right, top] = this.pixel(area.box[2], area.box[3]);
    if (right - left < pen.measureText(text).width * 0.8) return;
    const at = [text, (left + right) / 2, (top + bottom) / 2 + 4] as const;
    // A rim in the page's colour: the text stands on every shade.
    pen.strokeText(...at);
    pen.fillText(...at);
  }

  private pixel(longitude: number, latitude: number): [number, number] {
    const [wide, high] = this.scale();
    const { clientWidth, clientHeight } = this.canvas;
    return [
      clientWidth / 2 + (longitude - this.centre[0]) * wide,
      clientHeight / 2 - (latitude - this.centre[1]) * high,
    ];
  }

  private place(x: number, y: number): [number, number] {
    const [wide, high] = this.scale();
    const { clientWidth, clientHeight } = this.canvas;
    return [this.centre[0] + (x - clientWidth / 2) / wide, this.centre[1] - (y - clientHeight / 2) / high];
  }

  private seen(): Area["box"] {
    const [west, north] = this.place(0, 0);
    const [east, south] = this.place(this.canvas.clientWidth, this.canvas.clientHeight);
    return [west, south, east, north];
  }

  private at(x: number, y: number): Area | undefined {
    const [longitude, latitude] = this.place(x, y);
    return this.layers[0]?.areas.find(
      ({ box, rings }) =>
        longitude >= box[0] && longitude <= box[2] && latitude >= box[1] && latitude <= box[3] &&
        rings.some((ring) => inside(ring, longitude, latitude)),
    );
  }

  private onWheel(event: WheelEvent): void {
    event.preventDefault();
    const before = this.place(event.offsetX, event.offsetY);
    this.zoom = Math.min(NEAREST, Math.max(1, this.zoom * Math.exp(-event.deltaY / 400)));
    const after = this.place(event.offsetX, event.offsetY);
    this.centre = [this.centre[0] + before[0] - after[0], this.centre[1] + before[1] - after[1]];
    if (this.zoom === 1) this.reset();
    else this.viewed();
  }

  private onDown(event: PointerEvent): void {
    this.grip = { x: event.offsetX, y: event.offsetY, moved: false };
    this.canvas.setPointerCapture(event.pointerId);
  }

  private onMove(event: PointerEvent): void {
    const { grip } = this;
    if (!grip) {
      this.onPoint(this.at(event.offsetX, event.offsetY), event.offsetX, event.offsetY);
      return;
    }
    const [dx, dy] = [event.offsetX - grip.x, event.offsetY - grip.y];
    if (!grip.moved && Math.hypot(dx, dy) < 4) return;
    const [wide, high] = this.scale();
    this.centre = [this.centre[0] - dx / wide, this.centre[1] + dy / high];
    this.grip = { x: event.offsetX, y: event.offsetY, moved: true };
    this.draw();
  }

  private onUp(event: PointerEvent): void {
    const moved = this.grip?.moved;
    this.grip = undefined;
    const area = moved ? undefined : this.at(event.offsetX, event.offsetY);
    if (area) this.onChoose(area);
  }

  private watchKeys(): void {
    const there = (act: () => void) => (event: KeyboardEvent) => {
      if (event.target !== this.canvas) return false;
      act();
      return true;
    };
    const moved = (x: number, y: number) => there(() => this.move(x, y));
    addShortcuts("keys.map", [
      { keys: "←", says: "keys.map.left", repeats: true, act: moved(-80, 0) },
      { keys: "→", says: "keys.map.right", repeats: true, act: moved(80, 0) },
      { keys: "↑", says: "keys.map.up", repeats: true, act: moved(0, 80) },
      { keys: "↓", says: "keys.map.down", repeats: true, act: moved(0, -80) },
      { keys: "+ =", says: "keys.map.nearer", repeats: true, act: there(() => this.nearer(1.6)) },
      { keys: "-", says: "keys.map.further", repeats: true, act: there(() => this.nearer(1 / 1.6)) },
      { keys: "0", says: "keys.map.whole", act: there(() => this.reset()) },
    ]);
  }

  private move(x: number, y: number): void {
    const [wide, high] = this.scale();
    this.centre = [this.centre[0] + x / wide, this.centre[1] + y / high];
    this.draw();
  }
}

function meet(one: Area["box"], other: Area["box"]): boolean {
  return one[0] <= other[2] && one[2] >= other[0] && one[1] <= other[3] && one[3] >= other[1];
}

function inside(ring: number[], x: number, y: number): boolean {
  let found = false;
  for (let at = 0, before = ring.length - 2; at < ring.length; before = at, at += 2) {
    const [ax, ay, bx, by] = [ring[at]!, ring[at + 1]!, ring[before]!, ring[before + 1]!];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) found = !found;
  }
  return found;
}
