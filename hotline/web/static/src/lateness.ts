// Whether a stream of events is in time. Each beat says when it was sent and when the next is due.
import { notBefore, now } from "./time";

export interface Beat {
  at: number;
  every: number;
}

interface Told {
  /** Two beats are missing. */
  silent: () => void;
  /** What comes is too late to be of use. */
  late: () => void;
}

/** Until the first beat has told how often they come. */
const EVERY_S = 3;
// A page may be busy for a moment; who calls cannot wait for longer.
const LATE_S = 2.5;
const LATE_BEATS = 2;
// The first beat is sent at once.
const FIRST_MS = 5000;
const TRY_AGAIN_MS = 60_000;

export class Lateness {
  every = EVERY_S;
  /** Whether anything has come on the stream that was opened last. */
  cameOnce = false;
  private timer: number | undefined;
  private lateBeats = 0;

  constructor(private readonly told: Told) {}

  /** A stream is opened. */
  begin(): void {
    this.lateBeats = 0;
    this.cameOnce = false;
    this.wait(FIRST_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  /** Something came; what it says of itself when it is a beat. */
  heard(beat: Beat | null): void {
    this.cameOnce = true;
    if (beat) {
      this.every = beat.every;
      notBefore(beat.at);
      this.lateBeats = isLate(beat) ? this.lateBeats + 1 : 0;
    }
    this.wait((2 * this.every + 0.5) * 1000);
    if (this.lateBeats >= LATE_BEATS) this.told.late();
  }

  private wait(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.told.silent(), milliseconds);
  }
}

function isLate({ at }: Beat): boolean {
  return now() - at > LATE_S;
}

/** Try a stream again and again while that is `wanted`; whether one was in time at last. */
export async function inTimeAgain(every: number, wanted: () => boolean): Promise<boolean> {
  while (wanted()) {
    await new Promise((next) => setTimeout(next, TRY_AGAIN_MS));
    if (wanted() && (await isInTime(every))) return wanted();
  }
  return false;
}

/** Whether two beats in a row come when they should. */
function isInTime(every: number): Promise<boolean> {
  return new Promise((resolve) => {
    const source = new EventSource("/events");
    const timer = setTimeout(() => done(false), (every + 2 * LATE_S) * 1000);
    let beats = 0;
    const done = (inTime: boolean): void => {
      clearTimeout(timer);
      source.close();
      resolve(inTime);
    };
    source.onerror = () => done(false);
    source.addEventListener("beat", ({ data }: MessageEvent<string>) => {
      if (isLate(JSON.parse(data) as Beat)) done(false);
      else if (++beats === LATE_BEATS) done(true);
    });
  });
}
