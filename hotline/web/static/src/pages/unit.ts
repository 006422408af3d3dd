// A unit's list: renewed while it is looked at, and what has not been sent yet is told.
import { waiting } from "../attachments/box";
import { need } from "../dom";
import { t } from "../i18n";
import { refresh } from "../refresh";

const EVERY_MS = 60_000;

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

window.setInterval(() => void renew(), EVERY_MS);
document.addEventListener("visibilitychange", () => void renew());
void tellWaiting();
