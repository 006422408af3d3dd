// Why a call goes before others, or behind them: hotline/callers/priority.py names the reasons.
import { t, tLoose } from "./i18n";

/** One reason in words: `repeated:3` is "repeated report (call no. 3)". */
function reason(code: string): string {
  const [name = "", detail = ""] = code.split(":");
  if (name === "flow") {
    const key = `priority.flow.${detail}`;
    const words = tLoose(key);
    return words === key ? detail : words;
  }
  return tLoose(`priority.reason.${name}`, { n: detail });
}

/** A priority with its reasons; empty for an ordinary call. */
export function priorityWords(priority: number, reasons: string[]): string {
  if (reasons.length === 0) return "";
  const said = reasons.map(reason).join(t("priority.and"));
  return t(priority < 0 ? "priority.later" : "priority.first", { reasons: said });
}
