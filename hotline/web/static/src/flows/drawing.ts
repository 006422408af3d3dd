// The drawing of a flow: zoomed, and one with the text. A node's group is #node-<name>.

const STEP = 1.25;
const LEAST = 0.1;
const MOST = 4;
const MARKS = `
  svg { display: block; margin: 8px auto; }
  .node { cursor: pointer; }
  .flow-drawing .node.added > .shape { stroke: var(--ok); stroke-width: 3; }
  .flow-drawing .node.changed > .shape {
    stroke: var(--warn);
    stroke-width: 3;
    stroke-dasharray: 6 3;
  }
  .flow-drawing .node.here > .shape { stroke: var(--accent); stroke-width: 4; }
`;

interface Drawn {
  svg: SVGSVGElement;
  sheet: CSSStyleSheet;
}

/** Our policy refuses styles in markup, also in what is parsed: a script may set the same ones. */
function parsed(text: string): Drawn {
  const styles: string[] = [];
  const bare = text
    .replace(/<style>([^<]*)<\/style>/g, (_, style: string) => (styles.push(style), ""))
    .replace(/(<[^>]*?) style="/g, '$1 data-style="');
  const drawn = new DOMParser().parseFromString(bare, "image/svg+xml").documentElement;
  const svg = document.importNode(drawn, true) as unknown as SVGSVGElement;
  for (const styled of svg.querySelectorAll<SVGElement>("[data-style]")) {
    for (const [, name, value] of styled.dataset.style!.matchAll(/([\w-]+):\s*([^;]+)/g)) {
      styled.style.setProperty(name!, value!);
    }
  }
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles.join("\n") + MARKS);
  return { svg, sheet };
}

export class Drawing {
  private readonly root: ShadowRoot;
  private svg: SVGSVGElement | null = null;
  private scale = 0;
  private size = { width: 1, height: 1 };
  private here = "";

  /** `chosen` is called with the name of a node that was clicked. */
  constructor(private readonly place: HTMLElement, chosen: (node: string) => void) {
    this.root = place.attachShadow({ mode: "open" });
    place.addEventListener("click", (event) => {
      const node = (event.composedPath()[0] as Element).closest?.("[data-node]");
      if (node instanceof SVGElement && node.dataset.node) chosen(node.dataset.node);
    });
    place.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey) return;
        event.preventDefault();
        this.zoom(event.deltaY < 0 ? "in" : "out");
      },
      { passive: false },
    );
    new ResizeObserver(() => this.scale === 0 && this.fit()).observe(place);
  }

  /** Whether there is one. */
  get drawn(): boolean {
    return this.svg !== null;
  }

  show(text: string, changes: { added: string[]; changed: string[] } | null): void {
    const { svg, sheet } = parsed(text);
    this.svg = svg;
    const { width, height } = svg.viewBox.baseVal;
    this.size = { width: width || 1, height: height || 1 };
    this.root.adoptedStyleSheets = [sheet];
    this.root.replaceChildren(svg);
    for (const kind of ["added", "changed"] as const) {
      for (const node of changes?.[kind] ?? []) this.node(node)?.classList.add(kind);
    }
    this.apply();
    this.mark(this.here);
  }

  zoom(how: string): void {
    if (how === "fit") this.scale = 0;
    else {
      const factor = how === "in" ? STEP : 1 / STEP;
      this.scale = Math.min(MOST, Math.max(LEAST, this.shownScale() * factor));
    }
    this.apply();
  }

  /** Mark the node that the cursor is in, and bring it into view. */
  mark(name: string, bring = false): void {
    this.node(this.here)?.classList.remove("here");
    this.here = name;
    const node = this.node(name);
    node?.classList.add("here");
    if (bring) node?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  private node(name: string): Element | null {
    return name ? this.root.getElementById(`node-${name}`) : null;
  }

  private shownScale(): number {
    const { clientWidth } = this.place;
    return this.scale || Math.min(1, Math.max(LEAST, (clientWidth - 16) / this.size.width));
  }

  private fit(): void {
    this.apply();
  }

  private apply(): void {
    if (!this.svg) return;
    const scale = this.shownScale();
    this.svg.setAttribute("width", String(Math.round(this.size.width * scale)));
    this.svg.setAttribute("height", String(Math.round(this.size.height * scale)));
  }
}
