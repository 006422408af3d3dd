"""The one vocabulary of things that happened.

Each event is a frozen dataclass of JSON values; its class name is its kind in the journal.
An event names the call, agent and case it belongs to by the fields ``call_id``, ``agent_id``
and ``case_number``, so that the journal can be read by any of them.

Times are Unix seconds, durations seconds. Adding an event or a field with a default is safe;
renaming or removing one needs a migration of the journal.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, ClassVar


class UnknownEvent(ValueError):
    """The journal holds a kind that this version does not know."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; subclasses say what."""

    kinds: ClassVar[dict[str, type[Event]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # Not super(): slots=True makes a second class, and the first would stay registered.
        Event.kinds[cls.__name__] = cls

    @property
    def kind(self) -> str:
        """The name under which the journal keeps it."""
        return type(self).__name__

    def data(self) -> dict[str, Any]:
        """The event's fields as JSON values."""
        # Not asdict(): it copies each value, and none of them is ever changed.
        return {name: getattr(self, name) for name in _names(self.kind)}


def event_from(kind: str, data: dict[str, Any]) -> Event:
    """The event that :meth:`Event.data` came from; fields this version lacks are dropped.

    Raises :class:`UnknownEvent`.
    """
    cls = Event.kinds.get(kind)
    if cls is None:
        raise UnknownEvent(f"the journal holds a {kind!r}, which this version does not know")
    known = _names(kind)
    return cls(**{name: _frozen(value) for name, value in data.items() if name in known})


@cache
def _names(kind: str) -> tuple[str, ...]:
    return tuple(field.name for field in fields(Event.kinds[kind]))


def _frozen(value: Any) -> Any:
    # JSON knows no tuples; a replayed event equals the one that was written.
    return tuple(value) if isinstance(value, list) else value


# --- the system -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ControllerStarted(Event):
    """``last_at`` is when the record before was written: until then a controller lived."""

    version: str
    last_at: float | None = None


@dataclass(frozen=True, slots=True)
class ControllerStopped(Event):
    """An orderly end; its absence before a start means that the controller was killed."""


@dataclass(frozen=True, slots=True)
class PbxConnected(Event):
    node: str


@dataclass(frozen=True, slots=True)
class PbxLost(Event):
    node: str
    why: str


@dataclass(frozen=True, slots=True)
class BlindInterval(Event):
    """The controller could not see the PBX; numbers of this interval are unknown, not zero."""

    node: str
    since: float
    until: float


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
    of versions that did not say. ``by``: engine, or dialplan, whose own queue rang the agent while
    no controller was there."""

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
    """The agent's leg was cut off (a page reloaded); the caller hears music meanwhile."""

    call_id: str
    agent_id: str


@dataclass(frozen=True, slots=True)
class TalkResumed(Event):
    """The agent is back in the talk."""

    call_id: str
    agent_id: str


@dataclass(frozen=True, slots=True)
class TalkEnded(Event):
    """``by``: citizen, agent, system, or handover (the caller goes on with another service)."""

    call_id: str
    agent_id: str
    talked_s: float
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


# --- an agent ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AgentStateChanged(Event):
    """``state``: ready, offered, talking, wrap_up, paused or offline.

    ``reason`` says why an agent is paused (a code: rest, meal, training, missed, unreachable);
    ``until`` is when the state ends by itself, None when only the agent ends it; ``by`` is
    agent, engine or the user id of a supervisor. The ``next_`` fields are what a busy agent
    asked to become after the wrap-up, empty for nothing asked. ``memory`` is what the strategies
    know of them (:class:`hotline.acd.memory.AgentMemory`); empty in records of versions that did
    not say.
    """

    agent_id: str
    state: str
    since: float
    reason: str = ""
    until: float | None = None
    by: str = "engine"
    call_id: str = ""
    next_state: str = ""
    next_reason: str = ""
    next_until: float | None = None
    memory: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PhoneReachable(Event):
    """An agent's phone registered with the PBX or went away."""

    agent_id: str
    extension: str
    reachable: bool


# --- a case -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CaseOpened(Event):
    """``source``: one of :data:`hotline.registry.model.SOURCES`; ``by``: a user id, or
    ``system``.

    ``values`` are the columns of the case that say something. In this and the next two events a
    citizen's name and number stand as ``{"ref": n}``: see
    :class:`hotline.storage.tables_life.CasePersonalRow`. Events of older versions hold none of
    these.
    """

    case_number: str
    call_id: str
    source: str
    state: str
    by: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseMoved(Event):
    """A step of the case's life; ``why`` is the reason given.

    The states are the same one for what leaves the case where it is (催办, 督办, 延期 …).
    ``inputs`` is what else was given, ``effects`` what it changed, as
    :class:`hotline.registry.life.model.Effects`; ``version`` is the case's from then on, 0 in
    events of older versions.
    """

    case_number: str
    action: str
    from_state: str
    to_state: str
    by: str
    why: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    effects: dict[str, Any] = field(default_factory=dict)
    version: int = 0


@dataclass(frozen=True, slots=True)
class CaseEdited(Event):
    """``before`` holds what stood in the changed fields, so that nothing typed is ever lost, and
    ``after`` what stands there now. ``version`` is the case's from then on; 0: it kept the one it
    had (or an older version wrote the event)."""

    case_number: str
    by: str
    changed: tuple[str, ...] = ()
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    version: int = 0


@dataclass(frozen=True, slots=True)
class CaseAttached(Event):
    """A file was added to a case; ``stage`` and ``what`` (its kind) as in
    :class:`hotline.registry.attachments.model.Attachment`, ``size`` in bytes."""

    case_number: str
    attachment_id: int
    stage: str
    what: str
    name: str
    sha256: str
    size: int
    by: str


# --- time limits and the clocks of cases ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class TimeLimitChanged(Event):
    """A row of the table of time limits was set or (an empty ``limit``) removed; ``before`` is the
    limit that stood there. An empty class, condition or urgency stands for any."""

    standard: str
    class_key: str
    condition: str
    urgency: str
    clock: str
    limit: str
    by: str
    why: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class WorkCalendarChanged(Event):
    """The city's working calendar has this revision from now on; days as ``2026-10-01``."""

    revision: int
    hours: str
    official: bool
    by: str
    why: str = ""
    holidays: tuple[str, ...] = ()
    workdays: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClocksMoved(Event):
    """Clocks of a case were started, paused, resumed, extended or ended; each of ``changes`` names
    the ``clock``, ``what`` became of it, and when it is ``due`` (Unix seconds)."""

    case_number: str
    by: str
    changes: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class ClockWarned(Event):
    """A limit is soon over. ``late``: this should have been told before, while nothing ran."""

    case_number: str
    clock: str
    due_at: float
    unit_id: str = ""
    owner: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class ClockBreached(Event):
    """A limit is over, and what it limits is not done."""

    case_number: str
    clock: str
    due_at: float
    unit_id: str = ""
    owner: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class ClockEscalated(Event):
    """A missed limit is told to ``level``: unit, dispatcher or supervisor."""

    case_number: str
    clock: str
    level: str
    due_at: float
    unit_id: str = ""
    owner: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class ClocksRecomputed(Event):
    """The working calendar changed, and with it when limits end; each of ``changes`` has the
    ``clock`` and its end ``before`` and ``after``."""

    case_number: str
    revision: int
    why: str = ""
    changes: tuple[dict[str, Any], ...] = ()


# --- places, units and linked cases -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlacesImported(Event):
    """Places of a kind (``what``), or units, came from ``source``, as this revision of them."""

    revision: int
    what: str
    source: str
    by: str
    added: int = 0
    changed: int = 0
    retired: int = 0


@dataclass(frozen=True, slots=True)
class UnitChanged(Event):
    """A handling unit as it is from now on; ``before`` is what stood in what was changed, empty
    for a new one."""

    unit_id: str
    name: str
    by: str
    before: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseLinked(Event):
    """Two cases were linked, told once of each of them.

    ``relation``: duplicate or related; merged (into ``other``) and took (``other`` in); split
    (out of ``other``) and gave (``other`` a part of it). ``evidence`` is what spoke for it.
    """

    case_number: str
    other: str
    relation: str
    by: str
    why: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseUnlinked(Event):
    """A link between two cases was undone, told once of each of them."""

    case_number: str
    other: str
    relation: str
    by: str
    why: str = ""


# --- privacy ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CitizenDataAsked(Event):
    """A citizen's data were found, handed_out or minimised (``what``). ``subject`` is their number,
    masked; ``counts`` are rows by table."""

    what: str
    subject: str
    by: str
    why: str
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CasesExported(Event):
    """Somebody took ``cases`` cases out as a file of ``format``, found by ``filters``; names and
    numbers in it are masked."""

    by: str
    format: str
    cases: int
    filters: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseHeld(Event):
    """Nothing may be taken out of the case from now on."""

    case_number: str
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class CaseHoldLifted(Event):
    """What a closed case may lose may be taken out of it again."""

    case_number: str
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class RetentionChanged(Event):
    """``subject`` is kept for so many ``days`` from now on, for ever with None."""

    subject: str
    days: int | None
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class RetentionApplied(Event):
    """So many of what was older than the rule of ``subject`` allows were taken out."""

    subject: str
    days: int
    taken_out: int


# --- exchange with other systems --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ExchangePeerChanged(Event):
    """``what``: added, changed, paused, resumed, secret, mapping_in, mapping_out or
    mapping_sheet."""

    peer_id: str
    what: str
    by: str


@dataclass(frozen=True, slots=True)
class CaseReceived(Event):
    """The case was opened from a peer's ticket ``external_id``; ``how``: api or sheet."""

    case_number: str
    peer_id: str
    external_id: str
    how: str


@dataclass(frozen=True, slots=True)
class CasePeerSaid(Event):
    """A peer said something of a case. ``what``: feedback, withdrawn, or not_withdrawn (it was
    too late for that)."""

    case_number: str
    peer_id: str
    what: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class CaseMessageSkipped(Event):
    """Somebody decided that a peer is not to be told of one happening that it did not take."""

    case_number: str
    peer_id: str
    number: int
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class DispatchRuleChanged(Event):
    """A rule that says who is given which cases was made, or taken back (``active`` False)."""

    rule_id: int
    category: str
    place: str
    unit_id: str
    by: str
    active: bool = True


# --- a callback -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallbackPlanned(Event):
    case_number: str
    task_id: int


@dataclass(frozen=True, slots=True)
class CallbackDialled(Event):
    """Written before the PBX is asked to dial: the intent. ``call_id`` is the preset channel."""

    case_number: str
    task_id: int
    attempt: int
    agent_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class CallbackProgressed(Event):
    """``stage``: connecting (staff answered, the citizen is dialled), ringing (the citizen's
    phone rings) or talking."""

    case_number: str
    task_id: int
    call_id: str
    stage: str


@dataclass(frozen=True, slots=True)
class CallbackEnded(Event):
    """``outcome``: talked, staff_unreachable, cancelled (staff hung up before the citizen
    answered), no_answer, busy, failed or unknown."""

    case_number: str
    task_id: int
    call_id: str
    outcome: str
    talked_s: float | None = None


@dataclass(frozen=True, slots=True)
class CallbackSurveyed(Event):
    """The answers: ``satisfaction`` 1 (very unsatisfied) to 5 (very satisfied), None when not
    reached; unreached never counts as satisfied. ``by``: a user id, or ``system`` when the last
    attempt rang in vain."""

    case_number: str
    task_id: int
    by: str
    reached: bool
    solved: bool | None = None
    satisfaction: int | None = None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class CallbackWithdrawn(Event):
    """The case was opened again before the citizen was asked, so there is nothing to ask."""

    case_number: str
    task_id: int


# --- flows ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FlowPublished(Event):
    """New calls take this version of a flow from now on. ``rolled_back_from`` is the version
    left by a return to an older one, None for a new text; version 0 is the shipped one."""

    name: str
    version: int
    by: str
    note: str = ""
    rolled_back_from: int | None = None


@dataclass(frozen=True, slots=True)
class FlowEntryChanged(Event):
    """Calls to ``called`` (``*``: any other number) begin in ``flow`` from now on; empty: as
    the other numbers' do."""

    called: str
    flow: str
    by: str


# --- the duty calendar ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DutyHoursChanged(Event):
    """``week``: seven texts, Monday first; ``holidays``: closed, sunday or usual."""

    queue: str
    week: tuple[str, ...]
    holidays: str
    by: str
    week_before: tuple[str, ...] = ()
    holidays_before: str = ""


@dataclass(frozen=True, slots=True)
class SpecialAdded(Event):
    """``what``: closed or open, from ``since`` to ``until``; an empty ``queue`` is every one."""

    special_id: int
    what: str
    queue: str
    since: float
    until: float
    text_zh: str
    text_en: str
    by: str


@dataclass(frozen=True, slots=True)
class SpecialRemoved(Event):
    special_id: int
    by: str


# --- a storm ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StormBegan(Event):
    """Callers are told of a wide-spread trouble from now until ``ends_at``."""

    case_number: str
    storm_id: int
    text_zh: str
    text_en: str
    places: tuple[str, ...]
    ends_at: float
    by: str


@dataclass(frozen=True, slots=True)
class StormChanged(Event):
    """The texts, places and end from now on."""

    case_number: str
    storm_id: int
    text_zh: str
    text_en: str
    places: tuple[str, ...]
    ends_at: float
    by: str


@dataclass(frozen=True, slots=True)
class StormEnded(Event):
    """``by``: a user id, or ``system`` when its time had come; ``affected``: how many callers had
    registered."""

    case_number: str
    storm_id: int
    by: str
    affected: int


@dataclass(frozen=True, slots=True)
class CallerAffected(Event):
    """A caller registered as affected. ``new`` is False when the number was registered before.

    It names the storm and not its case: thousands of them would bury the case's history.
    """

    call_id: str
    storm_id: int
    affected_id: int
    place: str
    new: bool


@dataclass(frozen=True, slots=True)
class AffectedCallbackWanted(Event):
    """Whether somebody who is affected shall be called back when the storm is over."""

    storm_id: int
    affected_id: int
    wanted: bool
    by: str


# --- callers: their progress queries, their signs, their rules ------------------------------


@dataclass(frozen=True, slots=True)
class ProgressAsked(Event):
    """A caller asked how a case is doing. ``how``: calling (cases of the calling number) or
    number (with the last four digits of the phone).

    ``case_number`` is the one that was told, or a whole one that was guessed at; ``asked`` what
    was keyed in.
    """

    call_id: str
    case_number: str
    how: str
    found: bool
    asked: str = ""


@dataclass(frozen=True, slots=True)
class SilentCall(Event):
    """Nobody spoke and no key was pressed for ``seconds``. ``where``: report, talk or flow."""

    call_id: str
    seconds: float
    where: str


@dataclass(frozen=True, slots=True)
class TalkMarked(Event):
    """An agent marked a call: ``mark`` is silent, nuisance or abusive."""

    call_id: str
    agent_id: str
    mark: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class TalkMarkUndone(Event):
    """An agent took their mark back."""

    call_id: str
    agent_id: str
    mark: str


@dataclass(frozen=True, slots=True)
class CallerRuleProposed(Event):
    """Enough signs were found for a number; nothing happens until a supervisor confirms."""

    rule_id: int
    number: str
    because: str
    effect: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CallerRuleMade(Event):
    """A supervisor put a rule in force until ``expires_at``. ``effect``: announce, lower or
    report."""

    rule_id: int
    number: str
    effect: str
    why: str
    by: str
    expires_at: float
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CallerRuleDismissed(Event):
    """A supervisor put a proposal aside."""

    rule_id: int
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class CallerRuleLifted(Event):
    """A rule ended before its time, by a supervisor or because an appeal was granted."""

    rule_id: int
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class CallerRuleApplied(Event):
    """A rule was in force for a call that came."""

    call_id: str
    rule_id: int
    effect: str


@dataclass(frozen=True, slots=True)
class AppealMade(Event):
    rule_id: int
    appeal_id: int
    text: str
    by: str


@dataclass(frozen=True, slots=True)
class AppealDecided(Event):
    """``by`` is never who made the rule."""

    rule_id: int
    appeal_id: int
    granted: bool
    by: str
    why: str


# --- handing over -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HandoverStarted(Event):
    """Another service is rung for a caller. ``target``: its code; ``mode``: flow, overflow,
    three_way or blind; ``agent_id`` is empty for the first two; ``note`` is told to whoever
    answers there; ``name`` is what the service was called then."""

    call_id: str
    handover_id: str
    target: str
    mode: str
    agent_id: str = ""
    note: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class HandoverAnswered(Event):
    """The other service picked up, and is told what the call is about."""

    call_id: str
    handover_id: str


@dataclass(frozen=True, slots=True)
class HandoverJoined(Event):
    """The other service is in the talk."""

    call_id: str
    handover_id: str


@dataclass(frozen=True, slots=True)
class CallerLeft(Event):
    """The caller hung up while agent and service talk on; the call ends when the agent leaves."""

    call_id: str


@dataclass(frozen=True, slots=True)
class HandoverEnded(Event):
    """``outcome``: talked, busy, no_answer, unreachable, hung_up (after answering, before the
    talk), cancelled, caller_gone or unknown. ``talked_s``: how long they were in the talk."""

    call_id: str
    handover_id: str
    outcome: str
    talked_s: float = 0.0


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


# --- work between calls -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TaskOffered(Event):
    """An agent whom no caller needs is shown a task: ``callback:`` and its number, or
    ``verification:`` and its case's."""

    agent_id: str
    task_id: str


@dataclass(frozen=True, slots=True)
class TaskWithdrawn(Event):
    """An agent is shown a task no more: a ``call`` came, they ``left`` their place, or it is
    ``gone`` (``why``). It was not begun."""

    agent_id: str
    task_id: str
    why: str


# --- text messages ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MessagePlanned(Event):
    """Written before it is sent. ``about``: case_number."""

    call_id: str
    case_number: str
    message_id: str
    about: str


@dataclass(frozen=True, slots=True)
class MessageSent(Event):
    """The gateway has it."""

    call_id: str
    case_number: str
    message_id: str


@dataclass(frozen=True, slots=True)
class MessageFailed(Event):
    """``outcome``: refused (by the gateway) or given_up."""

    call_id: str
    case_number: str
    message_id: str
    outcome: str
    why: str


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


# --- prompts ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PromptReplaced(Event):
    """Callers hear another sound from now on. ``how``: upload or phone (a new recording),
    reverted (the recording before it) or synthetic (spoken again); ``by``: a user id."""

    name: str
    language: str
    by: str
    how: str


# --- agents' states ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PauseEnded(Event):
    """An agent's pause for ``reason`` is over: it went from ``since`` to ``until``."""

    agent_id: str
    reason: str
    since: float
    until: float


@dataclass(frozen=True, slots=True)
class StateForced(Event):
    """A supervisor, ``by`` (then called ``name``), changed an agent's state because of ``why``.

    ``want``: ready, paused (for ``reason``), offline or end_wrap_up; ``was`` is the state before.
    A busy agent's wish for afterwards is changed; what follows has the same ``by``.
    """

    agent_id: str
    want: str
    why: str
    by: str
    name: str = ""
    reason: str = ""
    was: str = ""


@dataclass(frozen=True, slots=True)
class PauseReasonChanged(Event):
    """A reason for pausing, as it is from now on. ``minutes`` and ``times`` are what a day allows
    (None: not limited); ``offered``: agents can choose it; ``before``: what was changed."""

    code: str
    zh: str
    en: str
    minutes: float | None
    times: int | None
    offered: bool
    by: str
    before: dict[str, Any] = field(default_factory=dict)


# --- judging ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BulletinPublished(Event):
    """The numbers of a month (``2026-11``) were published as they stand in this revision;
    ``why`` is empty for the first one."""

    month: str
    revision: int
    by: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class ThemeKept(Event):
    """A report on a theme was kept."""

    theme_id: int
    title: str
    by: str


@dataclass(frozen=True, slots=True)
class ThemeDropped(Event):
    """A report on a theme was taken away; ``wanted`` and ``text`` are what it was."""

    theme_id: int
    title: str
    by: str
    wanted: dict[str, Any] = field(default_factory=dict)
    text: str = ""


# --- the routing plan --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RoutingPublished(Event):
    """Calls are shared by this version of the routing plan from now on.

    ``rolled_back_from`` is the version left by a return to an older one, None for a new plan.
    ``gate`` is the number of the comparison that was looked at before; empty: ``unproved`` is
    why there was none (neither for a return to an older version).
    """

    version: int
    by: str
    note: str = ""
    rolled_back_from: int | None = None
    gate: str = ""
    unproved: str = ""


# --- the classes of cases -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TaxonomyRevised(Event):
    """The city changed a class of ``standard``; ``action``: add, change, retire or restore.

    ``entry`` is how the class ``key`` stands from now on, ``before`` how it stood, empty for a new
    one. ``revision`` counts all changes from 1.
    """

    revision: int
    standard: str
    action: str
    key: str
    why: str
    by: str
    entry: dict[str, Any]
    before: dict[str, Any]
