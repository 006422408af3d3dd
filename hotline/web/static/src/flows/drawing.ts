// The drawing of a flow: zoomed, and one with the text. A node's group is #node-<name>.

const STEP = 1.25;
const LEAST = 0.1;
const MOST = 4;
const MARKS = `
  svg { display: block; margin: 8px auto; }
  .node { cursor: pointer; }
  .node.here > :first-child { stroke: var(--accent); stroke-width: 3; }
  .node.added > :first-child { stroke: var(--ok); stroke-width: 3; }
  .node.changed > :first-child { stroke: var(--warn); stroke-width: 3; stroke-dasharray: 6 3; }
`;

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

  show(text: string, changes: { added: string[]; changed: string[] } | null): void {
    const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
    const drawn = parsed.documentElement;
    const styles = [...drawn.querySelectorAll("style")];
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles.map((style) => style.textContent).join("\n") + MARKS);
    for (const style of styles) style.remove();
    this.svg = document.importNode(drawn, true) as unknown as SVGSVGElement;
    const { width, height } = this.svg.viewBox.baseVal;
    this.size = { width: width || 1, height: height || 1 };
    this.root.adoptedStyleSheets = [sheet];
    this.root.replaceChildren(this.svg);
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
