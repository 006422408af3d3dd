// Times as the server writes them; durations that tick without moving the layout.
import { t } from "./i18n";

const page = document.body.dataset;
// The server's clock counts: a desk's own may be an hour off, and may be put right in mid-shift.
// What the page says of it is as old as the page's first byte, which may have come long before this
// script.
const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
const came = navigation?.responseStart || performance.now();
let ahead = Number(page.now) - came / 1000;

/** Unix seconds by the server's clock. */
export function now(): number {
  return performance.now() / 1000 + ahead;
}

/** The server said that it is this late: a machine that slept counted nothing meanwhile. */
export function notBefore(at: number): void {
  ahead = Math.max(ahead, at - performance.now() / 1000);
}

/** Seconds as 3:05, from an hour on as 1:03:05; unknown as —. */
export function duration(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return "—";
  const whole = Math.max(0, Math.floor(seconds));
  const rest = String(whole % 60).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

const parts = new Intl.DateTimeFormat("en-CA", {
  timeZone: page.zone ?? "UTC",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

function partsOf(at: number): Record<string, string> {
  return Object.fromEntries(
    parts.formatToParts(new Date(at * 1000)).map(({ type, value }) => [type, value]),
  );
}

/** Unix seconds as 2026-11-20 15:42 in the city's time. */
export function moment(at: number | null): string {
  if (at === null) return "—";
  const { year, month, day, hour, minute } = partsOf(at);
  return `${year}-${month}-${day} ${hour}:${minute}`;
}

/** Unix seconds as 15:42. */
export function timeOfDay(at: number): string {
  const { hour, minute } = partsOf(at);
  return `${hour}:${minute}`;
}

/** The same words written again would be laid out and painted again. */
function write(element: HTMLElement, words: string): void {
  if (element.textContent !== words) element.textContent = words;
}

function tick(element: HTMLElement): void {
  const { since, until, left } = element.dataset;
  if (left) tickLeft(element, Number(left) - now());
  else if (since) write(element, duration(now() - Number(since)));
  else if (until) write(element, duration(Math.ceil(Number(until) - now())));
}

/** A <time> that counts up from `since`; unknown without one. */
export function countUp(element: HTMLElement, since: number | null): void {
  delete element.dataset.until;
  if (since === null) {
    delete element.dataset.since;
    write(element, "—");
  } else {
    element.dataset.since = String(since);
    tick(element);
  }
}

function tickLeft(element: HTMLElement, left: number): void {
  const words = { time: duration(Math.ceil(Math.abs(left))) };
  write(element, left < 0 ? t("pause.over", words) : t("pause.left", words));
  element.classList.toggle("over", left < 0);
}

/** A <time> that says what is left until `end`, and by how much it is exceeded after it. */
export function countLeft(element: HTMLElement, end: number): void {
  element.dataset.left = String(end);
  tick(element);
}

/** A <time> that counts down to `until`. */
export function countDown(element: HTMLElement, until: number): void {
  delete element.dataset.since;
  element.dataset.until = String(until);
  tick(element);
}

const TICKING = "[data-since], [data-until], [data-left]";
const alike: (() => void)[] = [];

/** Draw `what` with the times: news that can wait for half a second and come to every page at once
 * cost no painting of their own. */
export function withTheTimes(what: () => void): void {
  alike.push(what);
}

export function startTicking(): void {
  setInterval(() => {
    for (const draw of alike) draw();
    for (const element of document.querySelectorAll<HTMLElement>(TICKING)) tick(element);
  }, 500);
}
