// A call to the PBX's echo: what is sent comes back. Only the self-test makes it.
import type { UA } from "./sip";
import type { IceCandidateEvent, RTCSession } from "jssip/lib/RTCSession";
import type { EndEvent } from "jssip/lib/RTCSession";

const EXTENSION = "self-test";
// Without it JsSIP waits for every network interface before it calls.
const ICE_PATIENCE_MS = 300;

export class EchoCall {
  /** What comes back, once the PBX has answered; rejected with the reason why not. */
  readonly answered: Promise<MediaStream>;
  private readonly session: RTCSession;

  constructor(ua: UA, domain: string, sound: MediaStream) {
    let back: MediaStream | undefined;
    let iceTimer: number | undefined;
    let take: (stream: MediaStream) => void = () => undefined;
    let refuse: (why: Error) => void = () => undefined;
    this.answered = new Promise<MediaStream>((resolve, reject) => {
      take = resolve;
      refuse = reject;
    });
    this.session = ua.call(`sip:${EXTENSION}@${domain}`, {
      mediaStream: sound,
      pcConfig: { iceServers: [] },
      eventHandlers: {
        peerconnection: ({ peerconnection }: { peerconnection: RTCPeerConnection }) => {
          peerconnection.addEventListener("track", ({ streams, track }) => {
            back = streams[0] ?? new MediaStream([track]);
          });
        },
        icecandidate: ({ ready }: IceCandidateEvent) => {
          iceTimer ??= window.setTimeout(ready, ICE_PATIENCE_MS);
        },
        confirmed: () => (back ? take(back) : refuse(new Error("no audio"))),
        failed: ({ cause }: EndEvent) => refuse(new Error(cause)),
        ended: ({ cause }: EndEvent) => refuse(new Error(cause)),
      },
    });
  }

  get connection(): RTCPeerConnection {
    return this.session.connection;
  }

  /** Whether it still stands: a caller ends it. */
  get standing(): boolean {
    return this.session.isEstablished();
  }

  end(): void {
    if (!this.session.isEnded()) this.session.terminate();
  }
}
