// On every page with the strip.
import "htmx.org";
import { csrfToken } from "./api";
import { startConnection } from "./connection";
import { startDesktops } from "./desktops";
import { startEverything } from "./everything";
import { startMenus } from "./menus";
import { startReveal } from "./reveal";
import { startShortcuts } from "./shortcuts";
import { startSizes } from "./sizes";
import { stream } from "./stream";
import { startTables } from "./tables";
import { startTheme } from "./theme";
import { startTicking } from "./time";

document.addEventListener("htmx:configRequest", (event) => {
  const { headers } = (event as CustomEvent<{ headers: Record<string, string> }>).detail;
  headers["X-CSRF-Token"] = csrfToken();
});

startMenus();
startTheme();
startTicking();
startShortcuts();
startDesktops();
startSizes();
startTables();
startReveal();
startEverything();
startConnection();
stream.start(document.body.dataset.listens ?? "visible");
