"""What the life of a case is told in: states, actions, what is known of a case, what a step does.

Plain data; :mod:`hotline.registry.life.rules` decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """Where a case stands. A city may add others between them, and takes none of these away."""

    TO_VERIFY = "to_verify"
    TO_FILE = "to_file"
    TO_DISPATCH = "to_dispatch"
    TO_HANDLE = "to_handle"
    HANDLING = "handling"
    TO_CHECK = "to_check"
    TO_CLOSE = "to_close"
    CLOSED = "closed"
    SUSPENDED = "suspended"
    TO_RULE = "to_rule"
    NOT_FILED = "not_filed"
    VOID = "void"


FINAL = frozenset({State.CLOSED, State.NOT_FILED, State.VOID})
"""Where a case has ended; a city's own states are never final."""

BEFORE_FILING = frozenset({State.TO_VERIFY, State.TO_FILE, State.NOT_FILED, State.VOID})
"""Where nobody need answer for the case yet."""


class Action(StrEnum):
    """What somebody does with a case."""

    VERIFY = "verify"
    FILE = "file"
    REJECT = "reject"
    DISPATCH = "dispatch"
    ACCEPT = "accept"
    SEND_BACK = "send_back"
    FEEDBACK = "feedback"
    EXPERT_PASS = "expert_pass"  # noqa: S105
    EXPERT_FAIL = "expert_fail"
    CHECK_PASS = "check_pass"  # noqa: S105
    CHECK_FAIL = "check_fail"
    CLOSE = "close"
    FORCE_CLOSE = "force_close"
    REOPEN = "reopen"
    SUSPEND = "suspend"
    RESUME = "resume"
    DISPUTE = "dispute"
    RULE = "rule"
    MERGE = "merge"
    SPLIT = "split"
    VOID = "void"
    # Those that leave the case where it is.
    JOIN = "join"
    PART_DONE = "part_done"
    PART_WAIVE = "part_waive"
    REQUEST_EXTENSION = "request_extension"
    GRANT_EXTENSION = "grant_extension"
    DENY_EXTENSION = "deny_extension"
    URGE = "urge"
    SUPERVISE = "supervise"
    APPEAL = "appeal"
    UPHOLD_APPEAL = "uphold_appeal"
    REJECT_APPEAL = "reject_appeal"
    HAND_OVER = "hand_over"


INPUTS = (
    "condition",
    "closing",
    "unit",
    "unit_id",
    "assist",
    "part",
    "until",
    "level",
    "owner",
    "against",
    "into",
)
"""What may be given with a step beside the reason; see :class:`Inputs`."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What somebody gives with a step; what a step does not ask for is not looked at.

    ``condition`` and ``closing`` are the chosen filing and closing conditions; ``unit`` (by name)
    and ``unit_id`` say who shall handle the case and ``assist`` (ids) who helps; ``part`` is the
    assisting unit that a step is about. ``until`` is an instant (Unix seconds): the new limit
    that is wished for, or when a suspension is to end. ``level`` is how strongly to urge, or the
    level of supervision. ``owner`` is a user id. ``against`` says what an appeal is against,
    ``into`` the case that a duplicate is merged into.
    """

    why: str = ""
    condition: str = ""
    closing: str = ""
    unit: str = ""
    unit_id: str = ""
    assist: tuple[str, ...] = ()
    part: str = ""
    until: float | None = None
    level: int | None = None
    owner: str = ""
    against: str = ""
    into: str = ""

    def given(self) -> dict[str, Any]:
        """What was given beside the reason, as JSON values."""
        named = {name: getattr(self, name) for name in INPUTS}
        listed = {name: list(v) if isinstance(v, tuple) else v for name, v in named.items()}
        return {name: value for name, value in listed.items() if value not in ("", None, [])}


class PartState(StrEnum):
    """How far an assisting unit's part is."""

    OPEN = "open"
    DONE = "done"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
class Part:
    """What one assisting unit has to do in joint handling (联动). ``words`` is its feedback, or
    why its part was waived; ``by`` and ``at`` who said so and when."""

    unit_id: str
    state: str = PartState.OPEN
    words: str = ""
    by: str = ""
    at: float | None = None


class RequestKind(StrEnum):
    """What somebody asks for that somebody else decides."""

    EXTENSION = "extension"
    DISPUTE = "dispute"
    APPEAL = "appeal"


class RequestState(StrEnum):
    """What became of it; ``lapsed``: the case went on before anybody decided."""

    OPEN = "open"
    GRANTED = "granted"
    DENIED = "denied"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Request:
    """An extension asked for, a dispute to be ruled on, or an appeal.

    ``number`` counts a case's requests from 1. ``until`` is the limit that is wished for;
    ``against`` is ``check`` or ``overdue``. ``answer`` is the reason of who decided.
    """

    number: int
    kind: str
    asked_by: str
    asked_at: float
    why: str
    until: float | None = None
    against: str = ""
    state: str = RequestState.OPEN
    decided_by: str = ""
    decided_at: float | None = None
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules know of a case: columns of :class:`hotline.storage.tables.CaseRow` and
    :class:`hotline.storage.tables_life.CaseLifeRow` by their names, its joint parts and its
    requests, oldest first.

    ``conditions`` are the filing conditions that the city's table knows for its class; none: the
    machine's own list counts. ``professional``: the unit has specialists of its own. ``filled``
    names the fields of the form that say something.
    """

    state: str
    kind: str = ""
    category_code: str | None = None
    condition: str = ""
    unit: str = ""
    unit_id: str = ""
    owner: str = ""
    opened_by: str = ""
    merged_into: str = ""
    filed_at: float | None = None
    dispatched_at: float | None = None
    handled_at: float | None = None
    closed_at: float | None = None
    handle_due_at: float | None = None
    suspended_at: float | None = None
    returns: int = 0
    reworks: int = 0
    extensions: int = 0
    urgings: int = 0
    supervision: int = 0
    forced: bool = False
    came_from: str = ""
    suspended_until: float | None = None
    arrived_at: float | None = None
    closing: str = ""
    expert: str = ""
    handled_by: str = ""
    bound_unit: str = ""
    parts: tuple[Part, ...] = ()
    requests: tuple[Request, ...] = ()
    conditions: tuple[str, ...] = ()
    professional: bool = False
    filled: frozenset[str] = frozenset()
    case_number: str = ""

    @property
    def unit_key(self) -> str:
        """The unit that answers for the case: its id, or its name when it is in no list."""
        return self.unit_id or self.unit

    def part(self, unit_id: str) -> Part | None:
        """The part of an assisting unit."""
        return next((part for part in self.parts if part.unit_id == unit_id), None)

    def open_request(self, kind: str) -> Request | None:
        """The request of this kind that nobody has decided."""
        waiting = (r for r in self.requests if r.kind == kind and r.state == RequestState.OPEN)
        return next(waiting, None)


CASE_COLUMNS = (
    "state",
    "condition",
    "unit",
    "unit_id",
    "owner",
    "merged_into",
    "filed_at",
    "dispatched_at",
    "handled_at",
    "closed_at",
    "suspended_at",
    "returns",
    "reworks",
    "extensions",
    "urgings",
    "supervision",
    "forced",
)
"""The columns of a case that steps write."""

LIFE_COLUMNS = (
    "came_from",
    "suspended_until",
    "arrived_at",
    "closing",
    "expert",
    "handled_by",
    "bound_unit",
)
"""What steps write beside the case; see :class:`hotline.storage.tables_life.CaseLifeRow`."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What a step does: values of :data:`CASE_COLUMNS` and :data:`LIFE_COLUMNS` that change, the
    parts and requests that are new or changed. Nothing else changes."""

    case: Mapping[str, Any] = field(default_factory=dict)
    life: Mapping[str, Any] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    requests: tuple[Request, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """A step that may be taken, and its effects. ``inputs`` are those that counted."""

    action: str
    source: str
    target: str
    why: str
    inputs: Mapping[str, Any]
    effects: Effects


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a step may not be taken: the key of a message, or for each faulty input the key of what
    is wrong with it (then ``key`` is empty)."""

    key: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)
