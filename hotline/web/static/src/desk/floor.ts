// What comes from the floor: help, messages, calls that one places, promises, who is on duty.
import { ApiError } from "../api";
import { need } from "../dom";
import { addShortcuts } from "../shortcuts";
import { stream } from "../stream";
import { HelpButton } from "./help";
import { Messages } from "./messages";
import { Outbound, type Caller } from "./outbound";
import { Promises } from "./promises";
import { showRoster } from "./roster";
import { SidePanel } from "./side_panel";

export class Floor {
  private readonly panel = new SidePanel(
    () => this.messages.focus(),
    () => void showRoster((error) => this.problem(error)),
  );
  private readonly help = new HelpButton((error) => this.problem(error));
  private readonly messages = new Messages((error) => this.problem(error));
  readonly outbound: Outbound;
  private readonly promises: Promises;

  /** `matter`: where it is and what it is about, as far as it is typed. */
  constructor(desk: Caller & { matter(): string }) {
    this.outbound = new Outbound(desk, (error) => this.problem(error));
    this.promises = new Promises(
      () => desk.open(),
      () => desk.matter(),
      (about) => this.dial(about),
      (error) => this.problem(error),
    );
  }

  start(): void {
    addShortcuts("keys.floor", [
      { keys: "Alt+U", says: "keys.floor.help", act: () => void this.acting(() => this.help.ask()) },
      { keys: "Alt+Shift+U", says: "keys.floor.no_help", act: () => void this.help.withdraw() },
      { keys: "Alt+S", says: "keys.floor.panel", act: () => this.panel.toggle() },
      { keys: "Alt+D", says: "keys.floor.read", act: () => void this.messages.acknowledge() },
      { keys: "Alt+C", says: "keys.floor.call", act: () => void this.acting(() => this.outbound.dialForm()) },
      { keys: "Alt+E", says: "keys.floor.promise", act: () => this.promises.toggle() },
    ]);
    stream.on("reset", () => this.load());
    this.load();
  }

  private load(): void {
    void this.help.load();
    void this.messages.load();
    void this.outbound.load();
    void this.promises.load();
  }

  /** What becomes of the call is told where the panel lies. */
  private dial(about: object): Promise<void> {
    this.panel.close();
    return this.acting(() => this.outbound.dial(about));
  }

  private async acting(job: () => Promise<void>): Promise<void> {
    need("floor-problem").textContent = "";
    await job();
  }

  private problem(error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    // A lost connection has a bar of its own.
    if (error.key !== "unreachable") need("floor-problem").textContent = error.message;
  }
}
