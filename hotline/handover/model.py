"""A handover, what reaches it from the wire and the desk, and what it asks for. Plain data.

The *third* is whoever a caller is handed over to. A handover's third has the unique id
``ho-<call_id>-h<n>`` in the PBX, so that a lost answer can be reconciled.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

THIRD_PREFIX = "ho-"
# No code of a service has a colon in it.
COLLEAGUE = "ext:"
QUEUE = "queue:"


class Mode(StrEnum):
    """How a caller is handed over: by a flow before any agent; by a queue that cannot serve them;
    with the agent staying on the line until they leave; with the agent leaving as soon as the
    third has joined; with agent and third speaking first while the caller hears music; or without
    a third, to a queue or a parking place."""

    FLOW = "flow"
    OVERFLOW = "overflow"
    THREE_WAY = "three_way"
    BLIND = "blind"
    CONSULT = "consult"
    QUEUE = "queue"
    PARK = "park"


class Step(StrEnum):
    """Where a handover is: the third rings, picked up and hears the hint, has heard it, or is in
    one bridge with the caller."""

    RINGING = "ringing"
    ANSWERED = "answered"
    READY = "ready"
    JOINED = "joined"


@dataclass(slots=True)
class Handover:
    """A handover that is under way. Instants are Unix seconds."""

    handover_id: str
    target: str
    mode: Mode
    started_at: float
    ring_s: float
    step: Step = Step.RINGING
    joined_at: float | None = None
    # Since when caller and third talk without an agent.
    alone_since: float | None = None
    cancelled: bool = False
    # The third came into the agent's talk; else the caller was told to wait for them.
    met: bool = False
    # What the target was called when it began.
    name: str = ""
    note: str = ""

    @property
    def third(self) -> str:
        """The unique id of the third's channel."""
        return third_of(self.handover_id)

    @property
    def from_caller(self) -> bool:
        """Whether the third is dialled from the caller's own leg, without an agent."""
        return self.mode in (Mode.FLOW, Mode.OVERFLOW)

    @property
    def has_third(self) -> bool:
        """Whether anybody is rung; else the caller goes to a queue or a parking place."""
        return self.mode not in (Mode.QUEUE, Mode.PARK)

    @property
    def extension(self) -> str:
        """The colleague's extension, empty when the third is none of ours."""
        return extension_of(self.target)

    @property
    def joined(self) -> bool:
        """Whether the third is in the talk."""
        return self.step is Step.JOINED


@dataclass(slots=True)
class Parked:
    """A caller in parking place ``place``, ``by`` an agent, until when nobody has taken them.
    ``rung_back``: the agent's phone was rung for them since. Instants are Unix seconds."""

    place: int
    by: str
    since: float
    until: float
    rung_back: bool = False


def extension_of(target: str) -> str:
    """The extension of a target that is a colleague's telephone; empty for others."""
    return target.removeprefix(COLLEAGUE) if target.startswith(COLLEAGUE) else ""


def is_third(unique_id: str) -> bool:
    """Whether this is the unique id of a third's channel."""
    return unique_id.startswith(THIRD_PREFIX)


def consultation_path(third: str) -> str:
    """Where a consultation with this third is recorded, below the recordings' folder."""
    return f"consults/{third}.wav"


def third_of(handover_id: str) -> str:
    """The unique id of the channel of a handover's third."""
    return THIRD_PREFIX + handover_id.replace("/", "-")


# --- inputs --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AgentHandsOver:
    """An agent wants a third, a target called ``name``, in their talk, or (``mode`` queue) the
    caller in another queue, or (``mode`` park, any target) in a parking place. ``mode``:
    three_way, blind, consult, queue or park."""

    agent_id: str
    call_id: str
    target: str
    mode: Mode
    note: str
    ring_s: float
    name: str = ""


@dataclass(frozen=True, slots=True)
class AgentDropsThird:
    """An agent wants the third no more, ringing or talking."""

    agent_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class AgentHolds:
    """An agent wants the caller of their talk to hear music."""

    agent_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class AgentTakesBack:
    """An agent wants the caller back in the talk; whoever else is there talks with them, too."""

    agent_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class AgentTakesParked:
    """An agent wants to be rung for a parked caller."""

    agent_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class HoldStepped:
    """The caller's music began, or (``held`` False) ended; ``left``: because the agent's leg
    did."""

    call_id: str
    held: bool
    left: bool = False


@dataclass(frozen=True, slots=True)
class WantsTransfer:
    """A flow connects a caller with a target, or (``overflow``) their queue does; ``note`` is told
    to the third."""

    call_id: str
    target: str
    note: str
    ring_s: float
    name: str = ""
    overflow: bool = False


@dataclass(frozen=True, slots=True)
class TransferReturned:
    """The dialplan is back from a flow's transfer, with Asterisk's DIALSTATUS."""

    call_id: str
    handover_id: str
    status: str


@dataclass(frozen=True, slots=True)
class JoinReturned:
    """The dialplan is back from joining a caller, whom the agent had left, with the third;
    ``status`` is Asterisk's BRIDGERESULT."""

    call_id: str
    handover_id: str
    status: str


@dataclass(frozen=True, slots=True)
class ThirdStepped:
    """The third (the unique id of its channel) picked up, heard the hint, or is in a bridge."""

    third: str
    step: Step


@dataclass(frozen=True, slots=True)
class ThirdGone:
    """The third's channel is gone; ``cause`` is Q.850's number, empty when nobody saw it."""

    third: str
    cause: str


HandoverInput = (
    AgentHandsOver
    | AgentDropsThird
    | AgentHolds
    | AgentTakesBack
    | AgentTakesParked
    | HoldStepped
    | WantsTransfer
    | TransferReturned
    | JoinReturned
    | ThirdStepped
    | ThirdGone
)


# --- verbs and commands ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Transfer:
    """Dial the target from the caller's leg; ``recording`` is a path without ``.wav``."""

    handover_id: str
    target: str
    note: str
    ring_s: float
    recording: str


@dataclass(frozen=True, slots=True)
class JoinThird:
    """Join the caller, whom the agent has left, with the third who waits for them."""

    handover_id: str
    third: str


@dataclass(frozen=True, slots=True)
class QueueAgain:
    """Let the caller wait for a person again; ``failed``: tell them that the third could not be
    reached."""

    failed: bool = True


@dataclass(frozen=True, slots=True)
class CallThird:
    """Ring the target, tell it the hint, and bring it into the caller's bridge. A colleague at
    ``extension`` has the call on their screen and hears no hint."""

    handover_id: str
    call_id: str
    channel: str
    calling: str
    target: str
    note: str
    ring_s: float
    extension: str = ""
    # The caller is to hear music meanwhile.
    aside: bool = False


@dataclass(frozen=True, slots=True)
class PartThird:
    """Tell a third that whoever asked them was cut off, and let them go."""

    channel: str


@dataclass(frozen=True, slots=True)
class KeepConsultation:
    """The third of a consultation is gone: see what was recorded of it."""

    call_id: str
    handover_id: str
    third: str


@dataclass(frozen=True, slots=True)
class HoldCaller:
    """Let the caller hear music within the talk. ``we_rang``: ``channel`` is that of a call which
    we placed, not the caller's."""

    channel: str
    we_rang: bool = False


@dataclass(frozen=True, slots=True)
class TakeBack:
    """End the caller's music: they are in the talk again. ``we_rang`` as in :class:`HoldCaller`."""

    channel: str
    we_rang: bool = False


@dataclass(frozen=True, slots=True)
class GoesOn:
    """The caller goes on with a colleague: no music, and how the agent's leg ended says nothing of
    how the talk will."""

    channel: str


@dataclass(frozen=True, slots=True)
class LetGo:
    """Hang the agent's leg up. The caller is not served yet: should nobody tell the dialplan what
    comes next, it looks for a person."""

    channel: str
    agent_channel: str
