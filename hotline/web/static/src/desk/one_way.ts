// What the server's watchdog says of a talk's audio, in words that tell what to do.
import { hideBar, showBar } from "../connection";
import { t } from "../i18n";
import { stream } from "../stream";

interface LineNews {
  call_id: string;
  /** From whom nothing arrives; empty: audio goes both ways again, or the talk is over. */
  silent: "" | "agent" | "citizen" | "both";
}

export function watchOneWay(): void {
  stream.on<LineNews>("line", ({ silent }) => {
    if (silent) showBar("one-way", "danger", t(`line.one_way.${silent}`));
    else hideBar("one-way");
  });
}
