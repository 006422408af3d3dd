"""What a date is by the State Council's yearly decision on holidays and swapped working days.

The data come with the library ``chinese-calendar``. A year that it does not hold yet is unknown:
its days count as plain weekdays and weekends, and whoever shows them says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

import chinese_calendar
from chinese_calendar import Holiday

SATURDAY = 5


class DayKind(StrEnum):
    """Whether people work on a day."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    SWAPPED = "swapped"


@dataclass(frozen=True, slots=True)
class DayFacts:
    """One date. ``name`` and ``name_en`` name the holiday that it is, or is worked for.

    ``known`` is False in a year whose holidays are not known: then a holiday looks like a plain
    day.
    """

    kind: DayKind
    name: str = ""
    name_en: str = ""
    known: bool = True

    @property
    def worked(self) -> bool:
        """Whether it is a working day, swapped ones included."""
        return self.kind in (DayKind.WORKDAY, DayKind.SWAPPED)

    def title(self, language: str) -> str:
        """The holiday's name in ``language``, empty for none."""
        return self.name_en if language == "en" else self.name


# The library goes through all its years at each question.
@lru_cache(maxsize=4096)
def day_facts(day: date) -> DayFacts:
    """What ``day`` is."""
    plain = DayKind.WEEKEND if day.weekday() >= SATURDAY else DayKind.WORKDAY
    try:
        free, title = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return DayFacts(plain, known=False)
    if title is None:
        return DayFacts(plain)
    kind = DayKind.HOLIDAY if free else DayKind.SWAPPED
    return DayFacts(kind, Holiday(title).chinese, title)


def year_known(year: int) -> bool:
    """Whether the holidays of ``year`` are known."""
    return day_facts(date(year, 1, 1)).known
