// The phone in the browser: JsSIP over the PBX's WebSocket. One tab of a browser holds it.
import type { UA, WatchedSocket } from "./sip";
import type { IceCandidateEvent, RTCSession } from "jssip/lib/RTCSession";
import type { IncomingRTCSessionEvent, UnRegisteredEvent } from "jssip/lib/UA";
import { ApiError, request } from "../api";
import { now } from "../time";
import { Devices } from "./devices";
import { EchoCall } from "./echo_call";
import { askForMicrophone, openMicrophone, type Microphone } from "./microphone";
import { Quality } from "./quality";
import { Ringing } from "./ringing";

export type Registration =
  | "off"
  | "no_microphone"
  | "elsewhere"
  | "moved"
  | "connecting"
  | "registered"
  | "lost"
  | "refused";
/** At another of one's machines, or at none since that one is logged out. */
export type Place = "elsewhere" | "nowhere";
export type Line = "idle" | "ringing" | "answering" | "talking";

interface Account {
  url: string;
  user: string;
  password: string;
  domain: string;
  /** A talk goes on at another machine. */
  talks: boolean;
}

/** hotline/web/phone_here.py */
type How = "take" | "opening" | "waiting";

const LOCK = "hotline-phone";
// Q.850 "temporary failure", as Asterisk passes it on.
const LEFT = 'Reason: Q.850;cause=41;text="page left"';
// Without it JsSIP waits for every network interface before it answers.
const ICE_PATIENCE_MS = 300;
const RETRY_ACCOUNT_MS = 5000;
const RETRY_REGISTER_MS = 2000;
// The PBX knows this phone no more, or takes it for another.
const REFUSALS = new Set([401, 403, 407]);
// A moment's loss mends itself; afterwards the way of the sound is another one.
const MEND_MS = 2000;
// A browser says that a way is gone after so long without an answer.
const NOTICED_S = 5;
// Without the PBX's word a dead talk's phone is free again by then.
const DEAD_MS = 3000;

export class WebPhone {
  registration: Registration = "off";
  line: Line = "idle";
  microphone: Microphone = "unknown";
  muted = false;
  /** The other side hears music because of us, and is not heard meanwhile. */
  holding = false;
  /** The microphone went away in the middle of a talk: the other side hears nothing. */
  unplugged = false;
  /** What the microphone is called that came in its place; empty while it is the first. */
  pluggedIn = "";
  /** The chosen speaker is not there; the machine's own is used meanwhile. */
  speakerGone = false;
  /** Since when the PBX cannot be reached (Unix seconds), null while it can. */
  lostAt: number | null = null;
  /** Since when the talk's sound has no way (Unix seconds), null while it has one. */
  cutAt: number | null = null;
  readonly devices = new Devices();
  readonly quality = new Quality(
    () => this.muted,
    () => this.holding,
    () => this.changed(),
  );
  place: Place = "elsewhere";
  /** Since when it is at that place (Unix seconds), null for before this page was opened. */
  movedAt: number | null = null;
  /** Ask for the talk that goes on elsewhere (`talks`), or is held; false when there is none. */
  bring: (talks: boolean) => boolean = () => false;
  private how: How = "opening";
  /** Answer by itself the next ringing: the agent pressed accept before the PBX rang us. */
  private answerNext = false;
  private wanted = false;
  /** Whether this tab holds the lock of the phone, or waits for it. */
  private inLine = false;
  private ua: UA | undefined;
  private socket: WatchedSocket | undefined;
  private mending: number | undefined;
  private domain = "";
  private session: RTCSession | undefined;
  private sender: RTCRtpSender | undefined;
  /** The track that came in place of the talk's first one. */
  private spare: MediaStreamTrack | undefined;
  private echo: EchoCall | undefined;
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
      if (this.unplugged) void this.plugIn();
      void this.useSpeaker();
    });
  }

  /** Register with the PBX, once there is a microphone and no other tab has the phone. */
  async start(): Promise<void> {
    this.wanted = true;
    if (this.ua || this.registration === "moved") return;
    this.microphone = await askForMicrophone(this.devices.constraints);
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

  /** Begin anew: with a microphone that was missing, or where the PBX refused us. */
  async retry(): Promise<void> {
    if (this.registration !== "refused") return this.start();
    this.letGo();
    await this.connect("take");
  }

  /** By key: have the phone at this machine, with the talk that goes on elsewhere. */
  async takeHere(): Promise<void> {
    if (this.registration === "moved") await this.connect("take");
  }

  /** The server says where the phone is now. A talk on this page goes on to its end. */
  placed(place: Place | "here", at: number | null): void {
    if (place === "here" || !(this.ua || this.registration === "moved")) return;
    this.place = place;
    this.movedAt = at;
    if (this.line === "idle") this.letGo();
    this.become("moved");
  }

  private letGo(): void {
    const { ua } = this;
    this.ua = undefined;
    ua?.stop();
  }

  /** Leave the calls to another phone. */
  stop(): void {
    this.wanted = false;
    this.letGo();
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
      mediaConstraints: { audio: this.devices.constraints, video: false },
      pcConfig: { iceServers: [] },
    });
  }

  /** Forget a wish to answer. */
  dontAnswer(): void {
    this.answerNext = false;
  }

  /** End the talk; false when this phone has none, or cannot tell the PBX. */
  hangUp(): boolean {
    if (!this.session) return false;
    this.session.terminate();
    return this.registration !== "lost";
  }

  /** Ring the PBX's echo with this sound instead of the microphone's. */
  callEcho(sound: MediaStream): EchoCall {
    if (!this.ua || !this.usable || this.line !== "idle") throw new Error("the phone is not idle");
    this.echo?.end();
    this.echo = new EchoCall(this.ua, this.domain, sound);
    return this.echo;
  }

  /** Take the chosen microphone, also in the middle of a talk. */
  async useMicrophone(): Promise<void> {
    if (this.sender) await this.plugIn();
    else if (this.wanted) await this.start();
  }

  /** Take the chosen speaker and volume. A browser is silent when the speaker goes away that it was
   * told to use. */
  async useSpeaker(): Promise<void> {
    await this.devices.apply(this.audio);
    const gone = !(await this.devices.hasSpeaker());
    if (gone === this.speakerGone) return;
    this.speakerGone = gone;
    this.changed();
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
    this.echo?.end();
    this.ua?.stop();
  }

  private async hold(): Promise<void> {
    if (!this.wanted) return;
    await this.connect();
    await new Promise<void>((resolve) => {
      this.release = resolve;
    });
  }

  private async connect(how: How = this.how): Promise<void> {
    if (!this.wanted) return;
    this.become("connecting");
    let account: Account;
    try {
      account = await request<Account>("GET", `/api/phone?how=${how}`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.key === "phone_elsewhere") {
        this.how = "waiting";
        this.become("moved");
        return;
      }
      // The server or the PBX is away for a while.
      const again = error.status === 0 || error.status === 503;
      this.become(again ? "lost" : "refused");
      if (again) setTimeout(() => void this.connect(how), RETRY_ACCOUNT_MS);
      return;
    }
    this.how = "waiting";
    this.domain = account.domain;
    // Taken back in the middle of a talk.
    if (this.ua) {
      this.ua.set("password", account.password);
      this.ua.register();
      return;
    }
    void this.useSpeaker();
    const { UA, WatchedSocket } = await import("./sip");
    const socket = new WatchedSocket(account.url);
    socket.ask = () => this.ua?.register();
    this.socket = socket;
    this.ua = new UA({
      sockets: [socket],
      uri: `sip:${account.user}@${account.domain}`,
      authorization_user: account.user,
      password: account.password,
      session_timers: false,
      register_expires: 120,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 4,
    });
    const { ua } = this;
    // Another machine's is not lost, whatever becomes of the way from here.
    const own = () => ua === this.ua && this.registration !== "moved";
    let asks = how === "take" || account.talks;
    ua.on("registered", () => {
      if (!own()) return;
      this.become("registered");
      if (asks && this.line === "idle" && this.bring(account.talks)) this.answer();
      asks = false;
    });
    ua.on("unregistered", () => own() && this.become("lost"));
    ua.on("registrationFailed", (event: UnRegisteredEvent) => own() && this.notRegistered(event));
    ua.on("disconnected", () => own() && this.become("lost"));
    this.ua.on("newRTCSession", (event: unknown) => {
      const { originator, session } = event as IncomingRTCSessionEvent;
      if ((originator as string) === "remote") this.incoming(session);
    });
    this.ua.start();
  }

  /** Something says that the network may be gone, or is another one. */
  suspect(): void {
    this.socket?.suspect();
  }

  /** The PBX has ended the talk's leg and rings anew: let go of what is left of it, and answer. */
  goOn(): void {
    if (this.session?.isEstablished()) this.session.terminate({ extraHeaders: [LEFT] });
    this.answerNext = true;
    this.suspect();
    if (this.line === "ringing") this.answer();
  }

  /** The server says that the talk is over: end what is left of it, unless the PBX does so soon. */
  overByServer(): void {
    const { session } = this;
    if (!session?.isEstablished()) return;
    setTimeout(() => {
      if (this.session !== session) return;
      session.terminate({ extraHeaders: [LEFT] });
    }, DEAD_MS);
  }

  private notRegistered({ response }: UnRegisteredEvent): void {
    if (REFUSALS.has(response?.status_code ?? 0)) {
      this.become("refused");
      return;
    }
    // Not an answer to who we are: the PBX is just starting, or cannot be reached.
    this.become("lost");
    const { ua } = this;
    setTimeout(() => ua && ua === this.ua && ua.isConnected() && ua.register(), RETRY_REGISTER_MS);
  }

  private incoming(session: RTCSession): void {
    // The PBX rings nobody who talks: it has ended the talk whose sound has no way, unheard by us.
    if (this.session?.isEstablished() && this.cutAt !== null) this.session.terminate();
    if (this.session) {
      session.terminate({ status_code: 486 });
      return;
    }
    // A caller goes before a test.
    this.echo?.end();
    this.session = session;
    session.on("peerconnection", () => this.listen(session.connection));
    let iceTimer: number | undefined;
    session.on("icecandidate", ({ ready }: IceCandidateEvent) => {
      iceTimer ??= window.setTimeout(ready, ICE_PATIENCE_MS);
    });
    session.on("confirmed", () => this.talks(session.connection));
    session.on("ended", () => session === this.session && this.over());
    session.on("failed", () => session === this.session && this.over());
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

  private talks(connection: RTCPeerConnection): void {
    this.sender = connection.getSenders().find(({ track }) => track?.kind === "audio");
    this.watch(this.sender?.track);
    this.watchWay(connection);
    this.quality.start(connection);
    this.setLine("talking");
  }

  private watchWay(connection: RTCPeerConnection): void {
    this.answerNext = false;
    connection.addEventListener("iceconnectionstatechange", () => {
      if (this.sender === undefined || connection !== this.session?.connection) return;
      const cut = ["disconnected", "failed"].includes(connection.iceConnectionState);
      if (cut === (this.cutAt !== null)) return;
      this.cutAt = cut ? now() - NOTICED_S : null;
      clearTimeout(this.mending);
      if (cut) this.mend(connection);
      this.changed();
    });
  }

  /** The PBX can be reached, and the sound has still no way: let it hold the caller and ring us anew. */
  private mend(connection: RTCPeerConnection): void {
    this.suspect();
    this.mending = window.setTimeout(() => {
      if (this.cutAt === null || connection !== this.session?.connection) return;
      if (!this.usable || !this.socket?.isFresh(MEND_MS)) return this.mend(connection);
      this.session.terminate({ extraHeaders: [LEFT] });
      this.answerNext = true;
    }, MEND_MS);
  }

  private watch(track: MediaStreamTrack | null | undefined): void {
    // Browsers end a track when its device is pulled out; our own stop() ends none this way.
    track?.addEventListener("ended", () => {
      if (this.sender?.track !== track) return;
      this.unplugged = true;
      this.changed();
      void this.plugIn();
    });
  }

  /** Put the microphone that there is now into the talk. */
  private async plugIn(): Promise<void> {
    const { sender } = this;
    if (!sender) return;
    let track: MediaStreamTrack | undefined;
    try {
      track = (await openMicrophone(this.devices.constraints)).getAudioTracks()[0];
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      // Still none: the browser says when a device comes.
    }
    if (!track || this.sender !== sender) return track?.stop();
    await sender.replaceTrack(track);
    track.enabled = !this.muted;
    this.spare?.stop();
    this.spare = track;
    this.watch(track);
    if (this.unplugged) this.pluggedIn = track.label;
    this.unplugged = false;
    this.changed();
  }

  private over(): void {
    this.quality.stop();
    this.sender = undefined;
    this.spare?.stop();
    this.spare = undefined;
    this.unplugged = false;
    this.pluggedIn = "";
    this.session = undefined;
    this.cutAt = null;
    clearTimeout(this.mending);
    this.audio.srcObject = null;
    this.muted = false;
    this.answerNext = false;
    if (this.registration === "moved") this.letGo();
    this.setLine("idle");
  }

  private async microphoneGone(): Promise<void> {
    this.microphone = await askForMicrophone(this.devices.constraints);
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
    if (registration !== "lost") this.lostAt = null;
    else this.lostAt ??= now();
    this.registration = registration;
    this.changed();
  }
}
