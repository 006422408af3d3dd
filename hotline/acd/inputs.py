"""What goes into the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hotline.acd.memory import AgentMemory, Counted
from hotline.acd.rules import Need, QueueRules
from hotline.acd.words import Failure, NextState, State


@dataclass(frozen=True, slots=True)
class CallWaits:
    """A caller waits for an agent of ``queue`` since ``since``.

    Give ``refused_by`` and ``offers`` (how many the call has had) for a call from before a
    restart: refusals are kept, and no offer id is used twice; ``refused_at`` says when (for each
    of ``refused_by``; missing: now), ``counted`` whether the service level has the call already.
    A call that overflowed or whose talk ended may wait again; what the engine remembers of it
    still holds.

    Who lacks a level that ``requires`` asks for is never offered the call; who meets ``prefers``
    is asked first. ``first_agent`` (whom the citizen spoke to last, or who owns the case) has the
    call to themselves for the queue's ``first_s`` while they can take it soon. ``entered`` is
    since when the call is in this queue, for rings, overflow and ``first_s`` (None: ``since``,
    which alone gives the place). A call that is ``admitted`` has its place already (a restart, a
    return), and neither a limit nor a length sends it away.
    """

    call_id: str
    queue: str
    priority: int
    since: float
    refused_by: tuple[str, ...] = ()
    offers: int = 0
    requires: tuple[Need, ...] = ()
    prefers: tuple[Need, ...] = ()
    first_agent: str = ""
    entered: float | None = None
    admitted: bool = False
    refused_at: tuple[float, ...] = ()
    counted: bool = False


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

    Harmless when they are signed on already (a page reloaded, a new plan): the state stays,
    ``queues``, ``weights`` (by queue, 1 where not given) and ``skills`` (levels) replace theirs,
    and a sign-off asked for while busy is forgotten.
    """

    agent_id: str
    queues: tuple[str, ...]
    weights: Mapping[str, int] = field(default_factory=dict)
    skills: Mapping[str, int] = field(default_factory=dict)


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
class ExtendWrapUp:
    """The agent needs ``by_s`` seconds more for the wrap-up; given as far as the queue's
    ``wrap_up_extra_s`` goes."""

    agent_id: str
    by_s: float


@dataclass(frozen=True, slots=True)
class UseRules:
    """These rules are in force from now on, and name every queue there is.

    Waiting calls keep their place. Callers of a queue that is no longer named overflow as
    ``nobody``; its offers and talks end by its last rules. Agents keep the queues that still
    are; :class:`AgentSignsOn` gives them new ones.
    """

    rules: Mapping[str, QueueRules]


@dataclass(frozen=True, slots=True)
class TaskWaits:
    """A task (a callback, a verification) waits for an idle agent of ``queue`` since ``since``,
    one who has what it ``requires``."""

    task_id: str
    queue: str
    since: float
    requires: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskGone:
    """Nobody needs to do the task any more; an offered one is taken back, a started one goes on
    until :class:`TaskDone`."""

    task_id: str


@dataclass(frozen=True, slots=True)
class TaskStarted:
    """The agent to whom the task is offered works on it; calls leave them alone until it is done.

    Ignored when it was taken back before."""

    task_id: str


@dataclass(frozen=True, slots=True)
class TaskDone:
    """The agent has finished a started task, successfully or not, and is free."""

    task_id: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed; due no later than :meth:`hotline.acd.engine.Engine.next_deadline`."""


@dataclass(frozen=True, slots=True)
class RestoreAgent:
    """An agent who was signed on before a restart, as the last :class:`AgentBecame` had them.

    ``talking`` restores the talk with ``call_id`` too; if that call did not survive, follow it
    with :class:`CallGone` in the same adoption, and the agent gets a whole wrap-up. ``offered``
    makes them ready, unless :class:`RestoreOffer` in the same adoption says that it still
    rings. A pause or wrap-up whose ``until`` has passed ends at once. Without a ``memory`` the
    strategies know them as somebody who signs on now.
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
    weights: Mapping[str, int] = field(default_factory=dict)
    skills: Mapping[str, int] = field(default_factory=dict)
    memory: AgentMemory | None = None


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
    requires: tuple[Need, ...] = ()
    prefers: tuple[Need, ...] = ()
    first_agent: str = ""
    entered: float | None = None
    refused_at: tuple[float, ...] = ()
    counted: bool = False


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


@dataclass(frozen=True, slots=True)
class RestoreLevel:
    """The service level of a queue as it was before a restart: who was counted lately, in order.
    Ignored when somebody was counted since the start."""

    queue: str
    counted: tuple[Counted, ...]


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
    | ExtendWrapUp
    | UseRules
    | TaskWaits
    | TaskGone
    | TaskStarted
    | TaskDone
    | Tick
    | RestoreAgent
    | RestoreOffer
    | RestoreTalk
    | RestoreLevel
)
"""Everything that :meth:`hotline.acd.engine.Engine.handle` takes."""
