// What the self-test plays and hears: levels, tones, and how long a tone takes to come back.

export const TONE_HZ = 1000;
const TONE_S = 0.25;
const EVERY_S = 0.8;
const LEAD_S = 0.3;
// A tone is there when this much of what is heard is of its pitch, and it is above the noise.
const SHARE = 0.5;
const AUDIBLE = 0.003;

export interface Level {
  /** dB below full scale of the loudest tenth of a second. */
  loudest: number;
  /** The share of samples at full scale. */
  clipped: number;
}

function decibels(samples: Float32Array): number {
  let power = 0;
  for (const sample of samples) power += sample * sample;
  return 10 * Math.log10(Math.max(power / samples.length, 1e-12));
}

/** Listens to a stream's level until it is stopped. */
export class Ear {
  private readonly analyser: AnalyserNode;
  private readonly samples: Float32Array<ArrayBuffer>;
  private loudest = -120;
  private clipped = 0;
  private heard = 0;

  constructor(context: AudioContext, stream: MediaStream) {
    // 85 ms at 48 kHz.
    this.analyser = new AnalyserNode(context, { fftSize: 4096, smoothingTimeConstant: 0 });
    this.samples = new Float32Array(this.analyser.fftSize);
    context.createMediaStreamSource(stream).connect(this.analyser);
  }

  /** The level of this moment, in dB below full scale. */
  listen(): number {
    this.analyser.getFloatTimeDomainData(this.samples);
    const level = decibels(this.samples);
    this.loudest = Math.max(this.loudest, level);
    this.heard += this.samples.length;
    this.clipped += this.samples.filter((sample) => Math.abs(sample) >= 0.99).length;
    return level;
  }

  get level(): Level {
    return { loudest: this.loudest, clipped: this.heard ? this.clipped / this.heard : 0 };
  }
}

function tone(context: AudioContext, to: AudioNode, at: number, hertz: number): void {
  const oscillator = new OscillatorNode(context, { frequency: hertz });
  const gain = new GainNode(context, { gain: 0 });
  gain.gain.setTargetAtTime(0.25, at, 0.004);
  gain.gain.setTargetAtTime(0, at + TONE_S, 0.01);
  oscillator.connect(gain).connect(to);
  oscillator.start(at);
  oscillator.stop(at + TONE_S + 0.1);
}

/** Play two tones into `to`; how many seconds they take. */
export function twoTones(context: AudioContext, to: AudioNode): number {
  [523, 659].forEach((hertz, index) => {
    tone(context, to, context.currentTime + 0.05 + index * 0.45, hertz);
  });
  return 1;
}

/** Sends tones, and hears when each comes back. */
export class EchoEar {
  private readonly analyser: AnalyserNode;
  private readonly samples: Float32Array<ArrayBuffer>;
  private readonly sent: number[];
  private readonly delays = new Map<number, number>();
  private sounding = false;

  constructor(
    private readonly context: AudioContext,
    to: AudioNode,
    back: MediaStream,
    readonly tones: number,
  ) {
    // 21 ms at 48 kHz.
    this.analyser = new AnalyserNode(context, { fftSize: 1024, smoothingTimeConstant: 0 });
    this.samples = new Float32Array(this.analyser.fftSize);
    context.createMediaStreamSource(back).connect(this.analyser);
    const begin = context.currentTime + LEAD_S;
    this.sent = Array.from({ length: tones }, (_, index) => begin + index * EVERY_S);
    for (const at of this.sent) tone(context, to, at, TONE_HZ);
  }

  listen(): void {
    const sounds = this.hears();
    if (sounds && !this.sounding) this.came(this.context.currentTime);
    this.sounding = sounds;
  }

  /** When the last tone has had its time to come back. */
  get over(): boolean {
    return this.context.currentTime > (this.sent.at(-1) as number) + EVERY_S;
  }

  get echoes(): number {
    return this.delays.size;
  }

  /** The median of how long the tones took, in milliseconds; null when none came back. */
  get delay(): number | null {
    const sorted = [...this.delays.values()].sort((one, other) => one - other);
    const middle = sorted[Math.floor(sorted.length / 2)];
    return middle === undefined ? null : Math.round(middle * 1000);
  }

  private came(at: number): void {
    // Of the tones sent before, the last: later ones cannot have come yet.
    const index = this.sent.filter((sent) => sent <= at).length - 1;
    const sent = this.sent[index];
    if (sent !== undefined && !this.delays.has(index)) this.delays.set(index, at - sent);
  }

  /** Whether the tone's pitch (Goertzel's sum) makes up most of what is heard now. */
  private hears(): boolean {
    this.analyser.getFloatTimeDomainData(this.samples);
    const turn = 2 * Math.cos((2 * Math.PI * TONE_HZ) / this.context.sampleRate);
    let [one, two, power] = [0, 0, 0];
    for (const sample of this.samples) {
      [one, two] = [sample + turn * one - two, one];
      power += sample * sample;
    }
    const count = this.samples.length;
    const pitch = (2 * (one * one + two * two - turn * one * two)) / (count * count);
    const all = power / count;
    return Math.sqrt(all) > AUDIBLE && pitch > SHARE * all;
  }
}
