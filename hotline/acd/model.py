"""What goes into the engine and what comes out.

Every input and command is a frozen dataclass of JSON values, so ``cls(**data)`` restores it
from :func:`dataclasses.asdict`. Instants are Unix seconds, durations seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ready", "offered", "talking", "wrap_up", "paused", "offline"]
"""An agent's state. ``offline`` agents are not signed on and have no row."""

NextState = Literal["", "paused", "offline"]
"""What a busy agent asked to become afterwards; empty: ready follows."""

Failure = Literal["refused", "missed", "unreachable"]
"""Why an offer failed: the agent declined it, the phone rang out, or it could not be rung."""

Outcome = Literal["answered", "refused", "missed", "unreachable", "withdrawn"]
"""How an offer ended; ``withdrawn``: the caller hung up, was taken elsewhere, or has another
agent."""

PAUSE_SIGNED_ON = "signed_on"
"""Reason of the pause an agent starts in; it ends when the agent says ready."""
PAUSE_MISSED = "missed"
"""Reason of the timed pause after a missed offer."""
PAUSE_UNREACHABLE = "unreachable"
"""Reason of the pause of an agent whose phone cannot be rung."""

TOP_PRIORITY = 9
"""The most urgent. An ordinary call has 0; priorities out of the range are brought into it."""
BOTTOM_PRIORITY = -3
"""The least urgent: a call that others pass for a while, and no longer."""


@dataclass(frozen=True, slots=True)
class QueueRules:
    """How one queue behaves.

    ``ring_s`` is how long a phone rings, and how long an agent who refused a call is left alone
    with it when nobody else can take it. ``offer_grace_s`` is how much longer the wire may take
    to report how an offer ended before it counts as missed. ``overflow_s`` counts from the
    call's ``since``. ``aging_s`` is what one step of priority is worth in waiting (the bound on
    overtaking that follows: :func:`hotline.acd.policy.call_order`). Raises :class:`ValueError`
    for a duration that cannot work; ``wrap_up_s`` and ``aging_s`` may be 0.
    """

    ring_s: float = 20.0
    wrap_up_s: float = 30.0
    overflow_s: float = 90.0
    miss_pause_s: float = 60.0
    aging_s: float = 60.0
    offer_grace_s: float = 5.0

    def __post_init__(self) -> None:
        for name in ("ring_s", "overflow_s", "miss_pause_s", "offer_grace_s"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be positive")
        for name in ("wrap_up_s", "aging_s"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must not be negative")


@dataclass(frozen=True, slots=True)
class CallWaits:
    """A caller waits for an agent of ``queue`` since ``since``.

    Give ``refused_by`` and ``offers`` (how many the call has had) for a call from before a
    restart: refusals are kept, and no offer id is used twice. A call that overflowed or whose
    talk ended may wait again; what the engine remembers of it still holds.
    """

    call_id: str
    queue: str
    priority: int
    since: float
    refused_by: tuple[str, ...] = ()
    offers: int = 0


@dataclass(frozen=True, slots=True)
class CallGone:
    """The caller's leg is gone, or will never need an agent again. Wins over all else.

    Send it for every call: until then the engine remembers the call's refusals. Whatever is
    said of the call later is ignored; :class:`CallStopsWaiting` is for a call that may return.
    """

    call_id: str


@dataclass(frozen=True, slots=True)
class CallStopsWaiting:
    """The caller is held elsewhere for now (the dialplan's own queue, a menu) and may come back
    with :class:`CallWaits`. An offer that rings is withdrawn; refusals are remembered."""

    call_id: str


@dataclass(frozen=True, slots=True)
class OfferAnswered:
    """The agent and the caller of this offer hear each other.

    Ignored when the offer is over; if the PBX shows a talk nevertheless, :class:`RestoreTalk`
    is what heals.
    """

    offer_id: str


@dataclass(frozen=True, slots=True)
class OfferFailed:
    """The ringing of this offer has ended without a talk, and the caller is still there.

    The call may be offered to the next agent in the same decision, so send it when the caller's
    channel is free again (the dialplan asks for the next step), not when the agent clicks.
    """

    offer_id: str
    outcome: Failure


@dataclass(frozen=True, slots=True)
class TalkEnded:
    """The agent's leg left the talk; the caller may still be there (to rate it)."""

    call_id: str


@dataclass(frozen=True, slots=True)
class AgentSignsOn:
    """The agent starts to work for ``queues``, paused (``signed_on``) until they say ready.

    Harmless when they are signed on already (a page reloaded): the state stays, ``queues``
    replaces theirs, and a sign-off asked for while busy is forgotten.
    """

    agent_id: str
    queues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AgentSignsOff:
    """The agent leaves: at once when free, after talk and wrap-up when busy.

    While a phone rings it is a refusal: the ringing is withdrawn and they leave when it ended.
    """

    agent_id: str


@dataclass(frozen=True, slots=True)
class AgentReady:
    """The agent takes calls. Ends a pause; while busy it takes back what else was to follow."""

    agent_id: str


@dataclass(frozen=True, slots=True)
class AgentPauses:
    """The agent pauses for ``reason`` (a code) until ``until`` (None: until they say ready).

    While busy it is what follows the wrap-up.
    """

    agent_id: str
    reason: str
    until: float | None = None


@dataclass(frozen=True, slots=True)
class AgentReachable:
    """A phone of the agent can be rung, or none can. Unreported means reachable.

    Kept for agents who are not signed on too. While a phone rings, becoming unreachable
    withdraws the offer.
    """

    agent_id: str
    reachable: bool


@dataclass(frozen=True, slots=True)
class WrapUpEnds:
    """The agent is done with the wrap-up before its time."""

    agent_id: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed; due no later than :meth:`hotline.acd.engine.Engine.next_deadline`."""


@dataclass(frozen=True, slots=True)
class RestoreAgent:
    """An agent who was signed on before a restart, as the last :class:`AgentBecame` had them.

    ``talking`` restores the talk with ``call_id`` too; if that call did not survive, follow it
    with :class:`CallGone` in the same adoption, and the agent gets a whole wrap-up. ``offered``
    makes them ready, unless :class:`RestoreOffer` in the same adoption says that it still
    rings. A pause or wrap-up whose ``until`` has passed ends at once.
    """

    agent_id: str
    queues: tuple[str, ...]
    state: State
    since: float
    reason: str = ""
    until: float | None = None
    call_id: str = ""
    next_state: NextState = ""
    next_reason: str = ""
    next_until: float | None = None


@dataclass(frozen=True, slots=True)
class RestoreOffer:
    """An offer whose phone still rings; the other fields are those of :class:`CallWaits`."""

    offer_id: str
    agent_id: str
    call_id: str
    queue: str
    priority: int
    since: float
    refused_by: tuple[str, ...] = ()
    offers: int = 1


@dataclass(frozen=True, slots=True)
class RestoreTalk:
    """The PBX shows these two talking since ``since``, whatever the engine believed.

    Accepted at any time, to heal: the call leaves the queue, an offer of it elsewhere is
    withdrawn. ``queue`` gives the rules of the wrap-up (empty: as known, else the agent's
    first). Ignored when the agent is not signed on, or either of the two talks elsewhere.
    """

    call_id: str
    agent_id: str
    since: float
    queue: str = ""


Input = (
    CallWaits
    | CallStopsWaiting
    | CallGone
    | OfferAnswered
    | OfferFailed
    | TalkEnded
    | AgentSignsOn
    | AgentSignsOff
    | AgentReady
    | AgentPauses
    | AgentReachable
    | WrapUpEnds
    | Tick
    | RestoreAgent
    | RestoreOffer
    | RestoreTalk
)
"""Everything that :meth:`hotline.acd.engine.Engine.handle` takes."""


# --- commands ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MakeOffer:
    """Ring the agent for this call until ``until``, and pop the call on their page.

    ``offer_id`` is ``call_id/n``, never used twice for a call.
    """

    offer_id: str
    call_id: str
    agent_id: str
    queue: str
    until: float


@dataclass(frozen=True, slots=True)
class WithdrawOffer:
    """Stop the ringing of this offer, if it still rings.

    Unless :class:`OfferConcluded` comes with it, the offer stays open until the wire reports
    how it ended: an answer that crossed the withdrawal is a talk, not a lost caller.
    """

    offer_id: str
    call_id: str
    agent_id: str


@dataclass(frozen=True, slots=True)
class OfferConcluded:
    """The offer ended; said exactly once for each :class:`MakeOffer`."""

    offer_id: str
    call_id: str
    agent_id: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class AgentBecame:
    """The agent's state, or what they asked to become next, is now this.

    ``until`` is when the state ends by itself. ``call_id`` is the call offered, talked with or
    wrapped up. Journal all fields: :class:`RestoreAgent` takes them back after a restart.
    """

    agent_id: str
    state: State
    since: float
    reason: str = ""
    until: float | None = None
    call_id: str = ""
    next_state: NextState = ""
    next_reason: str = ""
    next_until: float | None = None


@dataclass(frozen=True, slots=True)
class Overflowed:
    """Nobody took the call within the queue's ``overflow_s``; it waits no longer."""

    call_id: str
    queue: str
    waited_s: float


@dataclass(frozen=True, slots=True)
class Ignored:
    """An input, or a part of it, could not apply (late, doubled, unknown); ``why`` says so.

    ``kind`` is the input's class name, ``subject`` the call, agent or offer it named.
    """

    kind: str
    subject: str
    why: str


Command = MakeOffer | WithdrawOffer | OfferConcluded | AgentBecame | Overflowed | Ignored
"""Everything that :meth:`hotline.acd.engine.Engine.handle` returns."""
