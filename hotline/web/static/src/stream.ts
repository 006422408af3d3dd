// What happens, from /events. It comes back by itself, from where it was. Where something on the way
// keeps a stream's bytes back, the same news are asked for at /events/next, until streams are in time.
import { request, ApiError } from "./api";
import { inTimeAgain, Lateness } from "./lateness";
import { now } from "./time";

export type StreamState = "waiting" | "open" | "late" | "lost" | "logged_out";
type Handler = (data: never) => void;

const HIDDEN_MS = 30_000;
const RETRY_MS = [500, 1000, 2000, 3000];
// Whoever is asked whether they are there answers within this time, or is not.
const THERE_MS = 3000;
const ASKS = [1, 2, 3];
const POLL_MS = 12_000;
const EVENTS = ["pop", "agent", "call", "board", "worklist", "reason", "help", "message", "outbound", "held", "asked", "notice", "line", "phone", "draft", "reset", "beat"] as const;
export type StreamEvent = (typeof EVENTS)[number];

/** hotline/web/polling.py */
interface Batch {
  last: string;
  news: { event: StreamEvent; data: never; id: string }[];
}

/** Whether the server answers. Asked on several connections at once: those that were open in a network
 * that is gone are given up one request each. Throws ApiError. */
async function there(): Promise<void> {
  const asked = ASKS.map((ask) => request("GET", `/api/me?ask=${ask}`, undefined, { patienceMs: THERE_MS }));
  try {
    await Promise.any(asked);
  } catch (error) {
    throw (error as AggregateError).errors.find((one: ApiError) => one.status > 0) ?? new ApiError(0, "unreachable", "");
  }
}

class EventStream {
  /** Since when nothing comes any more (Unix seconds), null while it does. */
  lostAt: number | null = null;
  state: StreamState = "waiting";
  private source: EventSource | undefined;
  private handlers = new Map<StreamEvent, Handler[]>();
  private watchers: ((state: StreamState) => void)[] = [];
  private lastId = document.body.dataset.after ?? "";
  private failures = 0;
  private retry: number | undefined;
  private hiding: number | undefined;
  private heardAt = now();
  private readonly lateness = new Lateness({
    silent: () => void this.silent(),
    late: () => this.ask(),
  });
  /** Counts the times that asking began, so that an answer to an earlier one is dropped. */
  private asking = 0;

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
    // The machine says so itself; what is open may yet seem to live for long.
    window.addEventListener("offline", () => this.lost());
    window.addEventListener("pagehide", () => this.rest());
    window.addEventListener("pageshow", (shown) => shown.persisted && this.open());
    this.open();
  }

  private visibility(): void {
    clearTimeout(this.hiding);
    if (document.hidden) this.hiding = window.setTimeout(() => this.rest(), HIDDEN_MS);
    else if (!this.source && this.state !== "late") this.open();
  }

  private rest(): void {
    this.asking++;
    this.source?.close();
    this.source = undefined;
    clearTimeout(this.retry);
    this.lateness.stop();
  }

  private open(): void {
    this.rest();
    const source = new EventSource(`/events?after=${encodeURIComponent(this.lastId)}`);
    this.source = source;
    this.lateness.begin();
    source.onopen = () => {
      this.failures = 0;
      this.become("open");
    };
    // EventSource would try again by itself, but not after an answer that is no stream.
    source.onerror = () => this.lost();
    for (const event of EVENTS) {
      source.addEventListener(event, (message) => this.came(event, message));
    }
  }

  private came(event: StreamEvent, { data, lastEventId }: MessageEvent<string>): void {
    this.heardAt = now();
    const told = JSON.parse(data) as never;
    this.lateness.heard(event === "beat" ? told : null);
    this.deliver(event, told, lastEventId);
  }

  private deliver(event: StreamEvent, data: never, id: string): void {
    if (id) this.lastId = id;
    for (const handler of this.handlers.get(event) ?? []) handler(data);
  }

  /** Nothing came for too long: the way is cut, or something on it keeps back what is sent. */
  private async silent(): Promise<void> {
    const { source } = this;
    try {
      await there();
      if (source !== this.source) return;
      // What did come and ceased is a connection that died; what never came is kept back.
      if (this.lateness.cameOnce) this.open();
      else this.ask();
    } catch {
      if (source === this.source) this.lost();
    }
  }

  private lost(): void {
    if (this.state === "logged_out") return;
    this.rest();
    this.become("lost");
    this.again(this.pause());
  }

  private pause(): number {
    return RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)] ?? 0;
  }

  private again(delay: number): void {
    if (this.state === "open" || this.state === "late" || this.state === "logged_out") return;
    clearTimeout(this.retry);
    this.retry = window.setTimeout(() => void this.tryAgain(), delay);
  }

  private async tryAgain(): Promise<void> {
    try {
      await there();
      this.open();
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.become("logged_out");
      else this.again(this.pause());
    }
  }

  // --- by question and answer --------------------------------------------------------------

  private ask(): void {
    this.rest();
    this.become("late");
    const turn = this.asking;
    const stillAsking = () => turn === this.asking;
    void this.poll(turn);
    void inTimeAgain(this.lateness.every, stillAsking).then((inTime) => inTime && this.open());
  }

  private async poll(turn: number): Promise<void> {
    let begin = "&begin=true";
    while (turn === this.asking) {
      try {
        const path = `/events/next?after=${encodeURIComponent(this.lastId)}${begin}`;
        const batch = await request<Batch>("GET", path, undefined, { patienceMs: POLL_MS });
        if (turn !== this.asking) return;
        for (const { event, data, id } of batch.news) this.deliver(event, data, id);
        this.lastId = batch.last;
        this.heardAt = now();
        begin = "";
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (turn === this.asking) this.lost();
      }
    }
  }

  private become(state: StreamState): void {
    if (state === this.state) return;
    this.state = state;
    if (state === "lost") this.lostAt ??= this.heardAt;
    else if (state !== "waiting") this.lostAt = null;
    for (const watcher of this.watchers) watcher(state);
  }
}

export const stream = new EventStream();
