"""What the privacy desk says and is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

TOKEN_SIGN = "***"  # noqa: S105 - it stands where a number stood
"""What stands in the place of a number or a name that was taken out; a sign of its own follows."""


class What(StrEnum):
    """What was done with a citizen's data."""

    FOUND = "found"
    HANDED_OUT = "handed_out"
    MINIMISED = "minimised"


class Kept(StrEnum):
    """What is kept for so many days.

    ``case_personal``: name and number in a case, counted from its end. ``call_numbers``: the
    number of a call that made no case. ``recordings``: sound files. ``drafts``: forms that
    nobody saved.
    """

    CASE_PERSONAL = "case_personal"
    CALL_NUMBERS = "call_numbers"
    RECORDINGS = "recordings"
    DRAFTS = "drafts"


@dataclass(frozen=True, slots=True)
class OwnCase:
    """A case that a citizen left their number with."""

    case_number: str
    state: str
    opened_at: float
    over: bool
    held: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What there is of a citizen: ``subject`` is their number, masked.

    ``own``: rows by table of their cases and calls; ``mentions``: rows by table of others' in
    which the number stands. ``waiting``: callbacks that are still to be made to them.
    """

    subject: str
    cases: Sequence[OwnCase] = ()
    calls: int = 0
    recordings: int = 0
    waiting: int = 0
    own: Mapping[str, int] = field(default_factory=dict)
    mentions: Mapping[str, int] = field(default_factory=dict)

    @property
    def anything(self) -> bool:
        """Whether there is anything at all."""
        return bool(self.own or self.mentions)

    @property
    def open_cases(self) -> Sequence[OwnCase]:
        """Cases that are not over: who works on them needs the number."""
        return [case for case in self.cases if not case.over]

    @property
    def held_cases(self) -> Sequence[OwnCase]:
        """Cases that nothing may be taken out of."""
        return [case for case in self.cases if case.held]


class PrivacyRefused(Exception):
    """It cannot be done now; ``key`` says why (``privacy.*``), ``cases`` which cases stand in the
    way."""

    def __init__(self, key: str, cases: Sequence[str] = ()) -> None:
        super().__init__(f"{key}: {', '.join(cases)}")
        self.key = key
        self.cases = tuple(cases)
