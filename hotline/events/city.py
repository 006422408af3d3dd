"""Cases beyond their desk: privacy, exchange with other systems, judging."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hotline.events.base import Event

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
    """Somebody decided that a peer is not to be told of one happening that it did not take: of a
    case, or (with an empty number) of a call."""

    case_number: str
    peer_id: str
    number: int
    by: str
    why: str
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class DispatchRuleChanged(Event):
    """A rule that says who is given which cases was made, or taken back (``active`` False)."""

    rule_id: int
    category: str
    place: str
    unit_id: str
    by: str
    active: bool = True


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
