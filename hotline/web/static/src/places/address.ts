// The address's field: while one types it offers what may be meant, and says what is certain of it.
// What is chosen is written out in full, so that it is found again when the case is saved.
import { request } from "../api";
import { composing, element, need } from "../dom";
import { t } from "../i18n";

type Whole = "road" | "community" | "street" | "district";

interface Where {
  line: string;
}

interface Candidate {
  name: string;
  address: string;
  precision: string;
  longitude: number;
  latitude: number;
  where: Where;
  doubts: string[];
}

interface Finding {
  certain: boolean;
  candidates: Candidate[];
}

const PAUSE_MS = 200;
// The middle of a whole road or community says nothing about the spot that is meant; a grid's lies in
// the grid that was named.
const SPOTS = ["number", "crossing", "landmark", "unit_grid"];

function isSpot(one: Candidate): boolean {
  return SPOTS.includes(one.precision) && one.doubts.length === 0;
}

/** Why it is not yet a spot, in words; empty when it is one. */
function doubtOf(one: Candidate): string {
  return isSpot(one) ? "" : one.doubts.join(" · ") || t(`places.whole.${one.precision as Whole}`);
}

export class AddressField {
  private shown: Candidate[] = [];
  private at = -1;
  private timer = 0;
  private asked = 0;
  private readonly input = need<HTMLInputElement>("f-address");
  private readonly list = element("ul", { id: "address-list", role: "listbox", hidden: "" });
  private readonly found = element("span", { class: "address-found", role: "status" });

  /** `located` is given the point of an address that is certain, or that was chosen. */
  constructor(private readonly located: (point: Candidate | null) => void = () => undefined) {
    const combo = element("div", { class: "combo" });
    this.input.replaceWith(combo);
    combo.append(this.input, this.list);
    combo.after(this.found);
    this.input.setAttribute("role", "combobox");
    this.input.setAttribute("aria-autocomplete", "list");
    this.input.setAttribute("aria-controls", "address-list");
    this.input.setAttribute("aria-expanded", "false");
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.keyed(event));
    this.input.addEventListener("blur", () => this.close());
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const item = (event.target as HTMLElement).closest<HTMLElement>("li");
      if (item) this.choose(Number(item.dataset.index));
    });
  }

  /** Another form's address stands here. */
  reset(): void {
    window.clearTimeout(this.timer);
    this.asked += 1;
    this.found.textContent = "";
    this.close();
  }

  /** Where an address certainly is; null for unknown, or without an answer. */
  async spotOf(address: string): Promise<Candidate | null> {
    const query = new URLSearchParams({ q: address.slice(0, 200) });
    const finding = await request<Finding>("GET", `/api/places/search?${query}`).catch(() => null);
    const first = finding?.certain ? finding.candidates[0] : undefined;
    return first && isSpot(first) ? first : null;
  }

  private typed(): void {
    window.clearTimeout(this.timer);
    this.found.textContent = "";
    // Whoever saves before the answer must not save where the former address was.
    this.located(null);
    if (this.input.value.trim().length < 2) return this.close();
    this.timer = window.setTimeout(() => void this.ask(), PAUSE_MS);
  }

  private async ask(): Promise<void> {
    const number = ++this.asked;
    const typed = this.input.value;
    const query = new URLSearchParams({ q: typed.slice(0, 200) });
    // Without an answer the address is simply what was typed.
    const finding = await request<Finding>("GET", `/api/places/search?${query}`).catch(() => null);
    if (!finding || number !== this.asked || this.input.value !== typed) return;
    const certain = finding.certain ? finding.candidates[0] : undefined;
    this.tell(certain);
    this.located(certain && isSpot(certain) ? certain : null);
    // Whoever went on to the next field has no list in the way.
    if (document.activeElement !== this.input) return;
    this.shown = finding.candidates;
    this.at = -1;
    this.show();
  }

  private keyed(event: KeyboardEvent): void {
    if (composing(event) || this.list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      this.at = (this.at + step + this.shown.length) % this.shown.length;
      this.show();
    } else if (event.key === "Enter" && this.at >= 0 && !event.ctrlKey) {
      event.preventDefault();
      this.choose(this.at);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      this.close();
    }
  }

  private choose(index: number): void {
    const one = this.shown[index];
    if (!one) return;
    this.asked += 1;
    this.input.value = one.address;
    this.close();
    this.input.dispatchEvent(new Event("input", { bubbles: true }));
    window.clearTimeout(this.timer);
    this.tell(one);
    this.located(isSpot(one) ? one : null);
    if (!isSpot(one)) void this.confirm(one.address);
  }

  /** What was doubtful while half of it was typed may be certain now that all of it stands there. */
  private async confirm(address: string): Promise<void> {
    const number = ++this.asked;
    const query = new URLSearchParams({ q: address.slice(0, 200) });
    const finding = await request<Finding>("GET", `/api/places/search?${query}`).catch(() => null);
    const first = finding?.candidates[0];
    if (!first || number !== this.asked || this.input.value !== address) return;
    this.tell(first);
    if (finding.certain && isSpot(first)) this.located(first);
  }

  private tell(one: Candidate | undefined): void {
    this.found.textContent = one ? doubtOf(one) || one.where.line : "";
    this.found.classList.toggle("certain", one !== undefined && isSpot(one));
  }

  private show(): void {
    this.list.replaceChildren(
      ...this.shown.map((one, index) =>
        element(
          "li",
          { role: "option", "data-index": `${index}`, "aria-selected": `${index === this.at}` },
          element("b", {}, one.address),
          " ",
          element("span", { class: "muted" }, isSpot(one) ? t("places.certain") : doubtOf(one)),
        ),
      ),
    );
    this.list.hidden = this.shown.length === 0;
    this.input.setAttribute("aria-expanded", `${!this.list.hidden}`);
  }

  private close(): void {
    this.shown = [];
    this.show();
  }
}
