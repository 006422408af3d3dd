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

/** How a form says that one of them is the same matter; the case's page has its own way. */
export interface SameMatter {
  /** The case that it is, empty for none. */
  get(): string;
  set(caseNumber: string): void;
}

/** Look for similar cases after each pause in the typing, and show them in `place`. Gives what to
 * call when the form says another matter. */
export function watchSimilar(
  form: HTMLElement,
  place: HTMLElement,
  read: () => Typed,
  same?: SameMatter,
): () => void {
  let found: Similar[] = [];
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
    const answer = enough ? await request<Similar[]>("GET", path).catch(() => []) : [];
    if (query !== asked) return;
    // A case that the form was saved as is not like itself.
    found = answer.filter(({ case_number }) => case_number !== place.dataset.own);
    show(place, found, same);
  };
  place.addEventListener("click", ({ target }) => {
    const button = (target as HTMLElement).closest<HTMLElement>("[data-same]");
    if (!button || !same) return;
    const number = button.dataset.same ?? "";
    same.set(same.get() === number ? "" : number);
    show(place, found, same);
  });
  form.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void look(), PAUSE_MS);
  });
  return () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void look(), PAUSE_MS);
    found = found.filter((one) => one.case_number === same?.get());
    show(place, found, same);
  };
}

/** The button of a case: pressed when the form says that it is the same. By key it is the first. */
function sameButton(one: Similar, first: boolean, same: SameMatter): HTMLElement {
  const pressed = same.get() === one.case_number;
  return element(
    "button",
    { type: "button", "data-same": one.case_number, "aria-pressed": `${pressed}` },
    t(pressed ? "desk.same_is" : "desk.same"),
    ...(first ? [" ", element("kbd", {}, "Alt+Y")] : []),
  );
}

function show(place: HTMLElement, found: Similar[], same?: SameMatter): void {
  if (found.length === 0) {
    place.replaceChildren();
    return;
  }
  const items = found.map((one, index) =>
    element(
      "li",
      {},
      element("b", { class: "score" }, `${one.evidence.score}`),
      " ",
      element("a", { href: `/cases/${one.case_number}`, target: "_blank" }, one.case_number),
      ` ${one.state_name}`,
      element("p", { class: "small" }, [one.category_name, one.address, one.description].join(" ")),
      element("p", { class: "muted small" }, one.why),
      ...(same ? [sameButton(one, index === 0, same)] : []),
    ),
  );
  const list = element("ul", { class: "plain-list" }, ...items);
  place.replaceChildren(element("h3", {}, t("similar.alike")), list);
}
