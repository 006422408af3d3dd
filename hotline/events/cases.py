"""Cases: their life, their clocks, places and links, callbacks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hotline.events.base import Event

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


# --- time limits and the clocks of cases ------------------------------------------------


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


# --- places, units and linked cases -----------------------------------------------------


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


# --- the classes of cases ---------------------------------------------------------------


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
