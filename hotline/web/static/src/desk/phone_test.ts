// The self-test before a shift: microphone, speaker, and a call to the PBX's echo. The server
// judges what was measured (hotline/phones/checking.py) and keeps it.
import { ApiError, request } from "../api";
import { element, need, shape } from "../dom";
import { t, tLoose, type Key } from "../i18n";
import type { EchoCall } from "./echo_call";
import { openMicrophone } from "./microphone";
import type { WebPhone } from "./phone";
import { between, count, type Line } from "./quality";
import { Ear, EchoEar, twoTones } from "./sounding";

type Step = "microphone" | "speaker" | "echo";
type Mark = "waiting" | "running" | "done";

interface Measures {
  microphone_db: number | null;
  clipped: number;
  heard: boolean | null;
  call: string;
  tones: number;
  echoes: number;
  echo_ms: number | null;
  line: Line;
}

interface Judged {
  verdict: "good" | "usable" | "unfit";
  faults: string[];
}

const STEPS: Step[] = ["microphone", "speaker", "echo"];
const SHAPES: Record<Mark, string> = { waiting: "offline", running: "offered", done: "ready" };
const VERDICTS = { good: ["ok", "ready"], usable: ["warn", "offered"], unfit: ["danger", "warning"] };
const SPEAK_MS = 4000;
// So much speech above this level is enough to go on.
const SPEECH_DB = -42;
const SPEECH_MS = 700;
const LOOK_MS = 50;
const LISTEN_MS = 10;
const TONES = 5;
const ANSWER_MS = 6000;
// The PBX reports every five seconds what it lost.
const REPORT_MS = 6500;
const SAY_MS = 20_000;
const UNKNOWN: Line = { loss: null, jitter_ms: null, round_trip_ms: null };

/** The test was broken off: a call came, or the page's menu was left. */
class Interrupted extends Error {}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export class PhoneTest {
  private running = false;

  constructor(
    private readonly phone: WebPhone,
    /** Why it cannot be done now, empty when it can. */
    private readonly whyNot: () => Key | "",
  ) {
    need("phone-test-start").addEventListener("click", () => void this.run());
  }

  show(): void {
    const why = this.whyNot();
    need<HTMLButtonElement>("phone-test-start").disabled = why !== "" || this.running;
    need("phone-test-why").textContent = why && !this.running ? t(why) : "";
  }

  async run(): Promise<void> {
    if (this.running || this.whyNot()) return;
    this.running = true;
    this.show();
    need("phone-test").hidden = false;
    this.clear();
    const context = new AudioContext();
    try {
      await context.resume();
      await this.report(await this.measure(context));
    } catch (error) {
      if (error instanceof Interrupted) this.say("warn", "warning", t("phone.test.interrupted"));
      else if (error instanceof ApiError) this.say("danger", "warning", error.message);
      else throw error;
    } finally {
      await context.close();
      this.running = false;
      this.show();
    }
  }

  private async measure(context: AudioContext): Promise<Measures> {
    const microphone = await this.speak(context);
    const heard = this.ask(context);
    const echo = await this.echo(context);
    return { ...microphone, ...echo, heard: await heard };
  }

  // --- the three steps ---------------------------------------------------------------------

  private async speak(context: AudioContext): Promise<Pick<Measures, "microphone_db" | "clipped">> {
    this.mark("microphone", "running", t("phone.test.speak"));
    let stream: MediaStream;
    try {
      stream = await openMicrophone(this.phone.devices.constraints);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.mark("microphone", "done", t("phone.test.no_microphone"));
      return { microphone_db: null, clipped: 0 };
    }
    const ear = new Ear(context, stream);
    const meter = need<HTMLMeterElement>("phone-test-level");
    meter.hidden = false;
    let spoken = 0;
    for (let passed = 0; passed < SPEAK_MS && spoken < SPEECH_MS; passed += LOOK_MS) {
      await this.wait(LOOK_MS);
      const level = ear.listen();
      meter.value = Math.max(meter.min, level);
      if (level > SPEECH_DB) spoken += LOOK_MS;
    }
    meter.hidden = true;
    for (const track of stream.getTracks()) track.stop();
    const { clipped } = ear.level;
    // Nothing is louder than full scale, whatever a driver delivers.
    const loudest = Math.min(0, ear.level.loudest);
    this.mark("microphone", "done", t("phone.test.level", { level: Math.round(loudest) }));
    return { microphone_db: loudest, clipped };
  }

  /** Play two tones; the promise is of what the agent says to the question. */
  private ask(context: AudioContext): Promise<boolean | null> {
    this.mark("speaker", "running", t("phone.test.listen"));
    const to = context.createMediaStreamDestination();
    const audio = new Audio();
    audio.srcObject = to.stream;
    void this.phone.devices.apply(audio).then(() => audio.play());
    twoTones(context, to);
    const [yes, no] = [need("phone-test-heard"), need("phone-test-unheard")];
    need("phone-test-question").hidden = false;
    yes.focus();
    const over = new AbortController();
    return new Promise<boolean | null>((resolve) => {
      const say = (heard: boolean | null) => {
        over.abort();
        clearTimeout(patience);
        need("phone-test-question").hidden = true;
        const words = heard === null ? "unsaid" : heard ? "heard" : "unheard";
        this.mark("speaker", "done", t(`phone.test.${words}`));
        resolve(heard);
      };
      yes.addEventListener("click", () => say(true), { signal: over.signal });
      no.addEventListener("click", () => say(false), { signal: over.signal });
      const patience = setTimeout(() => say(null), SAY_MS);
    });
  }

  private async echo(context: AudioContext): Promise<Omit<Measures, "microphone_db" | "clipped" | "heard">> {
    this.mark("echo", "running", t("phone.test.calling"));
    const nothing = { tones: TONES, echoes: 0, echo_ms: null, line: UNKNOWN };
    // The two tones first: what comes back of the others is heard, too.
    await this.wait(1100);
    if (!this.phone.usable) return this.failed(nothing, "unregistered");
    const sound = context.createMediaStreamDestination();
    const call = this.phone.callEcho(sound.stream);
    try {
      const back = await Promise.race([call.answered, pause(ANSWER_MS)]);
      if (!(back instanceof MediaStream)) return this.failed(nothing, "no answer");
      return { call: "", ...(await this.listen(context, sound, call, back)) };
    } catch (error) {
      if (error instanceof Interrupted || !(error instanceof Error)) throw error;
      this.stillMine();
      return this.failed(nothing, error.message);
    } finally {
      call.end();
      // A call that was ended before it was answered refuses later; nobody waits for it then.
      call.answered.catch(() => undefined);
    }
  }

  private async listen(
    context: AudioContext,
    sound: AudioNode,
    call: EchoCall,
    back: MediaStream,
  ): Promise<Omit<Measures, "microphone_db" | "clipped" | "heard" | "call">> {
    // Chromium gives a remote stream to Web Audio only while an element plays it.
    const audio = new Audio();
    audio.srcObject = back;
    await this.phone.devices.apply(audio);
    await audio.play();
    const before = await count(call.connection);
    const ear = new EchoEar(context, sound, back, TONES);
    const began = performance.now();
    let after = before;
    const waitsFor = () => after.lostThere === null && performance.now() - began < REPORT_MS;
    while (!ear.over || waitsFor()) {
      await this.wait(LISTEN_MS);
      if (!call.standing) throw new Interrupted();
      ear.listen();
      if (ear.over) after = await count(call.connection);
    }
    const line = between(before, after);
    this.mark("echo", "done", this.numbers(ear, line));
    return { tones: TONES, echoes: ear.echoes, echo_ms: ear.delay, line };
  }

  private failed<T>(nothing: T, why: string): T & { call: string } {
    this.mark("echo", "done", t("phone.test.no_call"));
    return { ...nothing, call: why };
  }

  private numbers(ear: EchoEar, line: Line): string {
    if (!ear.echoes) return t("phone.test.no_echo");
    return `${t("phone.test.back", { ms: ear.delay ?? "—" })} · ${lineInWords(line)}`;
  }

  // --- what is shown -----------------------------------------------------------------------

  private async report(measures: Measures): Promise<void> {
    const { verdict, faults } = await request<Judged>("POST", "/api/phone/check", measures);
    const [colour, sign] = VERDICTS[verdict] as [string, string];
    const words = faults.map((fault) => element("li", {}, tLoose(`phone.fault.${fault}`)));
    this.say(colour, sign, t(`phone.verdict.${verdict}`), ...words);
    need("phone-test-verdict").dataset.verdict = verdict;
  }

  private say(colour: string, sign: string, words: string, ...faults: Node[]): void {
    const place = need("phone-test-verdict");
    place.replaceChildren(
      element("b", { class: `light ${colour}` }, shape(sign), words),
      element("ul", {}, ...faults),
    );
  }

  private clear(): void {
    const place = need("phone-test-verdict");
    place.replaceChildren();
    delete place.dataset.verdict;
    need("phone-test-question").hidden = true;
    for (const step of STEPS) this.mark(step, "waiting", "");
  }

  private mark(step: Step, mark: Mark, words: string): void {
    const line = need(`phone-test-${step}`);
    line.dataset.mark = mark;
    line.replaceChildren(
      element("span", { class: "step" }, shape(SHAPES[mark]), t(`phone.test.${step}`)),
      element("span", { class: "muted small" }, words),
    );
  }

  private async wait(ms: number): Promise<void> {
    await pause(ms);
    this.stillMine();
  }

  private stillMine(): void {
    if (this.phone.line !== "idle") throw new Interrupted();
  }
}

/** A line's numbers in words. */
export function lineInWords({ loss, jitter_ms, round_trip_ms }: Line): string {
  const shown = (value: number | null, digits = 0) => (value === null ? "—" : value.toFixed(digits));
  return t("phone.line.numbers", {
    loss: shown(loss === null ? null : loss * 100, 1),
    jitter: shown(jitter_ms),
    trip: shown(round_trip_ms),
  });
}
