"""Time limits as they are written: ``4工作时``, ``2紧急工作时``, ``5工作日``, ``3自然日``. No I/O.

A bare unit is a working one: ``4小时`` is ``4工作时``, ``2天`` is ``2工作日`` and ``30分钟`` half a
working hour. What runs day and night says so: ``紧急`` before it, or ``自然日``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

SECOND = 1_000_000
"""In microseconds, in which all of this package counts: whole numbers do not drift."""
HOUR = 3600 * SECOND
DAY = 24 * HOUR

_LONGEST = 3660 * DAY
_MOST_DIGITS = 6
_FINEST = 1_000_000
_WRITTEN = re.compile(rf"(\d{{1,{_MOST_DIGITS}}}(?:\.\d{{1,{_MOST_DIGITS}}})?)\s*([^\d\s.][^\d.]*)")


class Unit(StrEnum):
    """What a limit counts in.

    ``urgent_hour`` (紧急工作时) and ``natural_day`` (自然日) run day and night,
    ``working_hour`` (工作时) in working hours only, and ``working_day`` (工作日) ends at the same
    time of the day so many working days later.
    """

    URGENT_HOUR = "urgent_hour"
    WORKING_HOUR = "working_hour"
    WORKING_DAY = "working_day"
    NATURAL_DAY = "natural_day"

    @property
    def in_days(self) -> bool:
        """Whether it counts days rather than hours."""
        return self in (Unit.WORKING_DAY, Unit.NATURAL_DAY)

    @property
    def by_calendar(self) -> bool:
        """Whether the working calendar decides when such a limit ends."""
        return self in (Unit.WORKING_HOUR, Unit.WORKING_DAY)


class BadLimit(ValueError):
    """What was written is no time limit; ``key`` is its message's, for the screens."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


_NAMES: Mapping[Unit, tuple[str, str]] = MappingProxyType(
    {
        Unit.URGENT_HOUR: ("紧急工作时", "urgent hours"),
        Unit.WORKING_HOUR: ("工作时", "working hours"),
        Unit.WORKING_DAY: ("工作日", "working days"),
        Unit.NATURAL_DAY: ("自然日", "calendar days"),
    }
)
_MINUTES = MappingProxyType(
    {
        Unit.URGENT_HOUR: ("紧急工作分钟", "urgent minutes"),
        Unit.WORKING_HOUR: ("工作分钟", "working minutes"),
    }
)
_HOURS_WRITTEN = {
    Unit.URGENT_HOUR: "紧急工作时 紧急工作小时 紧急小时 紧急时 urgenthour urgenthours uh",
    Unit.WORKING_HOUR: "工作时 工作小时 小时 时 workinghour workinghours workhour workhours "
    "hour hours wh h",
    Unit.WORKING_DAY: "工作日 工作天 天 日 workingday workingdays workday workdays day days wd d",
    Unit.NATURAL_DAY: "自然日 自然天 日历日 日历天 紧急工作日 紧急日 紧急天 naturalday naturaldays "
    "calendarday calendardays nd cd",
}
_MINUTES_WRITTEN = {
    Unit.URGENT_HOUR: "紧急工作分钟 紧急分钟 urgentminute urgentminutes",
    Unit.WORKING_HOUR: "工作分钟 分钟 分 workingminute workingminutes minute minutes min",
}


def _table(written: Mapping[Unit, str]) -> Mapping[str, Unit]:
    return MappingProxyType(
        {name: unit for unit, names in written.items() for name in names.split()}
    )


_UNITS, _IN_MINUTES = _table(_HOURS_WRITTEN), _table(_MINUTES_WRITTEN)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many of a unit; more than none, ten years at most, and whole working days only."""

    amount: Fraction
    unit: Unit

    def __post_init__(self) -> None:
        if self.amount <= 0:
            raise BadLimit("limit_zero", "a time limit is more than nothing")
        if self.amount * (DAY if self.unit.in_days else HOUR) > _LONGEST:
            raise BadLimit("limit_long", "a time limit is ten years at most")
        if self.unit is Unit.WORKING_DAY and self.amount.denominator != 1:
            raise BadLimit(
                "limit_whole",
                "working days are whole ones: write a part of a day in 工作时 (working hours)",
            )

    @property
    def micros(self) -> int:
        """How long it is, in microseconds; a day counts as 24 hours."""
        return int(self.amount * (DAY if self.unit.in_days else HOUR))

    def text(self, language: str = "zh") -> str:
        """As it is written; :func:`read_limit` reads it again."""
        amount, names = self.amount, _NAMES[self.unit]
        if not _is_decimal(amount):
            amount, names = amount * 60, _MINUTES[self.unit]
        written = _decimal(amount)
        return f"{written} {names[1]}" if language == "en" else f"{written}{names[0]}"

    def __str__(self) -> str:
        return self.text()


def read_limit(written: str) -> Limit:
    """``written`` as a limit. Raises :class:`BadLimit`."""
    tidy = unicodedata.normalize("NFKC", written).strip().lower()
    found = _WRITTEN.fullmatch(tidy)
    unit = re.sub(r"[\s_-]", "", found[2]) if found else ""
    if found is None or (unit not in _UNITS and unit not in _IN_MINUTES):
        raise BadLimit(
            "limit_format",
            f"{written!r} is no time limit: write a number and one of 紧急工作时, 工作时, 工作日 "
            "or 自然日, such as 4工作时",
        )
    amount = Fraction(found[1])
    if unit in _IN_MINUTES:
        return Limit(amount / 60, _IN_MINUTES[unit])
    return Limit(amount, _UNITS[unit])


def unit_name(unit: Unit, language: str = "zh") -> str:
    """A unit's name."""
    return _NAMES[unit][language == "en"]


def _is_decimal(amount: Fraction) -> bool:
    scaled = amount * _FINEST
    return scaled.denominator == 1


def _decimal(amount: Fraction) -> str:
    whole, rest = divmod(amount * _FINEST, _FINEST)
    return f"{whole}.{int(rest):0{_MOST_DIGITS}}".rstrip("0").rstrip(".")
