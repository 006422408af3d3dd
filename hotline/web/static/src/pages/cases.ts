// The list of cases: what others do shows up without a reload, and the reader keeps their row.
import { Bulk } from "../cases/bulk";
import { startKeeping } from "../cases/keeping";
import { Selection } from "../cases/selection";
import { refresh } from "../refresh";
import { stream } from "../stream";

const GATHER_MS = 600;

interface Changed {
  list: "cases" | "callbacks" | "reports";
}

let timer: number | undefined;
const selection = new Selection();
const bulk = new Bulk(selection, () => void renew());
startKeeping();

function focusedRow(): string | undefined {
  return document.activeElement?.closest<HTMLElement>("#case-table tr")?.dataset.href;
}

async function renew(): Promise<void> {
  const href = focusedRow();
  await refresh("case-list", "worklists");
  markWorklist();
  if (href) document.querySelector<HTMLElement>(`#case-table tr[data-href="${href}"]`)?.focus();
}

function asked(query: string): string {
  const given = [...new URLSearchParams(query)].filter(([name, value]) => value && !["sort", "page"].includes(name));
  return JSON.stringify(given.sort());
}

/** The worklist that the filter amounts to now. */
function markWorklist(): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>(".worklists a")) {
    if (asked(link.search) === asked(location.search)) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

document.addEventListener("htmx:pushedIntoHistory", markWorklist);
markWorklist();

stream.on<Changed>("worklist", ({ list }) => {
  if (list === "callbacks") return;
  clearTimeout(timer);
  timer = window.setTimeout(() => {
    if (!bulk.running) void renew();
  }, GATHER_MS);
});
stream.on("reset", () => void renew());
