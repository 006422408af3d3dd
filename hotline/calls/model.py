"""Call, what reaches the calls layer from the wire, and what it answers. Plain data.

``call_id`` is ``<node>-<uniqueid of the citizen's channel>``: the citizen's leg is the call;
agents' legs come and go.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from hotline.acd.model import WaitReasons
from hotline.callers.familiar import Familiar
from hotline.events import Event
from hotline.handover import model as handover
from hotline.routing.rules import PlanInForce
from hotline.telephony.snapshot import PbxSnapshot
from hotline.waiting.model import Place, PlaceVerb, RingForPlace, WaitingInput


class Stage(StrEnum):
    """Where a call is."""

    ARRIVING = "arriving"
    WAITING = "waiting"
    OFFERED = "offered"
    TALKING = "talking"
    RATING = "rating"
    # Another service talks with the caller, or is rung, and no agent is there.
    HANDED_OVER = "handed_over"
    REPORTING = "reporting"
    # The caller hears music in a parking place until somebody takes them.
    PARKED = "parked"
    ENDED = "ended"


@dataclass(slots=True)
class Call:
    """One citizen's call as the controller knows it now."""

    call_id: str
    channel: str
    called: str
    calling: str
    calling_name: str
    arrived_at: float
    stage: Stage = Stage.ARRIVING
    queue: str = ""
    queued_at: float | None = None
    # Since when in this queue, for who was sent on to it or came back; and where from and to.
    entered_at: float | None = None
    left: tuple[str, ...] = ()
    priority: int = 0
    reasons: tuple[str, ...] = ()
    # Agents who know the caller, and who of them has the call first in this queue.
    familiar: tuple[Familiar, ...] = ()
    first: Familiar | None = None
    # Why it could not be offered at once; None: it could, or a restart came between.
    waits: WaitReasons | None = None
    agent_id: str = ""
    agent_channel: str = ""
    offer_id: str = ""
    offered_at: float | None = None
    offers: int = 0
    # Who refused or missed it, each with when.
    refused_by: dict[str, float] = field(default_factory=dict)
    # The service level had counted it before a restart.
    counted: bool = False
    ringing: set[str] = field(default_factory=set)
    refused: bool = False
    unwanted: bool = False
    # The offer's phone is rung by the dialplan's own queue, where we found the caller.
    rung_by_dialplan: bool = False
    answered_at: float | None = None
    recording: str = ""
    talked_s: float = 0.0
    # While the caller is held for an agent whose page went away: until when at most, and from
    # when on to ring that agent again (None while it rings).
    held_until: float | None = None
    held_since: float | None = None
    held_s: float = 0.0
    redial_at: float | None = None
    # Since when the caller hears music within the talk, because the agent asked for it; and
    # whether that ended because the agent hung up.
    on_hold_since: float | None = None
    left_on_hold: bool = False
    # How the phone of a colleague ended who had taken the talk over (Q.850), empty while it lives.
    agent_cause: str = ""
    parked: handover.Parked | None = None
    handover: handover.Handover | None = None
    handovers: int = 0
    # The caller hung up while agent and third talk on: the news of it, and when it came.
    orphan: CallerGone | None = None
    orphaned_at: float = 0.0
    dismissed: bool = False
    # How often, and when last, the caller was fetched out of the dialplan's own queue.
    fetched: int = 0
    fetched_at: float = float("-inf")
    reports: int = 0
    report_id: str = ""
    report_path: str = ""
    # Takes of the same report that were spoken again: each one's identity and path.
    earlier_takes: list[tuple[str, str]] = field(default_factory=list)
    keys: str = ""
    # The caller is asked which number to ring back; keys are the answer to that.
    confirming: bool = False
    # A place kept for a callback, without a citizen's channel.
    place: Place | None = None

    @property
    def routed(self) -> bool:
        """Whether the routing engine can have heard of the call."""
        return self.queued_at is not None or bool(self.agent_id)


# --- verbs: what the dialplan shall do next with a caller ----------------------------------


@dataclass(frozen=True, slots=True)
class DialAgent:
    """Ring the agent's phones; ``recording`` is a path without ``.wav``."""

    offer_id: str
    interfaces: tuple[str, ...]
    ring_s: float
    recording: str


@dataclass(frozen=True, slots=True)
class TakeReport:
    """Record a spoken report at ``path`` (without ``.wav``); ``add``: behind what is there."""

    report_id: str
    path: str
    reason: str
    add: bool = False


@dataclass(frozen=True, slots=True)
class GoOn:
    """The caller no longer waits for a person; the flow goes on by ``exit``: ``talked`` (the
    talk is over), ``nobody`` (none was free in time), ``full`` (the queue takes no more),
    ``overflow`` (the talk with the service that the queue sends callers to is over) or ``asked``
    (for a report, by key)."""

    exit: str


@dataclass(frozen=True, slots=True)
class SendOn:
    """Connect the caller with another service, which the queue sends its callers to; ``full``:
    because it takes no more."""

    target: str
    full: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """Tell the caller that the queue is full and that they wait in another one, and go on."""


Verb = (
    DialAgent
    | TakeReport
    | GoOn
    | SendOn
    | Moved
    | handover.Transfer
    | handover.JoinThird
    | handover.QueueAgain
    | PlaceVerb
)


# --- inputs --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallReached:
    """A caller's channel asks for the first time what to do."""

    call_id: str
    channel: str
    called: str
    calling: str
    calling_name: str


@dataclass(frozen=True, slots=True)
class DialReturned:
    """The dialplan is back from dialling an agent, with Asterisk's DIALSTATUS.

    ``cause`` is the Q.850 cause with which the agent's leg ended.
    """

    call_id: str
    offer_id: str
    status: str
    cause: str = ""


@dataclass(frozen=True, slots=True)
class InFallback:
    """The caller began to wait in the dialplan's own queue."""

    call_id: str


@dataclass(frozen=True, slots=True)
class QueueReturned:
    """The caller is back from the dialplan's own queue, where an agent answered."""

    call_id: str


@dataclass(frozen=True, slots=True)
class MayWait:
    """The caller has heard what must be heard, and may be offered to agents.

    ``reasons`` explain the ``priority``; without any, a caller who waited before keeps theirs.
    An empty ``queue`` is the one they waited in before. ``familiar`` are agents who know the
    caller, whom to ask first in their order; nobody: those of before.
    """

    call_id: str
    queue: str
    priority: int = 0
    reasons: tuple[str, ...] = ()
    familiar: tuple[Familiar, ...] = ()


@dataclass(frozen=True, slots=True)
class WantsReport:
    """A spoken report is to be taken. ``reason``: nobody_ready, out_of_hours, asked, again."""

    call_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class SpeaksAgain:
    """The caller wants to speak the report again, or to add to it."""

    call_id: str
    report_id: str
    add: bool


@dataclass(frozen=True, slots=True)
class ReportReturned:
    """A report is as the caller wants it, who is still on the line.

    ``ended_by``: key, silence, limit, fault or unknown.
    """

    call_id: str
    report_id: str
    ended_by: str


@dataclass(frozen=True, slots=True)
class StepEntered:
    """The caller came to a node of a flow, by an exit of the last one. ``closing``: the hang-up
    after it is ours."""

    call_id: str
    step: str
    flow: str = ""
    version: int = 0
    by: str = ""
    closing: bool = False


@dataclass(frozen=True, slots=True)
class CallerRated:
    """The caller marked the talk, 1 to 5."""

    call_id: str
    score: int


@dataclass(frozen=True, slots=True)
class CallerGone:
    """The citizen's channel is gone; ``seen`` is False when we only miss it in a snapshot.

    The wire does not know whose ``channel`` it was: an agent's leg is told of in the same way.
    ``code`` is Q.850's number of the cause, empty when nobody saw it.
    """

    call_id: str
    cause: str
    seen: bool = True
    channel: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class PhoneRings:
    """One of the agent's phones began to ring for this caller."""

    call_id: str
    agent_channel: str


@dataclass(frozen=True, slots=True)
class DialAnswered:
    """An agent's phone, on ``agent_channel``, was picked up for this caller."""

    call_id: str
    agent_channel: str


@dataclass(frozen=True, slots=True)
class KeySeen:
    """The caller pressed a key."""

    call_id: str
    key: str


@dataclass(frozen=True, slots=True)
class AgentAsks:
    """An agent asks for a state: signed_on (paused until ready), ready, paused or offline."""

    agent_id: str
    state: str
    reason: str = ""
    # When a pause ends by itself; None: when the agent says so.
    until: float | None = None


@dataclass(frozen=True, slots=True)
class AgentRefuses:
    """An agent refuses the offer on their screen."""

    agent_id: str
    offer_id: str


@dataclass(frozen=True, slots=True)
class AgentEndsWrapUp:
    """An agent is done with wrap-up before its time."""

    agent_id: str


@dataclass(frozen=True, slots=True)
class AgentExtendsWrapUp:
    """An agent needs more time for the wrap-up."""

    agent_id: str
    by_s: float


@dataclass(frozen=True, slots=True)
class SupervisorSets:
    """A supervisor changes an agent's state; see :class:`hotline.events.StateForced`."""

    agent_id: str
    want: str
    why: str
    by: str
    name: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PageOpened:
    """A page of an agent's began to listen to us."""

    agent_id: str


@dataclass(frozen=True, slots=True)
class PageClosed:
    """A page of an agent's listens no more."""

    agent_id: str


@dataclass(frozen=True, slots=True)
class AgentHangsUp:
    """An agent ends the talk from the screen."""

    agent_id: str


@dataclass(frozen=True, slots=True)
class AgentMoves:
    """An agent goes on with the talk where their web phone is registered now."""

    agent_id: str


@dataclass(frozen=True, slots=True)
class AgentKnown:
    """Somebody with a phone, as the user list has them now."""

    agent_id: str
    name: str
    extension: str


@dataclass(frozen=True, slots=True)
class EndpointSeen:
    """A phone registered (``1001`` or ``1001-web``) or went away."""

    endpoint: str
    reachable: bool


@dataclass(frozen=True, slots=True)
class PbxSeen:
    """The PBX as it is right after a connect."""

    snapshot: PbxSnapshot


@dataclass(frozen=True, slots=True)
class PbxUnseen:
    """The connection to the PBX is lost."""

    why: str


@dataclass(frozen=True, slots=True)
class TimePassed:
    """A deadline may be due."""


@dataclass(frozen=True, slots=True)
class DueTask:
    """Work between calls that is nobody's, due since ``since``.

    ``task_id`` is its kind and number (:mod:`hotline.calls.tasks`). ``who`` is whose it is as
    screens may show it: a name, or a masked number, empty for unknown. ``seconds`` is how long
    there is to listen, None where nothing was recorded or its length is unknown.
    """

    task_id: str
    since: float
    who: str = ""
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class TasksDue:
    """All the work of one kind that is due and nobody's. ``skill`` is what an agent needs to be
    shown it."""

    kind: str
    tasks: tuple[DueTask, ...]
    skill: str


@dataclass(frozen=True, slots=True)
class AgentTakesTask:
    """An agent begins the task that they are shown."""

    agent_id: str
    task_id: str


@dataclass(frozen=True, slots=True)
class TaskOver:
    """A task needs nobody any more, or its agent gives it back."""

    task_id: str


@dataclass(frozen=True, slots=True)
class CitizenBrought:
    """The citizen of a call that staff placed (``placed``) becomes a caller: ``channel`` is their
    leg, ``agent_channel`` that of the member of staff, who may be no agent."""

    call_id: str
    channel: str
    agent_id: str
    agent_channel: str
    placed: str
    calling: str
    called: str
    case_number: str = ""


CallerInput = (
    CallReached
    | CitizenBrought
    | StepEntered
    | MayWait
    | KeySeen
    | WantsReport
    | SpeaksAgain
    | ReportReturned
    | PhoneRings
    | DialAnswered
    | DialReturned
    | QueueReturned
    | CallerRated
    | CallerGone
)
DutyInput = (
    AgentKnown
    | EndpointSeen
    | AgentAsks
    | AgentRefuses
    | AgentEndsWrapUp
    | AgentExtendsWrapUp
    | AgentHangsUp
    | AgentMoves
    | SupervisorSets
    | PageOpened
    | PageClosed
)
TaskInput = TasksDue | AgentTakesTask | TaskOver
HealingInput = PbxSeen | PbxUnseen | InFallback
Input = (
    CallerInput
    | DutyInput
    | TaskInput
    | HealingInput
    | handover.HandoverInput
    | PlanInForce
    | WaitingInput
    | TimePassed
)


# --- commands ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tell:
    """Give the caller's dialplan its next verb, now or as soon as it asks."""

    call_id: str
    verb: Verb


@dataclass(frozen=True, slots=True)
class HangUp:
    """Hang up one channel; ``cause`` is Q.850's number, empty for a normal end."""

    channel: str
    cause: str = ""


@dataclass(frozen=True, slots=True)
class FetchBack:
    """Take a caller out of the dialplan's own path, back to the controller."""

    call_id: str
    channel: str


@dataclass(frozen=True, slots=True)
class CheckRecording:
    """See whether the talk's recording is there and whole."""

    call_id: str
    path: str
    talked_s: float


@dataclass(frozen=True, slots=True)
class MeasureReport:
    """See what a spoken report's file holds, and those of its earlier takes."""

    call_id: str
    report_id: str
    path: str
    ended_by: str
    earlier: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class KeepFallback:
    """The dialplan's own queue shall ring exactly these interfaces."""

    interfaces: tuple[str, ...]


Command = (
    Tell
    | HangUp
    | FetchBack
    | CheckRecording
    | MeasureReport
    | KeepFallback
    | handover.CallThird
    | handover.PartThird
    | handover.KeepConsultation
    | handover.HoldCaller
    | handover.TakeBack
    | handover.LetGo
    | handover.GoesOn
    | RingForPlace
)


@dataclass(slots=True)
class Outcome:
    """What an input led to: events for the journal first, then commands for the wire."""

    events: list[Event] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def merge(self, other: Outcome) -> None:
        """Append what another input led to."""
        self.events += other.events
        self.commands += other.commands
        self.ignored += other.ignored
