// A call into which this supervisor is asked: who asks and why, who calls, and what is known of it.
import { ApiError, request } from "../api";
import { storyOf } from "../desk/story";
import type { AskedView, Pop } from "../desk/types";
import { element, need } from "../dom";
import { t, tLoose } from "../i18n";
import { stream } from "../stream";
import { countUp } from "../time";

type Asked = AskedView & { pop: Pop };

const TYPED = ["kind", "address", "description", "happened"] as const;

function typed(pop: Pop): HTMLElement[] {
  return TYPED.flatMap((name) => {
    const value = pop.draft[name];
    if (!value) return [];
    const words = name === "kind" ? tLoose(`case.kind.${value}`) : value;
    return [element("dt", {}, tLoose(`case.${name}`)), element("dd", {}, words)];
  });
}

function shown({ by, note, step, since, pop }: Asked): HTMLElement {
  const time = element("time", {});
  countUp(time, since);
  const who = pop.withheld ? t("phone.none") : pop.calling;
  const head = element(
    "p",
    {},
    element("b", {}, t(step === "joined" ? "board.asked_talks" : "board.asked_rings", { name: by })),
    " ",
    element("span", {}, `${who} ${pop.calling_name}`.trim()),
    " ",
    time,
  );
  const saved = pop.case_number
    ? [element("a", { href: `/cases/${pop.case_number}`, target: "_blank", rel: "noopener" }, pop.case_number)]
    : [];
  const facts = element("dl", { class: "facts" }, ...typed(pop));
  const before = element("p", { class: "muted small" }, t("board.asked_before", { calls: pop.calls.length, cases: pop.cases.length }), " ", ...saved);
  return element("div", { class: "asked-call" }, head, ...(note ? [element("q", {}, note)] : []), facts, before, ...storyOf(pop));
}

export class AskedCalls {
  start(): void {
    stream.on("asked", () => void this.load());
    stream.on("reset", () => void this.load());
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      const { asked } = await request<{ asked: Asked[] }>("GET", "/api/asked");
      need("asked").hidden = asked.length === 0;
      need("asked-list").replaceChildren(...asked.map(shown));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }
}
