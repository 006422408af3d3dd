// How good the line of a talk is, from the browser's own statistics. The limits are the server's
// (hotline/phones/limits.py).
import { need } from "../dom";

export type Light = "good" | "fair" | "poor" | "none";

export interface Line {
  /** The worse direction's share of lost packets. */
  loss: number | null;
  jitter_ms: number | null;
  round_trip_ms: number | null;
}

interface Limit {
  fair: number;
  poor: number;
}

/** What was counted from the talk's beginning on. */
export interface Counted {
  received: number;
  lost: number;
  /** What the other side said last of the packets that it lost. */
  lostThere: number | null;
  jitter: number | null;
  roundTrip: number | null;
  /** Grows while the microphone delivers anything but zeros; null for unknown. */
  energy: number | null;
}

const EVERY_MS = 1000;
const WINDOW = 6;
const SILENT_SAMPLES = 4;
const DEAD_MICROPHONE_SAMPLES = 8;
const ORDER: Light[] = ["good", "fair", "poor"];

export async function count(connection: RTCPeerConnection): Promise<Counted> {
  const found: Counted = {
    received: 0,
    lost: 0,
    lostThere: null,
    jitter: null,
    roundTrip: null,
    energy: null,
  };
  let pathRoundTrip: number | null = null;
  for (const report of (await connection.getStats()).values()) {
    if (report.type === "inbound-rtp" && report.kind === "audio") {
      found.received += report.packetsReceived ?? 0;
      found.lost += Math.max(0, report.packetsLost ?? 0);
      found.jitter = report.jitter ?? null;
    } else if (report.type === "remote-inbound-rtp" && report.kind === "audio") {
      found.lostThere = report.fractionLost ?? null;
      found.roundTrip = report.roundTripTime ?? null;
    } else if (report.type === "candidate-pair" && report.nominated) {
      pathRoundTrip = report.currentRoundTripTime ?? null;
    } else if (report.type === "media-source" && report.kind === "audio") {
      found.energy = report.totalAudioEnergy ?? null;
    }
  }
  found.roundTrip ??= pathRoundTrip;
  return found;
}

/** How the line was between two counts. */
export function between(before: Counted, after: Counted): Line {
  const received = after.received - before.received;
  const lost = Math.max(0, after.lost - before.lost);
  const shares = received + lost > 0 ? [lost / (received + lost)] : [];
  if (after.lostThere !== null) shares.push(after.lostThere);
  return {
    loss: shares.length > 0 ? Math.max(...shares) : null,
    jitter_ms: after.jitter === null ? null : after.jitter * 1000,
    round_trip_ms: after.roundTrip === null ? null : after.roundTrip * 1000,
  };
}

export function lightOf(line: Line): Light | null {
  const limits = JSON.parse(need("phone-menu").dataset.limits ?? "{}") as Record<string, Limit>;
  let worst = -1;
  for (const [name, limit] of Object.entries(limits)) {
    const reading = line[name as keyof Line];
    if (reading === null) continue;
    worst = Math.max(worst, reading >= limit.poor ? 2 : reading >= limit.fair ? 1 : 0);
  }
  return ORDER[worst] ?? null;
}

/** Watches one talk. `changed` is called each second with what is true then. */
export class Quality {
  light: Light | null = null;
  line: Line | null = null;
  /** The microphone has delivered nothing but zeros for some seconds. */
  deadMicrophone = false;
  private counts: Counted[] = [];
  private deadFor = 0;
  private timer: number | undefined;

  /** `hushed`: nothing can come, because this side holds the other. */
  constructor(
    private readonly muted: () => boolean,
    private readonly hushed: () => boolean,
    private readonly changed: () => void,
  ) {}

  start(connection: RTCPeerConnection): void {
    this.stop();
    this.timer = window.setInterval(() => void this.look(connection), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.counts = [];
    this.deadFor = 0;
    this.deadMicrophone = false;
    this.light = null;
    this.line = null;
  }

  private async look(connection: RTCPeerConnection): Promise<void> {
    const now = await count(connection);
    if (this.timer === undefined) return;
    this.counts = this.hushed() ? [now] : [...this.counts, now].slice(-WINDOW);
    const first = this.counts[0] as Counted;
    this.line = between(first, now);
    this.light = this.silent() ? "none" : lightOf(this.line);
    this.listenToMicrophone();
    this.changed();
  }

  private silent(): boolean {
    const last = this.counts.slice(-SILENT_SAMPLES);
    return last.length === SILENT_SAMPLES && last[0]?.received === last.at(-1)?.received;
  }

  private listenToMicrophone(): void {
    const [before, now] = this.counts.slice(-2).map(({ energy }) => energy);
    const dead = before !== null && before !== undefined && now === before && !this.muted();
    this.deadFor = dead ? this.deadFor + 1 : 0;
    this.deadMicrophone = this.deadFor >= DEAD_MICROPHONE_SAMPLES;
  }
}
