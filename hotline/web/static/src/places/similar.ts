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
  /** Longitude and latitude with a comma between; empty for unknown. */
  point?: string;
}

const PAUSE_MS = 700;

type How = "same_as" | "related_to";

/** How a form says that one of them is the same matter, or has to do with it; the case's page has its
 * own way. */
export interface SameMatter {
  /** The case that it is, empty for none. */
  get(how: How): string;
  set(how: How, caseNumber: string): void;
}

const KEYS = { same_as: "Alt+Y", related_to: "Alt+Shift+Y" };
const WORDS = {
  same_as: ["desk.same", "desk.same_is"],
  related_to: ["desk.related", "desk.related_is"],
} as const;

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
    const { category, address, description, point = "" } = read();
    const [lon = "", lat = ""] = point.split(",");
    const query = new URLSearchParams({
      category,
      address: address.slice(0, 500),
      description: description.slice(0, 2000),
      ...(lon && lat ? { lon, lat } : {}),
    }).toString();
    if (query === asked) return;
    asked = query;
    const enough = point || address.trim().length > 1 || (category && description.trim().length > 1);
    const path = `/api/cases/similar?${query}`;
    // Without an answer the list stays empty: it only helps.
    const answer = enough ? await request<Similar[]>("GET", path).catch(() => []) : [];
    if (query !== asked) return;
    // A case that the form was saved as is not like itself.
    found = answer.filter(({ case_number }) => case_number !== place.dataset.own);
    show(place, found, same);
  };
  place.addEventListener("click", ({ target }) => {
    const button = (target as HTMLElement).closest<HTMLElement>("[data-how]");
    if (!button || !same) return;
    const { how, number = "" } = button.dataset as { how: How; number?: string };
    const other = how === "same_as" ? "related_to" : "same_as";
    // It is the one or the other.
    if (same.get(other) === number) same.set(other, "");
    same.set(how, same.get(how) === number ? "" : number);
    show(place, found, same);
  });
  form.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void look(), PAUSE_MS);
  });
  return () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void look(), PAUSE_MS);
    const said = [same?.get("same_as"), same?.get("related_to")];
    found = found.filter((one) => said.includes(one.case_number));
    show(place, found, same);
  };
}

/** The button of a case: pressed when the form says that it is the same. By key it is the first. */
function sameButton(how: How, one: Similar, first: boolean, same: SameMatter): HTMLElement {
  const pressed = same.get(how) === one.case_number;
  const more = how === "same_as" ? { "data-same": one.case_number } : {};
  return element(
    "button",
    { type: "button", "data-how": how, "data-number": one.case_number, "aria-pressed": `${pressed}`, ...more },
    t(WORDS[how][pressed ? 1 : 0]),
    ...(first ? [" ", element("kbd", {}, KEYS[how])] : []),
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
      ...(same ? [sameButton("same_as", one, index === 0, same), " "] : []),
      ...(same ? [sameButton("related_to", one, index === 0, same)] : []),
    ),
  );
  const list = element("ul", { class: "plain-list" }, ...items);
  place.replaceChildren(element("h3", {}, t("similar.alike")), list);
}
