// One's own day, opened when one wants to know: counts with what they are shares of.
import { ApiError, request } from "../api";
import { element, need } from "../dom";
import { t } from "../i18n";
import { duration } from "../time";

/** hotline/web/own_figures.py */
interface Figures {
  offered: number;
  answered: number;
  talks: number;
  talk_s: number;
  unknown: number;
  wrap_ups: number;
  wrap_up_s: number;
  rated: number;
  satisfied: number;
  blind_s: number;
}

function mean(total: number, count: number): string {
  return duration(count ? total / count : null);
}

function lines(day: Figures): [string, string][] {
  const talk = t("own.total", { total: duration(day.talk_s), mean: mean(day.talk_s, day.talks), count: day.talks });
  const wrap = t("own.total", { total: duration(day.wrap_up_s), mean: mean(day.wrap_up_s, day.wrap_ups), count: day.wrap_ups });
  const unknown = day.unknown ? ` ${t("own.unknown", { count: day.unknown })}` : "";
  return [
    [t("own.calls"), day.offered ? t("own.of_rung", { part: day.answered, whole: day.offered }) : "—"],
    [t("own.talk"), talk + unknown],
    [t("own.wrap_up"), wrap],
    [t("own.satisfied"), day.rated ? t("own.of_rated", { part: day.satisfied, whole: day.rated }) : t("own.unrated")],
    [t("own.rated"), day.talks ? t("own.of_talks", { part: day.rated, whole: day.talks }) : "—"],
    ...(day.blind_s ? ([[t("own.blind"), duration(day.blind_s)]] as [string, string][]) : []),
  ];
}

export class OwnFigures {
  private readonly menu = need<HTMLDetailsElement>("own-figures");
  private readonly place = need("own-figures-list");

  constructor() {
    this.menu.addEventListener("toggle", () => this.menu.open && void this.ask());
  }

  turn(): void {
    this.menu.open = !this.menu.open;
  }

  private async ask(): Promise<void> {
    try {
      this.show(await request<Figures>("GET", "/api/agent/figures"));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.place.replaceChildren(element("dd", { class: "problem-text" }, error.message));
    }
  }

  private show(day: Figures): void {
    const facts = lines(day).flatMap(([label, value]) => [element("dt", {}, label), element("dd", {}, value)]);
    this.place.replaceChildren(...facts);
  }
}
