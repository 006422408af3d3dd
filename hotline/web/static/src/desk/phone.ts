// The phone in the browser: JsSIP over the PBX's WebSocket. One tab of a browser holds it.
import type { UA } from "./sip";
import type { IceCandidateEvent, RTCSession } from "jssip/lib/RTCSession";
import type { IncomingRTCSessionEvent } from "jssip/lib/UA";
import { ApiError, request } from "../api";
import { askForMicrophone, type Microphone } from "./microphone";
import { Ringing } from "./ringing";

export type Registration =
  | "off"
  | "no_microphone"
  | "elsewhere"
  | "connecting"
  | "registered"
  | "lost"
  | "refused";
export type Line = "idle" | "ringing" | "answering" | "talking";

interface Account {
  url: string;
  user: string;
  password: string;
  domain: string;
}

const LOCK = "hotline-phone";
// Q.850 "temporary failure", as Asterisk passes it on.
const LEFT = 'Reason: Q.850;cause=41;text="page left"';
// Without it JsSIP waits for every network interface before it answers.
const ICE_PATIENCE_MS = 300;
const RETRY_ACCOUNT_MS = 5000;

export class WebPhone {
  registration: Registration = "off";
  line: Line = "idle";
  microphone: Microphone = "unknown";
  muted = false;
  /** Answer by itself the next ringing: the agent pressed accept before the PBX rang us. */
  private answerNext = false;
  private wanted = false;
  /** Whether this tab holds the lock of the phone, or waits for it. */
  private inLine = false;
  private ua: UA | undefined;
  private session: RTCSession | undefined;
  private release: (() => void) | undefined;
  private readonly ringing = new Ringing();

  constructor(
    private readonly audio: HTMLAudioElement,
    private readonly changed: () => void,
  ) {
    window.addEventListener("pagehide", () => this.leave());
    window.addEventListener("beforeunload", (event) => {
      // Leaving would cut the talk; the browser asks first.
      if (this.line === "talking") event.preventDefault();
    });
    navigator.mediaDevices?.addEventListener("devicechange", () => {
      if (this.wanted && this.registration === "no_microphone") void this.start();
    });
  }

  /** Register with the PBX, once there is a microphone and no other tab has the phone. */
  async start(): Promise<void> {
    this.wanted = true;
    if (this.ua) return;
    this.microphone = await askForMicrophone();
    if (!this.wanted) return;
    if (this.microphone !== "ready") {
      this.become("no_microphone");
      return;
    }
    this.become("elsewhere");
    if (this.inLine) return;
    this.inLine = true;
    void navigator.locks.request(LOCK, () => this.hold()).finally(() => {
      this.inLine = false;
    });
  }

  /** Leave the calls to another phone. */
  stop(): void {
    this.wanted = false;
    this.ua?.stop();
    this.ua = undefined;
    this.release?.();
    this.release = undefined;
    this.become("off");
  }

  /** Answer the call that rings, or the one that is about to. */
  answer(): void {
    if (this.line !== "ringing" || !this.session) {
      this.answerNext = true;
      return;
    }
    this.answerNext = false;
    this.setLine("answering");
    this.session.answer({
      mediaConstraints: { audio: true, video: false },
      pcConfig: { iceServers: [] },
    });
  }

  /** Forget a wish to answer. */
  dontAnswer(): void {
    this.answerNext = false;
  }

  /** End the talk; false when this phone has none. */
  hangUp(): boolean {
    if (!this.session) return false;
    this.session.terminate();
    return true;
  }

  /** Send a key to the other side, as if it were pressed on a telephone. */
  press(key: string): void {
    this.session?.sendDTMF(key, { transportType: "RFC2833" as never });
  }

  toggleMute(): void {
    if (!this.session) return;
    if (this.muted) this.session.unmute({ audio: true });
    else this.session.mute({ audio: true });
  }

  get usable(): boolean {
    return this.registration === "registered";
  }

  /** Whether it is usable or about to be. */
  get coming(): boolean {
    return this.registration === "registered" || this.registration === "connecting";
  }

  /** The page goes away. A talk ends on this side only: the cause says that nobody hung up, so
   * that the caller is kept and put through again. */
  private leave(): void {
    if (this.session?.isEstablished()) {
      this.session.terminate({ extraHeaders: [LEFT] });
    }
    this.ua?.stop();
  }

  private async hold(): Promise<void> {
    if (!this.wanted) return;
    await this.connect();
    await new Promise<void>((resolve) => {
      this.release = resolve;
    });
  }

  private async connect(): Promise<void> {
    if (!this.wanted) return;
    this.become("connecting");
    let account: Account;
    try {
      account = await request<Account>("GET", "/api/phone");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.become(error.status === 0 ? "lost" : "refused");
      if (error.status === 0) setTimeout(() => void this.connect(), RETRY_ACCOUNT_MS);
      return;
    }
    const { UA, WebSocketInterface } = await import("./sip");
    this.ua = new UA({
      sockets: [new WebSocketInterface(account.url)],
      uri: `sip:${account.user}@${account.domain}`,
      authorization_user: account.user,
      password: account.password,
      session_timers: false,
      register_expires: 120,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 10,
    });
    this.ua.on("registered", () => this.become("registered"));
    this.ua.on("unregistered", () => this.wanted && this.become("lost"));
    this.ua.on("registrationFailed", () => this.become("refused"));
    this.ua.on("disconnected", () => this.wanted && this.become("lost"));
    this.ua.on("newRTCSession", (event: unknown) => {
      this.incoming((event as IncomingRTCSessionEvent).session);
    });
    this.ua.start();
  }

  private incoming(session: RTCSession): void {
    if (this.session) {
      session.terminate({ status_code: 486 });
      return;
    }
    this.session = session;
    session.on("peerconnection", () => this.listen(session.connection));
    let iceTimer: number | undefined;
    session.on("icecandidate", ({ ready }: IceCandidateEvent) => {
      iceTimer ??= window.setTimeout(ready, ICE_PATIENCE_MS);
    });
    session.on("confirmed", () => this.setLine("talking"));
    session.on("ended", () => this.over());
    session.on("failed", () => this.over());
    session.on("getusermediafailed", () => void this.microphoneGone());
    session.on("muted", () => this.setMuted(true));
    session.on("unmuted", () => this.setMuted(false));
    this.setLine("ringing");
    if (this.answerNext) this.answer();
  }

  private listen(connection: RTCPeerConnection): void {
    connection.addEventListener("track", ({ streams, track }) => {
      this.audio.srcObject = streams[0] ?? new MediaStream([track]);
      // Refused only before anybody has touched the page; the next key press plays it.
      this.audio.play().catch(() => {
        document.addEventListener("keydown", () => void this.audio.play(), { once: true });
      });
    });
  }

  private over(): void {
    this.session = undefined;
    this.audio.srcObject = null;
    this.muted = false;
    this.answerNext = false;
    this.setLine("idle");
  }

  private async microphoneGone(): Promise<void> {
    this.microphone = await askForMicrophone();
    this.changed();
  }

  private setMuted(muted: boolean): void {
    this.muted = muted;
    this.changed();
  }

  private setLine(line: Line): void {
    this.line = line;
    if (line === "ringing") this.ringing.start();
    else this.ringing.stop();
    this.changed();
  }

  private become(registration: Registration): void {
    this.registration = registration;
    this.changed();
  }
}
