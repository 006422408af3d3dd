// A unit's list: renewed while it is looked at, at once when one of its cases has moved; and what has
// not been sent yet is told.
import { waiting } from "../attachments/box";
import { need } from "../dom";
import { t } from "../i18n";
import { refresh } from "../refresh";
import { stream } from "../stream";

// Times go on by themselves, and a case may be taken away.
const EVERY_MS = 60_000;
const GATHER_MS = 500;

let gathering: number | undefined;

async function tellWaiting(): Promise<void> {
  let count: number;
  try {
    count = (await waiting(document.body.dataset.user ?? "")).length;
  } catch {
    // Without a store of the browser's own nothing can wait in it.
    return;
  }
  need("unit-waiting").textContent = count ? t("unit.photos_waiting", { count }) : "";
}

async function renew(): Promise<void> {
  if (document.hidden) return;
  await refresh("unit-list");
  await tellWaiting();
}

stream.on("worklist", () => {
  clearTimeout(gathering);
  gathering = window.setTimeout(() => void renew(), GATHER_MS);
});
stream.on("reset", () => void renew());
window.setInterval(() => void renew(), EVERY_MS);
document.addEventListener("visibilitychange", () => void renew());
void tellWaiting();
