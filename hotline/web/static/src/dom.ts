// Small helpers on the DOM. Text goes in as text, never as markup.

type Attributes = Record<string, string | number | boolean | undefined>;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== undefined) made.setAttribute(name, String(value));
  }
  made.append(...children);
  return made;
}

/** An element that the template promises; an error names it when it is not there. */
export function need<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found as T;
}

export function shape(name: string): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "shape");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#shape-${name}`);
  svg.append(use);
  return svg;
}

/** Whether the keyboard belongs to something that is being typed in. */
export function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target instanceof HTMLTextAreaElement ||
      target instanceof HTMLSelectElement ||
      (target instanceof HTMLInputElement && !["checkbox", "radio"].includes(target.type)))
  );
}

/** What was typed as it is looked up: letters of full width, spaces and the strokes that input
 * methods put between syllables make no difference. */
export function asLookedUp(typed: string): string {
  return typed.normalize("NFKC").replace(/[\s'’]/g, "").toLowerCase();
}

/** Whether Enter and Escape mean what has the keyboard: a link, a button, a menu's head. */
export function takesEnter(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("a, button, summary") !== null;
}

/** Whether it can be seen, as far as it is drawn at all. */
export function drawn(one: Element | null): boolean {
  return one !== null && one.getClientRects().length > 0;
}

/** Whether the key belongs to an input method that puts a word together: some browsers say so by
 * the old code alone, and for the key that ends it only so. */
export function composing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** Data that the template put into a <script type="application/json">. */
export function embedded<T>(id: string): T {
  return JSON.parse(need(id).textContent ?? "null") as T;
}
