// The browser phone's ringing: two soft tones, every three seconds.

const TONES_HZ = [440, 554];
const EVERY_MS = 3000;

export class Ringing {
  private context: AudioContext | undefined;
  private timer: number | undefined;

  start(): void {
    if (this.timer !== undefined) return;
    this.context ??= new AudioContext();
    void this.context.resume();
    this.ring();
    this.timer = window.setInterval(() => this.ring(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private ring(): void {
    if (!this.context || this.context.state !== "running") return;
    TONES_HZ.forEach((hertz, index) => this.tone(hertz, index * 0.25));
  }

  private tone(hertz: number, delay: number): void {
    const context = this.context as AudioContext;
    const begin = context.currentTime + delay;
    const oscillator = new OscillatorNode(context, { frequency: hertz });
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setTargetAtTime(0.12, begin, 0.02);
    gain.gain.setTargetAtTime(0, begin + 0.2, 0.05);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(begin);
    oscillator.stop(begin + 0.6);
  }
}
