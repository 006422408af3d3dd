// Filters that are kept under a name, and the list as a file: both of what the address asks for.
import { ApiError, request } from "../api";
import { need } from "../dom";
import { refresh } from "../refresh";
import { startClass } from "./class_filter";

function asked(): Record<string, string> {
  const given = new URLSearchParams(location.search);
  given.delete("page");
  return Object.fromEntries([...given].filter(([, value]) => value !== ""));
}

async function keep(form: HTMLFormElement): Promise<void> {
  const name = (form.elements.namedItem("name") as HTMLInputElement).value.trim();
  const shared = (form.elements.namedItem("shared") as HTMLInputElement | null)?.checked ?? false;
  const problem = form.querySelector<HTMLElement>(".problem-text")!;
  problem.textContent = "";
  if (!name) return;
  try {
    await request("POST", "/api/filters", { name, shared, query: asked() });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    problem.textContent = error.message;
    return;
  }
  form.reset();
  need<HTMLDetailsElement>("keep-menu").open = false;
  await refresh("saved-filters");
}

export function startKeeping(): void {
  startClass();
  need<HTMLFormElement>("keep-form").addEventListener("submit", (event) => {
    event.preventDefault();
    void keep(event.target as HTMLFormElement);
  });
  document.addEventListener("click", (event) => {
    const button = (event.target as HTMLElement).closest<HTMLElement>("[data-forget]");
    if (!button) return;
    void request("DELETE", `/api/filters/${button.dataset.forget}`).then(() => refresh("saved-filters"));
  });
  need("export-menu").addEventListener("toggle", () => {
    for (const link of document.querySelectorAll<HTMLAnchorElement>("[data-export]")) {
      const query = new URLSearchParams({ ...asked(), format: link.dataset.export ?? "" });
      link.href = `/api/cases/export?${query}`;
    }
  });
}
