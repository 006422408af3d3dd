// Cases that the form being typed may be about, beside it.
import { request } from "../api";
import { element } from "../dom";
import { t } from "../i18n";

interface Similar {
  case_number: string;
  state_name: string;
  category_name: string;
  address: string;
  description: string;
  why: string;
  evidence: { score: number };
}

interface Typed {
  category: string;
  address: string;
  description: string;
}

const PAUSE_MS = 700;

/** Look for similar cases after each pause in the typing, and show them in `place`. */
export function watchSimilar(form: HTMLElement, place: HTMLElement, read: () => Typed): void {
  let timer = 0;
  let asked = "";
  const look = async (): Promise<void> => {
    const { category, address, description } = read();
    const query = new URLSearchParams({
      category,
      address: address.slice(0, 500),
      description: description.slice(0, 2000),
    }).toString();
    if (query === asked) return;
    asked = query;
    const enough = address.trim().length > 1 || (category && description.trim().length > 1);
    const path = `/api/cases/similar?${query}`;
    // Without an answer the list stays empty: it only helps.
    const found = enough ? await request<Similar[]>("GET", path).catch(() => []) : [];
    if (query === asked) show(place, found);
  };
  form.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void look(), PAUSE_MS);
  });
}

function show(place: HTMLElement, found: Similar[]): void {
  if (found.length === 0) {
    place.replaceChildren();
    return;
  }
  const items = found.map((one) =>
    element(
      "li",
      {},
      element("b", { class: "score" }, `${one.evidence.score}`),
      " ",
      element("a", { href: `/cases/${one.case_number}`, target: "_blank" }, one.case_number),
      ` ${one.state_name}`,
      element("p", { class: "small" }, [one.category_name, one.address, one.description].join(" ")),
      element("p", { class: "muted small" }, one.why),
    ),
  );
  const list = element("ul", { class: "plain-list" }, ...items);
  place.replaceChildren(element("h3", {}, t("similar.alike")), list);
}
