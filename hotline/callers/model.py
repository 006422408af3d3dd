"""Rules for numbers, their evidence and appeals: plain data, and what can go wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from hotline.storage.numbers import canonical
from hotline.storage.tables_callers import CallerAppealRow, CallerRuleRow

MOST_DAYS = 90
"""No rule is in force longer without somebody deciding anew."""
DAY_S = 86_400.0
WHY_LENGTH = 2_000
TEXT_LENGTH = 5_000

# Shorter numbers are those of services and extensions: they name nobody.
_WHOLE_NUMBER = re.compile(r"\+?\d{7,20}")


class Effect(StrEnum):
    """What happens to a call from a number that a rule is in force for.

    Whatever it is, the announcement tells how to reach a person in danger.
    """

    ANNOUNCE = "announce"
    """An announcement and goodbye."""
    LOWER = "lower"
    """The call waits behind others for a while."""
    REPORT = "report"
    """Straight to a spoken report."""


class Mark(StrEnum):
    """What an agent says of a call."""

    SILENT = "silent"
    NUISANCE = "nuisance"
    ABUSIVE = "abusive"


class Because(StrEnum):
    """What a rule rests on."""

    SILENT = "silent"
    HANG_UPS = "hang_ups"
    ABUSIVE = "abusive"
    NUISANCE = "nuisance"
    VOLUME = "volume"


class State(StrEnum):
    """Where a rule stands. It is ``expired`` by the clock alone; no row says so."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    DISMISSED = "dismissed"
    LIFTED = "lifted"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Appeal:
    """A citizen's appeal; ``granted`` is None until somebody decided. Unix seconds."""

    appeal_id: int
    rule_id: int
    text: str
    taken_by: str
    taken_at: float
    granted: bool | None
    decided_by: str | None
    decided_at: float | None
    why: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule for one number; see :class:`hotline.storage.tables_callers.CallerRuleRow`."""

    rule_id: int
    number: str
    because: Because
    effect: Effect
    why: str
    evidence: tuple[str, ...]
    state: State
    proposed_at: float
    made_by: str | None
    made_at: float | None
    expires_at: float | None
    ended_by: str | None
    ended_at: float | None
    ended_why: str

    def state_at(self, now: float) -> State:
        """Where it stands at ``now``: a rule past its expiry is over."""
        over = self.expires_at is not None and self.expires_at <= now
        return State.EXPIRED if self.state is State.ACTIVE and over else self.state


class NoSuchRule(LookupError):
    """No rule or appeal has this number."""


class RuleRefused(Exception):
    """What was asked cannot be done now; ``key`` says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def number_of(calling: str) -> str:
    """The number that a rule can be made for, canonical; empty for a withheld or short one."""
    number = canonical(calling)
    return number if _WHOLE_NUMBER.fullmatch(number) else ""


def rule_of(row: CallerRuleRow) -> Rule:
    """The rule that the row keeps."""
    return Rule(
        rule_id=row.rule_id,
        number=row.number,
        because=Because(row.because),
        effect=Effect(row.effect),
        why=row.why,
        evidence=tuple(row.evidence),
        state=State(row.state),
        proposed_at=row.proposed_at,
        made_by=row.made_by,
        made_at=row.made_at,
        expires_at=row.expires_at,
        ended_by=row.ended_by,
        ended_at=row.ended_at,
        ended_why=row.ended_why,
    )


def appeal_of(row: CallerAppealRow) -> Appeal:
    """The appeal that the row keeps."""
    return Appeal(
        appeal_id=row.appeal_id,
        rule_id=row.rule_id,
        text=row.text,
        taken_by=row.taken_by,
        taken_at=row.taken_at,
        granted=row.granted,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        why=row.why,
    )
