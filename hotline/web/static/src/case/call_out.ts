// Calling the citizen from the case: one's own phone rings first, the desk's or a telephone.
import { ApiError, request } from "../api";
import { refresh } from "../refresh";
import { addShortcuts } from "../shortcuts";
import { stream } from "../stream";

interface News {
  list: string;
  case_number?: string;
}

export function startCallOut(number: string): void {
  document.addEventListener("click", ({ target }) => {
    if ((target as HTMLElement).closest("#call-citizen")) void dial(number);
  });
  addShortcuts("keys.here", [
    {
      keys: "Alt+C",
      says: "keys.case.call",
      when: () => document.getElementById("call-citizen") !== null,
      act: () => void dial(number),
    },
  ]);
  stream.on<News>("worklist", ({ list, case_number }) => {
    if (list === "outbound" && case_number === number) void refresh("case-calls");
  });
}

async function dial(number: string): Promise<void> {
  const problem = document.getElementById("call-problem");
  try {
    if (problem) problem.textContent = "";
    await request("POST", "/api/outbound", { case_number: number });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (problem) problem.textContent = error.message;
  }
}
