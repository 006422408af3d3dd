// What a desktop with a list in the queue's place has in common with the agents' desk: the phone with
// its menu, calls that are placed, help, messages, the shift, knowledge, one's own day, their keys.
import { ApiError, request } from "../api";
import { need } from "../dom";
import { addShortcuts } from "../shortcuts";
import { stream } from "../stream";
import { HelpButton } from "./help";
import { KnowledgePanel, type Asked } from "./knowledge";
import { Messages } from "./messages";
import { watchOneWay } from "./one_way";
import { Outbound } from "./outbound";
import { WebPhone } from "./phone";
import { PhoneMenu } from "./phone_menu";
import { showRoster } from "./roster";
import { SidePanel } from "./side_panel";

export class Shell {
  readonly phone = new WebPhone(need<HTMLAudioElement>("remote"), () => this.changed());
  readonly menu: PhoneMenu;
  readonly outbound: Outbound;
  readonly knowledge: KnowledgePanel;
  private readonly floor = document.getElementById("floor-open") ? new FloorParts(problem) : null;

  /** `changed`: the phone has; `asked`: what the open form says, for what may help with it;
   * `handOver`: choose to whom the citizen of a placed call goes. */
  constructor(
    private readonly changed: () => void,
    asked: () => Asked | null,
    handOver?: (opener: HTMLElement) => void,
  ) {
    this.menu = new PhoneMenu(this.phone, `hotline-phone:${document.body.dataset.user ?? ""}`, changed);
    this.outbound = new Outbound({ open: () => null, phone: this.phone, onWeb: () => this.onWeb, goOn: () => this.goOn(), handOver }, problem);
    this.knowledge = new KnowledgePanel(asked, null);
    this.phone.bring = (talks) => {
      if (talks) request("POST", "/api/phone/talk", {}).catch(problem);
      return talks;
    };
  }

  /** Whether this page's phone is the one that is used, and can be. */
  get onWeb(): boolean {
    return this.menu.kind === "web" && this.phone.usable;
  }

  /** The PBX rings for a talk that was cut off. */
  goOn(): void {
    if (this.menu.kind === "web" && this.phone.registration !== "moved") this.phone.goOn();
  }

  start(): void {
    watchOneWay();
    const own = document.getElementById("own-figures");
    const turn = () => document.getElementById("own-figures")?.toggleAttribute("open");
    addShortcuts("keys.here", [
      { keys: "Alt+K", says: "keys.desk.lookUp", act: () => this.knowledge.focus() },
      { keys: "Alt+I", says: "keys.desk.ownFigures", when: () => own !== null, act: () => void turn() },
    ]);
    this.floor?.start();
    const load = () => {
      void this.outbound.load();
      this.floor?.load();
    };
    stream.on("reset", load);
    load();
    // Who has no number keeps a phone of no kind.
    if (need("remote").dataset.phone) this.menu.start();
  }
}

/** What comes from the floor, for whom it is for. */
class FloorParts {
  private readonly help: HelpButton;
  private readonly messages: Messages;
  private readonly panel: SidePanel;

  constructor(problem: (error: unknown) => void) {
    this.help = new HelpButton(problem);
    this.messages = new Messages(problem);
    this.panel = new SidePanel(
      () => this.messages.focus(),
      () => void showRoster(problem),
    );
  }

  start(): void {
    addShortcuts("keys.floor", [
      { keys: "Alt+U", says: "keys.floor.help", act: () => void this.help.ask() },
      { keys: "Alt+Shift+U", says: "keys.floor.no_help", act: () => void this.help.withdraw() },
      { keys: "Alt+S", says: "keys.floor.panel_plain", act: () => this.panel.toggle() },
      { keys: "Alt+D", says: "keys.floor.read", act: () => void this.messages.acknowledge() },
    ]);
  }

  load(): void {
    void this.messages.load();
    void this.help.load();
  }
}

function problem(error: unknown): void {
  if (!(error instanceof ApiError)) throw error;
  // A lost connection has a bar of its own.
  if (error.key !== "unreachable") need("floor-problem").textContent = error.message;
}
