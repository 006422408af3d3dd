"""What comes out of the engine."""

from __future__ import annotations

from dataclasses import dataclass

from hotline.acd.memory import AgentMemory
from hotline.acd.rules import Strategy
from hotline.acd.words import NextState, Outcome, OverflowWhy, PassedWhy, State, TaskEnd


@dataclass(frozen=True, slots=True)
class PassedOver:
    """``count`` agents of the queue whom this reason excluded, some of them by name."""

    why: PassedWhy
    count: int
    agents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """Why this agent: how the queue chooses, from how many, and who was left out.

    ``free`` counts the ready agents who might have been asked, the chosen one among them.
    ``ring`` is the index of the ring (0 where the queue has none). ``first`` says that the agent
    is the call's first agent. ``passed`` is of the ready agents of the queue.
    """

    strategy: Strategy
    free: int
    ring: int = 0
    first: bool = False
    waited_s: float = 0.0
    passed: tuple[PassedOver, ...] = ()


@dataclass(frozen=True, slots=True)
class WaitReasons:
    """Why a call waits now: its place and who is excluded by what.

    ``place`` counts from 1 within the queue. ``reserved_for`` is the first agent it is kept for.
    ``passed`` is of all agents of the queue, busy and paused ones included.
    """

    call_id: str
    queue: str
    place: int
    waited_s: float
    ring: int = 0
    reserved_for: str = ""
    passed: tuple[PassedOver, ...] = ()


@dataclass(frozen=True, slots=True)
class MakeOffer:
    """Ring the agent for this call until ``until``, and pop the call on their page.

    ``offer_id`` is ``call_id/n``, never used twice for a call. ``why`` is None only where the
    engine was told to save the work.
    """

    offer_id: str
    call_id: str
    agent_id: str
    queue: str
    until: float
    why: Choice | None = None


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
    wrapped up, or the task worked on (``on_task``). ``memory`` is what the strategies know of
    them. Journal all fields: ``RestoreAgent`` takes them back after a restart.
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
    memory: AgentMemory | None = None


@dataclass(frozen=True, slots=True)
class Overflowed:
    """The call waits no longer in this queue and goes to ``to``: ``queue:<name>``,
    ``target:<code of a handover>``, or ``report``. ``why`` is what sent it away."""

    call_id: str
    queue: str
    waited_s: float
    to: str = "report"
    why: OverflowWhy = "wait"


@dataclass(frozen=True, slots=True)
class OfferTask:
    """Show the agent this task. They stay ready: a call may come first."""

    task_id: str
    agent_id: str


@dataclass(frozen=True, slots=True)
class TaskWithdrawn:
    """The offered task is taken back before it was started; unless it is gone it waits again."""

    task_id: str
    agent_id: str
    why: TaskEnd


@dataclass(frozen=True, slots=True)
class Ignored:
    """An input, or a part of it, could not apply (late, doubled, unknown); ``why`` says so.

    ``kind`` is the input's class name, ``subject`` the call, agent or offer it named.
    """

    kind: str
    subject: str
    why: str


Command = (
    MakeOffer
    | WithdrawOffer
    | OfferConcluded
    | AgentBecame
    | Overflowed
    | OfferTask
    | TaskWithdrawn
    | Ignored
)
"""Everything that :meth:`hotline.acd.engine.Engine.handle` returns."""
