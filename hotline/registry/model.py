"""Cases as the rest of the program sees them: plain, frozen data and what can go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Protocol

from hotline.storage.journal import Transaction
from hotline.storage.tables import CaseRow

SOURCES = (
    "hotline",
    "voice_report",
    "fallback",
    "storm",
    "inspector",
    "12345",
    "110",
    "mayor_mailbox",
    "leader",
    "media",
    "sms",
    "internet",
    "community",
    "help_station",
    "video",
    "department",
    "letter",
    "visit",
    "other",
)
"""Where cases come from. The first four are opened by this program itself."""


class Actor(Protocol):
    """Who does something: a user, or the system itself."""

    @property
    def user_id(self) -> str:
        """The login name, or ``system``."""

    @property
    def role(self) -> str:
        """A role of :data:`hotline.storage.profiles.ROLES`, or system."""

    @property
    def unit_id(self) -> str:
        """The handling unit that they work for, when the role is ``unit``; else empty."""


@dataclass(frozen=True, slots=True)
class Person:
    """An :class:`Actor`."""

    user_id: str
    role: str
    unit_id: str = ""


SYSTEM = Person("system", "system")


@dataclass(frozen=True, slots=True)
class Case:
    """A case. Instants are Unix seconds; see :class:`hotline.storage.tables.CaseRow`."""

    case_number: str
    state: str
    version: int
    source: str
    call_id: str | None
    report_id: str | None
    kind: str
    urgency: str
    standard: str | None
    category_code: str | None
    category_name: str | None
    address: str
    description: str
    happened: str
    caller_name: str
    caller_phone: str
    caller_sex: str
    expected_reply: str
    anonymous: bool
    callback_wanted: bool
    unit: str
    unit_id: str
    owner: str
    confidential: bool
    taxonomy_revision: int | None
    condition: str
    component_code: str
    road: str
    landmark: str
    longitude: float | None
    latitude: float | None
    grid: str
    duty_grid: str
    community: str
    street: str
    district: str
    opened_by: str
    opened_at: float
    changed_by: str
    changed_at: float
    filed_at: float | None
    dispatched_at: float | None
    handled_at: float | None
    closed_at: float | None
    handle_due_at: float | None
    close_due_at: float | None
    suspended_at: float | None
    returns: int
    reworks: int
    extensions: int
    urgings: int
    supervision: int
    forced: bool
    reports: int
    merged_into: str

    @classmethod
    def of(cls, row: CaseRow) -> Case:
        """The case that the row keeps."""
        return cls(**{column.name: getattr(row, column.name) for column in fields(cls)})


@dataclass(frozen=True, slots=True)
class Progress:
    """What anybody may know of a case who has its number and the caller's last four digits.

    ``unit`` is empty while nobody was told to handle it, ``deadline`` None while none is known.
    """

    case_number: str
    state: str
    opened_at: float
    changed_at: float
    closed_at: float | None
    unit: str = ""
    deadline: float | None = None

    @classmethod
    def of(cls, row: CaseRow) -> Progress:
        """The progress of the case that the row keeps."""
        deadline = row.close_due_at if row.closed_at is None else None
        return cls(
            row.case_number,
            row.state,
            row.opened_at,
            row.changed_at,
            row.closed_at,
            row.unit,
            deadline,
        )


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases a list shows; what is left out does not narrow it.

    ``text`` is searched for among the newest cases that hold it: their words
    (:mod:`hotline.registry.searching`), their number or its beginning, or a whole telephone
    number. Instants are Unix seconds; ``since`` and ``until`` bound when the case was opened,
    ``due_since`` and ``due_until`` until when it should be done (:mod:`hotline.registry.due`), the
    later one not included. ``overdue_at``: it should have been done by then. ``still_open``: it
    still wants work. ``unit_id``, ``grid`` and the other places are ids, ``category`` a class as
    the form names it.
    """

    states: frozenset[str] = frozenset()
    kind: str = ""
    urgency: str = ""
    source: str = ""
    text: str = ""
    opened_by: str = ""
    since: float | None = None
    until: float | None = None
    category: str = ""
    unit_id: str = ""
    owner: str = ""
    district: str = ""
    street: str = ""
    community: str = ""
    grid: str = ""
    due_since: float | None = None
    due_until: float | None = None
    overdue_at: float | None = None
    still_open: bool = False
    suspended: bool = False
    supervised: bool = False


@dataclass(frozen=True, slots=True)
class CasePage:
    """One page of a list, and how many cases the whole list has: at least so many when not
    ``exact``, since counting them would take longer than reading them."""

    cases: tuple[Case, ...]
    total: int
    exact: bool = True


class NoSuchCase(LookupError):
    """No case has this number."""


class NoSuchReport(LookupError):
    """No spoken report that was kept has this id."""


class CaseConflict(Exception):
    """Somebody else changed the case meanwhile; ``case`` is how it stands now."""

    def __init__(self, case: Case) -> None:
        super().__init__(f"case {case.case_number} is at version {case.version}")
        self.case = case


class NotAllowed(Exception):
    """The step or the change is not open to this person, or not in the case's state.

    ``key`` is ``case.not_your_role`` or ``case.not_in_this_state``.
    """

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class BadForm(Exception):
    """What was typed cannot be kept: each faulty field with the key of its message."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {key}" for field, key in faults.items()))
        self.faults = dict(faults)


class Aftercare(Protocol):
    """What follows the end of a case, in the transaction that ends it."""

    async def closed(self, tx: Transaction, case: CaseRow) -> None:
        """The case was closed."""

    async def reopened(self, tx: Transaction, case: CaseRow) -> None:
        """The closed case was opened again."""
