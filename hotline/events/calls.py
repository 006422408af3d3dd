"""A call from its arrival to its end: queues, offers, talks, recordings, reports, handing over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hotline.events.base import Event

# --- a call -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallArrived(Event):
    """A citizen's call reached us. ``calling`` is empty when the number was withheld."""

    call_id: str
    node: str
    channel: str
    called: str
    calling: str
    calling_name: str = ""


@dataclass(frozen=True, slots=True)
class CallBrought(Event):
    """The citizen of a call that staff placed (``placed``) is a caller of ours from now on, and
    ``agent_id``, who placed it, talks with them. ``recording`` is relative to the recordings."""

    call_id: str
    agent_id: str
    placed: str
    case_number: str
    node: str
    channel: str
    called: str
    calling: str
    recording: str
    offer_id: str = ""


@dataclass(frozen=True, slots=True)
class FlowStep(Event):
    """The caller entered a step (a node) of a flow. ``by`` is the exit by which the step before
    was left (``key:2``, ``word:投诉``, ``next``…), empty for a flow's first."""

    call_id: str
    step: str
    flow: str = ""
    version: int = 0
    by: str = ""


@dataclass(frozen=True, slots=True)
class KeyPressed(Event):
    call_id: str
    key: str


@dataclass(frozen=True, slots=True)
class CallQueued(Event):
    """The caller waits from ``since`` on; a call that comes back keeps its first ``since``.

    ``reasons`` explain the priority (:mod:`hotline.callers.model`). ``first_agent`` is asked
    first (empty: nobody is), because of ``first_why`` (:class:`hotline.callers.familiar.Familiar`).
    """

    call_id: str
    queue: str
    priority: int
    since: float
    reasons: tuple[str, ...] = ()
    first_agent: str = ""
    first_why: str = ""


@dataclass(frozen=True, slots=True)
class CallOffered(Event):
    """``why`` this agent and this wait, as :mod:`hotline.calls.whys` keeps it; empty in records
    of versions that did not say. ``by``: engine; dialplan, whose own queue rang the agent while
    no controller was there; or parked, for a parked caller."""

    call_id: str
    agent_id: str
    offer_id: str
    why: dict[str, Any] = field(default_factory=dict)
    by: str = "engine"


@dataclass(frozen=True, slots=True)
class OfferEnded(Event):
    """``outcome``: answered, refused, missed, unreachable or withdrawn (the caller hung up)."""

    call_id: str
    agent_id: str
    offer_id: str
    outcome: str


@dataclass(frozen=True, slots=True)
class CallAnswered(Event):
    call_id: str
    agent_id: str
    waited_s: float
    recording: str = ""


@dataclass(frozen=True, slots=True)
class TalkHeld(Event):
    """The caller hears music from now on. ``why``: cut_off (the agent's page was reloaded), agent
    (they asked for it) or consult (they speak with somebody else meanwhile)."""

    call_id: str
    agent_id: str
    why: str = "cut_off"


@dataclass(frozen=True, slots=True)
class TalkResumed(Event):
    """The caller hears music no more. ``why``: back (they talk again, with whoever is there) or
    left (the agent hung up meanwhile)."""

    call_id: str
    agent_id: str
    why: str = "back"


@dataclass(frozen=True, slots=True)
class TalkEnded(Event):
    """``by``: citizen, agent, system, or handover (the caller goes on without the agent: with
    another service, with a colleague, or in a queue)."""

    call_id: str
    agent_id: str
    talked_s: float
    by: str


@dataclass(frozen=True, slots=True)
class TalkTakenOver(Event):
    """A colleague goes on with the caller; ``by`` had them before and wraps up."""

    call_id: str
    agent_id: str
    by: str


@dataclass(frozen=True, slots=True)
class CallRated(Event):
    """The citizen's mark for the talk: 1 (very bad) to 5 (very good)."""

    call_id: str
    agent_id: str
    score: int


@dataclass(frozen=True, slots=True)
class CallAbandoned(Event):
    """The caller hung up while waiting."""

    call_id: str
    queue: str
    waited_s: float


@dataclass(frozen=True, slots=True)
class CallAdopted(Event):
    """A restarted controller took over a living call that it found in ``where``: waiting,
    offered, talking or reporting."""

    call_id: str
    where: str
    agent_id: str = ""


@dataclass(frozen=True, slots=True)
class CallEnded(Event):
    """The citizen's leg is gone. ``by``: citizen, agent, system or unknown."""

    call_id: str
    by: str
    cause: str = ""


@dataclass(frozen=True, slots=True)
class RecordingStored(Event):
    call_id: str
    path: str
    seconds: float


@dataclass(frozen=True, slots=True)
class RecordingFailed(Event):
    """A talk has no whole recording, and why: shown, never hidden."""

    call_id: str
    path: str
    why: str


# --- a spoken report --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReportStarted(Event):
    """``reason``: nobody_ready, out_of_hours, asked or fallback."""

    call_id: str
    report_id: str
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReportRecorded(Event):
    """``ended_by``: key, silence, hangup, limit, fault (the rest could not be written) or
    unknown (taken in after a crash)."""

    call_id: str
    report_id: str
    path: str
    seconds: float
    ended_by: str


@dataclass(frozen=True, slots=True)
class ReportEmpty(Event):
    """Nothing was kept of what the citizen was asked to say. ``because``: silent (they said
    nothing), unsaved (it could not be written) or replaced (they said it again)."""

    call_id: str
    report_id: str
    why: str
    because: str = "silent"


@dataclass(frozen=True, slots=True)
class ReportTranscribed(Event):
    """``confidence`` is the mean word confidence (0–1), or None when the engine gives none."""

    call_id: str
    report_id: str
    text: str
    confidence: float | None
    model: str


@dataclass(frozen=True, slots=True)
class ReportTranscriptionFailed(Event):
    call_id: str
    report_id: str
    why: str


# --- overflow ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallOverflowed(Event):
    """A caller, after ``waited_s`` in ``queue``, was sent elsewhere: ``queue:<name>``,
    ``target:<code>`` of a handover, or ``report``.

    ``why``: wait, length, nobody (is signed on who could serve them), target (the service level
    is breached) or full (the queue takes no more).
    """

    call_id: str
    queue: str
    to: str
    why: str
    waited_s: float


# --- handing over -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HandoverStarted(Event):
    """Another service or a colleague is rung for a caller, or a queue is to have them.
    ``target``: the service's code, ``ext:`` and a colleague's extension, or the queue (mode queue);
    ``mode``: flow, overflow, three_way, blind, consult (the caller hears music meanwhile), queue
    or park (``target``: the parking place);
    ``agent_id`` is empty for the first two; ``note`` is told to whoever answers there; ``name`` is
    what the target was called then."""

    call_id: str
    handover_id: str
    target: str
    mode: str
    agent_id: str = ""
    note: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class HandoverOffered(Event):
    """The colleague who is rung for a caller is ``agent_id``: their screen shows the call."""

    call_id: str
    handover_id: str
    agent_id: str


@dataclass(frozen=True, slots=True)
class HandoverAnswered(Event):
    """The other service picked up, and is told what the call is about."""

    call_id: str
    handover_id: str


@dataclass(frozen=True, slots=True)
class HandoverJoined(Event):
    """The other service is in the talk; while the caller hears music, with the agent alone."""

    call_id: str
    handover_id: str


@dataclass(frozen=True, slots=True)
class CallerLeft(Event):
    """The caller hung up while agent and service talk on; the call ends when the agent leaves."""

    call_id: str


@dataclass(frozen=True, slots=True)
class CallParked(Event):
    """The caller hears music in parking place ``place``, where ``agent_id`` left them, until
    somebody takes them; at ``until`` their agent is rung back."""

    call_id: str
    place: int
    agent_id: str
    until: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class CallUnparked(Event):
    """``outcome``: taken (by ``agent_id``), queued (nobody took them in time) or caller_gone."""

    call_id: str
    place: int
    outcome: str
    agent_id: str = ""


@dataclass(frozen=True, slots=True)
class HandoverEnded(Event):
    """``outcome``: talked, taken_over (a colleague goes on with the caller), queued, parked, busy,
    no_answer, unreachable, hung_up (after answering, before the talk), cancelled, caller_gone,
    parted (the agent who asked was cut off) or unknown. ``talked_s``: how long they were in the
    talk."""

    call_id: str
    handover_id: str
    outcome: str
    talked_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ConsultationRecorded(Event):
    """What the third of a consultation and whoever talked with them said, until the third left."""

    call_id: str
    handover_id: str
    path: str
    seconds: float


# --- waits and kept places --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallerTold(Event):
    """A waiting caller heard how many are ``ahead``. ``seconds`` is the wait that was foretold,
    ``said_s`` what they heard of it, rounded up; None: nothing is known, or no figure was said."""

    call_id: str
    queue: str
    ahead: int
    seconds: float | None = None
    said_s: float | None = None


@dataclass(frozen=True, slots=True)
class PlaceKept(Event):
    """The caller of ``origin`` hung up and keeps their place as ``call_id``; ``number`` is rung
    when it is their turn."""

    call_id: str
    origin: str
    number: str
    queue: str
    priority: int
    since: float


@dataclass(frozen=True, slots=True)
class PlaceCalled(Event):
    """The intent, before the PBX is asked: an agent's phone is rung for a kept place, by a channel
    whose id was chosen beforehand."""

    call_id: str
    agent_id: str
    offer_id: str
    channel_id: str


@dataclass(frozen=True, slots=True)
class PlaceDialled(Event):
    """The agent answered, and the citizen is dialled."""

    call_id: str
    agent_id: str
    offer_id: str


@dataclass(frozen=True, slots=True)
class PlaceTried(Event):
    """The citizen was dialled in vain. ``outcome``: no_answer, busy, cancelled (the agent hung up
    before), failed or unknown. The place is back in line at ``again_at``; None: not any more."""

    call_id: str
    agent_id: str
    outcome: str
    tries: int
    again_at: float | None = None


@dataclass(frozen=True, slots=True)
class PlaceEnded(Event):
    """``outcome``: talked, unreached, rang_again, matter_closed or expired."""

    call_id: str
    outcome: str
