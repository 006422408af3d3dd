// The phone's way to the PBX: a WebSocket that is given up when nothing comes back any more. By itself
// one stays "open" for minutes after its network was cut.
import { WebSocketInterface } from "jssip";

const CONNECT_MS = 5000;
const ANSWER_MS = 3000;
// The PBX asks each phone every 15 s whether it is there.
const QUIET_MS = 20_000;
// What came a moment ago answers the question.
const FRESH_MS = 1000;
const ABNORMAL = 1006;

/** JsSIP's own, as far as it is watched here. */
interface Inner {
  _ws: WebSocket | null;
}

export class WatchedSocket extends WebSocketInterface {
  /** Asks the PBX for anything at all. */
  ask: () => void = () => undefined;
  private watched: WebSocket | null = null;
  private heardAt = 0;
  private timer: number | undefined;

  override connect(): void {
    super.connect();
    const socket = (this as unknown as Inner)._ws;
    if (!socket || socket === this.watched) return;
    this.watched = socket;
    this.within(CONNECT_MS, socket);
    for (const event of ["open", "message"]) socket.addEventListener(event, () => this.heard(socket));
    socket.addEventListener("close", () => socket === this.watched && clearTimeout(this.timer));
  }

  override disconnect(): void {
    this.forget();
    super.disconnect();
  }

  /** Something else says that the network may be gone: find out. */
  suspect(): void {
    const socket = this.watched;
    if (socket?.readyState !== WebSocket.OPEN || Date.now() - this.heardAt < FRESH_MS) return;
    this.within(ANSWER_MS, socket);
    this.ask();
  }

  /** Whether the PBX was heard within so long. */
  isFresh(milliseconds: number): boolean {
    return Date.now() - this.heardAt < milliseconds;
  }

  private heard(socket: WebSocket): void {
    if (socket !== this.watched) return;
    this.heardAt = Date.now();
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.suspect(), QUIET_MS);
  }

  private within(milliseconds: number, socket: WebSocket): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.giveUp(socket), milliseconds);
  }

  private giveUp(socket: WebSocket): void {
    if (socket !== this.watched) return;
    // Closing properly would wait for the other side.
    this.disconnect();
    this.ondisconnect(true, ABNORMAL, "nothing comes back");
  }

  private forget(): void {
    clearTimeout(this.timer);
    this.watched = null;
  }
}
