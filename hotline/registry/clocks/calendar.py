"""The working calendar: on which days and between which hours limits count. No I/O.

Instants are microseconds since 1970 as whole numbers, so that nothing drifts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise

from hotline.calendar.holidays import SATURDAY, DayFacts, DayKind, day_facts
from hotline.calendar.hours import DAY_MINUTES, Span, read_day

Micros = int
"""Microseconds since 1970."""

USUAL_HOURS = "08:00-12:00 14:00-18:00"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)
_ONE_DAY = timedelta(days=1)
_YEARS = range(1900, 9000)


class BadCalendar(ValueError):
    """No working time can be counted with it; ``key`` is its message's, for the screens."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Working hours of each working day, and which days those are.

    ``workdays`` are worked and ``holidays`` are not, whatever they are else. Of the other days
    weekends are off, and with ``official`` so are the official holidays, while the weekends that
    are swapped for them are worked. ``revision`` is that of the city's calendar, 0 for the
    configured one.
    """

    zone: tzinfo
    hours: tuple[Span, ...]
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    official: bool = False
    revision: int = 0
    _spans: dict[date, tuple[tuple[Micros, Micros], ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        _check_hours(self.hours)
        both = self.holidays & self.workdays
        if both:
            raise BadCalendar(
                "calendar_both", f"{min(both)} is listed under holidays and under workdays"
            )

    def facts(self, day: date) -> DayFacts:
        """What ``day`` is."""
        known = day_facts(day) if self.official else DayFacts(_plain(day))
        if day in self.holidays:
            return known if known.kind is DayKind.HOLIDAY else DayFacts(DayKind.HOLIDAY)
        if day in self.workdays and not known.worked:
            return DayFacts(DayKind.SWAPPED, known.name, known.name_en)
        return known

    def worked(self, day: date) -> bool:
        """Whether ``day`` is a working day."""
        return bool(self.spans(day))

    def spans(self, day: date) -> tuple[tuple[Micros, Micros], ...]:
        """The working hours of ``day``, in order, each from an instant to another; empty on a
        day off."""
        found = self._spans.get(day)
        if found is None:
            hours = self.hours if self.facts(day).worked else ()
            found = tuple((self.instant(day, s.start), self.instant(day, s.end)) for s in hours)
            self._spans[day] = found
        return found

    def instant(self, day: date, minute: int) -> Micros:
        """When the clocks of ``day`` show so many minutes after midnight."""
        return micros_of(datetime.combine(day, time(), self.zone) + timedelta(minutes=minute))

    def local(self, at: Micros) -> datetime:
        """``at`` as the city's clocks show it."""
        return (_EPOCH + at * _MICRO).astimezone(self.zone)

    def next_workday(self, day: date) -> date:
        """The first working day after ``day``."""
        day += _ONE_DAY
        while not self.worked(day):
            day += _ONE_DAY
        return day


def micros_of(at: datetime) -> Micros:
    """An aware moment as microseconds since 1970, exactly."""
    return (at.astimezone(UTC) - _EPOCH) // _MICRO


def from_seconds(at: float) -> Micros:
    """Unix seconds as microseconds."""
    return round(at * 1_000_000)


def to_seconds(at: Micros) -> float:
    """Microseconds as Unix seconds."""
    return at / 1_000_000


def read_hours(typed: str) -> tuple[Span, ...]:
    """``08:00-12:00 14:00-18:00`` as a working day's spans.

    Raises :class:`hotline.calendar.hours.BadHours`, :class:`BadCalendar`.
    """
    hours = read_day(typed)
    _check_hours(hours)
    return hours


def years_unknown(calendar: WorkCalendar, days: Iterable[date]) -> list[int]:
    """The years among ``days`` whose official holidays nobody knows yet, when they count."""
    if not calendar.official:
        return []
    return sorted({day.year for day in days if not day_facts(day).known})


def in_range(at: datetime) -> bool:
    """Whether months and time zones can be reckoned with at ``at``."""
    return at.year in _YEARS


def _check_hours(hours: tuple[Span, ...]) -> None:
    if not hours:
        raise BadCalendar(
            "calendar_no_hours",
            "hours is empty, so that no limit would ever end: give at least one span, such as "
            "08:00 to 12:00",
        )
    for span in hours:
        if not 0 <= span.start < span.end <= DAY_MINUTES:
            raise BadCalendar(
                "calendar_midnight",
                f"hours: {span} does not end on the day it begins: split it at 24:00",
            )
    for earlier, later in pairwise(hours):
        if later.start < earlier.end:
            raise BadCalendar("hours_overlap", f"hours: {earlier} and {later} overlap")


def _plain(day: date) -> DayKind:
    return DayKind.WEEKEND if day.weekday() >= SATURDAY else DayKind.WORKDAY
