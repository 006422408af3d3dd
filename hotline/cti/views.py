"""What the screens are shown: frozen rows, made by the calls layer, read by the web."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class PauseView:
    """What an agent used today of one reason for pausing, and what the day allows.

    ``used_s`` is of pauses that are over. The running one counts from ``running_since`` (None:
    it is another reason's), which is later than its beginning by what is unknown of it.
    ``unknown_s`` fell into an absence of the controller. Limits are None where there are none.
    """

    reason: str
    used_s: float = 0.0
    times: int = 0
    unknown_s: float = 0.0
    running_since: float | None = None
    allowed_s: float | None = None
    allowed_times: int | None = None


@dataclass(frozen=True, slots=True)
class ForcedView:
    """A supervisor's change of an agent's state at ``at``: ``want`` as in
    :class:`hotline.events.StateForced`; ``name`` is the supervisor's."""

    at: float
    want: str
    reason: str
    why: str
    name: str


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task between calls, as :class:`hotline.calls.model.DueTask` tells of it. After a restart
    ``who`` and ``seconds`` are unknown for a moment."""

    task_id: str
    kind: str
    who: str = ""
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class TaskCounts:
    """How many tasks of a kind agents could do between calls: ``waiting`` for somebody who is
    free, or shown to them, and ``begun``."""

    kind: str
    waiting: int
    begun: int


@dataclass(frozen=True, slots=True)
class AskedView:
    """A colleague's call into which an agent is asked: ``by`` whom, with what ``note``. ``step``
    and ``mode`` as in :class:`HandoverView`."""

    call_id: str
    by: str
    note: str
    mode: str
    step: str
    since: float


@dataclass(frozen=True, slots=True)
class AgentView:
    """One agent now. Instants are Unix seconds.

    ``state``: ready, offered, talking, wrap_up, on_task, paused or offline. ``next_state`` is
    what the agent asked for while busy (``ready``, ``paused``, ``offline``), empty for none.
    ``reachable`` is whether a phone of theirs is registered, None while the PBX is unseen.
    ``held_since``: the caller hears music since then, for this agent was cut off. ``extra_s`` is
    by how much the wrap-up can still be extended. ``pauses`` has the running pause, and for the
    agent's own screen every reason; ``forced`` is a change by a
    supervisor today, until the agent chooses a state.
    """

    agent_id: str
    name: str
    extension: str
    state: str
    since: float
    reason: str = ""
    until: float | None = None
    next_state: str = ""
    call_id: str = ""
    offer_id: str = ""
    reachable: bool | None = None
    next_reason: str = ""
    held_since: float | None = None
    extra_s: float = 0.0
    pauses: tuple[PauseView, ...] = ()
    forced: ForcedView | None = None
    # What the agent is shown, or (state on_task) works on; for their own screen.
    task: TaskView | None = None
    # Since when the caller hears music because this agent asked for it.
    on_hold_since: float | None = None
    # The colleague's call into which this agent is asked; for their own screen.
    asked: AskedView | None = None


@dataclass(frozen=True, slots=True)
class WaitingCall:
    """A caller in the queue. ``reasons`` explain a ``priority`` other than 0
    (:mod:`hotline.callers.priority`)."""

    call_id: str
    calling: str
    queue: str
    since: float
    offered_to: str = ""
    priority: int = 0
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParkedCall:
    """A caller in parking place ``place``, left by the agent ``by`` at ``since``; at ``until`` that
    one is rung back. ``offered_to`` is rung for them now, empty for nobody."""

    call_id: str
    place: int
    calling: str
    by: str
    by_name: str
    since: float
    until: float
    offered_to: str = ""


@dataclass(frozen=True, slots=True)
class DayCounts:
    """Counts of the city's day so far, from the journal.

    ``within_15_s`` are answered calls that waited at most 15 s (GB/T 33358-2016). ``reports``
    are spoken reports kept. ``blind_s`` is how long the controller could not see the PBX: what
    happened then is unknown.
    """

    arrived: int = 0
    queued: int = 0
    answered: int = 0
    abandoned: int = 0
    within_15_s: int = 0
    reports: int = 0
    talk_s: float = 0.0
    rated: int = 0
    rating_sum: int = 0
    blind_s: float = 0.0


@dataclass(frozen=True, slots=True)
class IntervalCounts:
    """Arrived, answered and abandoned calls of one quarter of an hour starting at ``start``."""

    start: float
    arrived: int
    answered: int
    abandoned: int


@dataclass(frozen=True, slots=True)
class Board:
    """The supervisor's picture at ``at``. ``pbx_up`` False: live numbers are unknown."""

    at: float
    seq: int
    pbx_up: bool
    journal_ok: bool
    waiting: tuple[WaitingCall, ...] = ()
    talking: int = 0
    agents: tuple[AgentView, ...] = ()
    today: DayCounts = field(default_factory=DayCounts)
    intervals: tuple[IntervalCounts, ...] = ()
    tasks: tuple[TaskCounts, ...] = ()
    parked: tuple[ParkedCall, ...] = ()


@dataclass(frozen=True, slots=True)
class EarlierCall:
    """A call of the same number before this one."""

    call_id: str
    arrived_at: float
    agent_name: str
    talked_s: float | None
    outcome: str


@dataclass(frozen=True, slots=True)
class EarlierCase:
    """A case that names the same number."""

    case_number: str
    state: str
    opened_at: float
    category_name: str
    address: str
    description: str


@dataclass(frozen=True, slots=True)
class HandoverView:
    """A handover that is under way. ``step``: ringing, answered (hears the hint), ready or
    joined; ``caller_gone``: agent and third talk on without the caller; ``name``: what the target
    was called when it began."""

    target: str
    mode: str
    step: str
    started_at: float
    joined_at: float | None
    caller_gone: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class WayView:
    """Where an agent can send a caller, or whom they can ask, within the house. ``code`` is what
    :meth:`hotline.cti.desk.AgentDesk.hand_over` takes; ``kind``: agent, supervisor or queue;
    ``names`` by language; ``state`` is an agent's, empty for others."""

    code: str
    kind: Literal["agent", "supervisor", "queue"]
    names: Mapping[str, str]
    number: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class StoryLine:
    """What became of the call before: ``by`` whom, at ``at``, ``mode`` and ``outcome`` as
    :class:`hotline.events.HandoverStarted` and ``HandoverEnded`` have them, ``to`` whom, and what
    was said of it."""

    at: float
    by: str
    mode: str
    to: str
    note: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Pop:
    """All that a screen-pop shows, at the offer and again after a reload.

    ``phase``: offered, consulted (a colleague asks this agent), talking or ended. ``draft`` is what
    the agent already typed. ``case_number`` is set once the form was saved. ``first`` is why the
    agent is the call's first one (:class:`hotline.callers.familiar.Familiar`), empty when they are
    not.
    """

    call_id: str
    offer_id: str
    phase: str
    called: str
    calling: str
    calling_name: str
    queue: str
    arrived_at: float
    queued_at: float | None
    offered_at: float | None
    answered_at: float | None
    keys: str
    calls: tuple[EarlierCall, ...] = ()
    cases: tuple[EarlierCase, ...] = ()
    draft: dict[str, object] = field(default_factory=dict)
    case_number: str = ""
    priority: int = 0
    reasons: tuple[str, ...] = ()
    first: str = ""
    handover: HandoverView | None = None
    # The citizen hung up and kept the place: they are dialled when the agent has answered.
    kept_place: bool = False
    # Who handed the call on before, oldest first.
    story: tuple[StoryLine, ...] = ()
    # Whose half-filled form the draft is, empty for the agent's own.
    draft_of: str = ""
    # How far the agent's own pages brought the draft (hotline.web.drafts); 0 without one.
    draft_revision: int = 0
