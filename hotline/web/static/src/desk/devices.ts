// Which microphone and speaker, and how loud: chosen by people, kept by this browser.

const STORE = "hotline-devices";

interface Kept {
  microphone: string;
  speaker: string;
  volume: number;
}

export interface Choice {
  id: string;
  label: string;
}

type Sink = HTMLMediaElement & { setSinkId?: (id: string) => Promise<void> };

export class Devices {
  private kept: Kept;

  constructor() {
    this.kept = { microphone: "", speaker: "", volume: 1, ...read() };
  }

  get microphone(): string {
    return this.kept.microphone;
  }

  get speaker(): string {
    return this.kept.speaker;
  }

  get volume(): number {
    return this.kept.volume;
  }

  /** What to ask the browser for: the one chosen, or whichever there is. */
  get constraints(): MediaTrackConstraints | true {
    return this.microphone ? { deviceId: { ideal: this.microphone } } : true;
  }

  keep(changed: Partial<Kept>): void {
    this.kept = { ...this.kept, ...changed };
    localStorage.setItem(STORE, JSON.stringify(this.kept));
  }

  /** Let a sound come out of the chosen speaker, as loud as chosen. A speaker that is gone, or a
   * browser that cannot choose: the machine's own. */
  async apply(audio: HTMLMediaElement): Promise<void> {
    audio.volume = this.volume;
    const sink = audio as Sink;
    if (!sink.setSinkId) return;
    try {
      await sink.setSinkId((await this.hasSpeaker()) ? this.speaker : "");
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      await sink.setSinkId("");
    }
  }

  /** Whether the chosen speaker is there; the machine's own always is. */
  async hasSpeaker(): Promise<boolean> {
    if (!this.speaker) return true;
    return (await this.list("audiooutput")).some(({ id }) => id === this.speaker);
  }

  /** What there is to choose from. Names are only told once the microphone was allowed. */
  async list(kind: "audioinput" | "audiooutput"): Promise<Choice[]> {
    const found = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    return found
      .filter((device) => device.kind === kind && device.deviceId && device.deviceId !== "default")
      .map(({ deviceId, label }) => ({ id: deviceId, label }));
  }
}

function read(): Partial<Kept> {
  try {
    return JSON.parse(localStorage.getItem(STORE) ?? "{}") as Partial<Kept>;
  } catch {
    // Somebody else's words under our name: begin anew.
    return {};
  }
}
