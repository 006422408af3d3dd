"""Duty hours of a week, as they are typed and as they are kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

DAY_MINUTES = 24 * 60
DAYS = 7

FORMAT, OVERLAP = "hours_format", "hours_overlap"

_SPAN = re.compile(r"(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)")
# What a Chinese keyboard gives for colon, dash and separators.
_AS_TYPED = str.maketrans("：－–—~～至，、；;,", ":------     ")


class BadHours(ValueError):
    """What was typed is no day's hours; ``key`` is ``hours_format`` or ``hours_overlap``."""

    def __init__(self, key: str, typed: str) -> None:
        super().__init__(f"{typed!r}: {key}")
        self.key = key


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From one minute of a day to another, the latter not included.

    Both count from the day's midnight. ``end`` may lie in the next day: it is more than
    ``start`` and at most a day later.
    """

    start: int
    end: int

    def __str__(self) -> str:
        end = self.end if self.end <= DAY_MINUTES else self.end - DAY_MINUTES
        return f"{_clock(self.start)}-{_clock(end)}"


Day = tuple[Span, ...]
"""The spans that begin on one day, in order; none overlaps another."""

Week = tuple[Day, Day, Day, Day, Day, Day, Day]
"""Monday to Sunday."""


def read_day(typed: str) -> Day:
    """``08:30-12:00 14:00-18:00`` as spans; empty text is a day off.

    An end that is not after its start is the next day's. Raises :class:`BadHours`.
    """
    spans = sorted(_read_span(part, typed) for part in _tidy(typed).split())
    for earlier, later in pairwise(spans):
        if later.start < earlier.end:
            raise BadHours(OVERLAP, typed)
    return tuple(spans)


def write_day(day: Day) -> str:
    """A day's spans as :func:`read_day` reads them."""
    return " ".join(str(span) for span in day)


def read_week(days: Sequence[str]) -> Week:
    """Seven days, Monday first. Raises :class:`BadHours`; ValueError for another number."""
    monday, tuesday, wednesday, thursday, friday, saturday, sunday = map(read_day, days)
    return monday, tuesday, wednesday, thursday, friday, saturday, sunday


def every_day(typed: str) -> Week:
    """The same hours on each day. Raises :class:`BadHours`."""
    return read_week([typed] * DAYS)


def write_week(week: Week) -> list[str]:
    """Seven days as :func:`read_week` reads them."""
    return [write_day(day) for day in week]


def _tidy(typed: str) -> str:
    # Digits of any width become ours, and "08:00 - 12:00" is one span.
    plain = "".join(str(int(c)) if c.isdecimal() else c for c in typed).translate(_AS_TYPED)
    return re.sub(r"\s*-+\s*", "-", plain)


def _read_span(part: str, typed: str) -> Span:
    found = _SPAN.fullmatch(part)
    if found is None:
        raise BadHours(FORMAT, typed)
    hour, minute, end_hour, end_minute = (int(group) for group in found.groups())
    start = _minute(hour, minute, typed) % DAY_MINUTES
    end = _minute(end_hour, end_minute, typed)
    return Span(start, end if end > start else end + DAY_MINUTES)


def _minute(hour: int, minute: int, typed: str) -> int:
    if minute > 59 or hour * 60 + minute > DAY_MINUTES:
        raise BadHours(FORMAT, typed)
    return hour * 60 + minute


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
