// What happens, from /events. It comes back by itself, from where it was.
import { request, ApiError } from "./api";

export type StreamState = "waiting" | "open" | "lost" | "logged_out";
type Handler = (data: never) => void;

const HIDDEN_MS = 30_000;
// The server sends a beat every 10 s; without one the connection is dead, whatever TCP thinks.
const SILENCE_MS = 25_000;
const RETRY_MS = [500, 1000, 2000, 5000];
const EVENTS = ["pop", "agent", "call", "board", "worklist", "reason", "help", "message", "outbound", "notice", "line", "reset", "beat"] as const;
export type StreamEvent = (typeof EVENTS)[number];

class EventStream {
  private source: EventSource | undefined;
  private handlers = new Map<StreamEvent, Handler[]>();
  private watchers: ((state: StreamState) => void)[] = [];
  private lastId = document.body.dataset.after ?? "";
  private failures = 0;
  private retry: number | undefined;
  private hiding: number | undefined;
  private silence: number | undefined;
  state: StreamState = "waiting";

  on<T>(event: StreamEvent, handler: (data: T) => void): void {
    const list = this.handlers.get(event) ?? [];
    this.handlers.set(event, [...list, handler as Handler]);
  }

  onState(watcher: (state: StreamState) => void): void {
    this.watchers.push(watcher);
    watcher(this.state);
  }

  start(listens: string): void {
    if (listens === "never") return;
    if (listens === "visible") {
      document.addEventListener("visibilitychange", () => this.visibility());
    }
    window.addEventListener("online", () => this.again(0));
    window.addEventListener("pagehide", () => this.source?.close());
    window.addEventListener("pageshow", (shown) => shown.persisted && this.open());
    this.open();
  }

  private visibility(): void {
    clearTimeout(this.hiding);
    if (document.hidden) this.hiding = window.setTimeout(() => this.rest(), HIDDEN_MS);
    else if (!this.source) this.open();
  }

  private rest(): void {
    this.source?.close();
    this.source = undefined;
    clearTimeout(this.retry);
    clearTimeout(this.silence);
  }

  private heard(): void {
    clearTimeout(this.silence);
    this.silence = window.setTimeout(() => this.lost(), SILENCE_MS);
  }

  private open(): void {
    this.source?.close();
    const source = new EventSource(`/events?after=${encodeURIComponent(this.lastId)}`);
    this.source = source;
    this.heard();
    source.onopen = () => {
      this.failures = 0;
      this.become("open");
    };
    // EventSource would try again by itself, but not after an answer that is no stream.
    source.onerror = () => this.lost();
    for (const event of EVENTS) {
      source.addEventListener(event, (message) => this.deliver(event, message));
    }
  }

  private deliver(event: StreamEvent, message: MessageEvent<string>): void {
    this.heard();
    if (message.lastEventId) this.lastId = message.lastEventId;
    const data = JSON.parse(message.data) as never;
    for (const handler of this.handlers.get(event) ?? []) handler(data);
  }

  private lost(): void {
    this.rest();
    this.become("lost");
    this.again(RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)] ?? 0);
  }

  private again(delay: number): void {
    if (this.state === "open" || this.state === "logged_out") return;
    clearTimeout(this.retry);
    this.retry = window.setTimeout(() => void this.tryAgain(), delay);
  }

  private async tryAgain(): Promise<void> {
    try {
      await request("GET", "/api/me");
      this.open();
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.become("logged_out");
      else this.again(RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)] ?? 0);
    }
  }

  private become(state: StreamState): void {
    if (state === this.state) return;
    this.state = state;
    for (const watcher of this.watchers) watcher(state);
  }
}

export const stream = new EventStream();
