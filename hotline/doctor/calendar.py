"""The duty calendar: are the holidays of this year and the next one known?"""

from __future__ import annotations

from datetime import date, datetime

import chinese_calendar

from hotline.config import Config
from hotline.doctor.model import Finding
from hotline.doctor.texts import Say

# The State Council decides on the next year's holidays in November.
DECIDED_BY_MONTH = 12


def check_calendar(config: Config, now: float, say: Say) -> Finding:
    """Holidays that are not known count as plain days, so they are worth a note in time."""
    today = datetime.fromtimestamp(now, config.zone)
    if not year_known(today.year):
        return Finding("calendar", "note", say("calendar.unknown", year=today.year))
    coming = today.year + 1
    if year_known(coming):
        return Finding("calendar", "good", say("calendar.good", year=today.year, coming=coming))
    if today.month < DECIDED_BY_MONTH:
        return Finding("calendar", "good", say("calendar.early", year=today.year, coming=coming))
    return Finding("calendar", "note", say("calendar.unknown", year=coming))


def year_known(year: int) -> bool:
    """Whether the library holds the holidays of ``year``."""
    try:
        chinese_calendar.is_holiday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True
