"""The controller, the PBX, flows, prompts, the routing plan and duty hours."""

from __future__ import annotations

from dataclasses import dataclass

from hotline.events.base import Event

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


@dataclass(frozen=True, slots=True)
class CallCutOff(Event):
    """The PBX ended under a call that nobody had hung up; ``stage`` is where the caller was
    (:class:`hotline.calls.model.Stage`), ``agent_id`` who talked with them, empty for nobody."""

    call_id: str
    agent_id: str
    stage: str


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


# --- prompts ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PromptReplaced(Event):
    """Callers hear another sound from now on. ``how``: upload or phone (a new recording),
    reverted (the recording before it) or synthetic (spoken again); ``by``: a user id."""

    name: str
    language: str
    by: str
    how: str


# --- the routing plan -------------------------------------------------------------------


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
