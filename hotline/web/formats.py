"""How the pages write times, durations and numbers. Unknown is written as unknown, never as 0."""

from __future__ import annotations

from datetime import tzinfo

from hotline.clock import local
from hotline.masking import mask_name, mask_number

UNKNOWN = "—"


def moment(at: float | None, zone: tzinfo) -> str:
    """Unix seconds as ``2026-11-20 15:42`` in the city's time."""
    return UNKNOWN if at is None else local(at, zone).strftime("%Y-%m-%d %H:%M")


def moment_to_the_second(at: float | None, zone: tzinfo) -> str:
    """Unix seconds as ``2026-11-20 15:42:07``."""
    return UNKNOWN if at is None else local(at, zone).strftime("%Y-%m-%d %H:%M:%S")


def time_of_day(at: float | None, zone: tzinfo) -> str:
    """Unix seconds as ``15:42``."""
    return UNKNOWN if at is None else local(at, zone).strftime("%H:%M")


def duration(seconds: float | None) -> str:
    """Seconds as ``3:05``, from an hour on as ``1:03:05``; part seconds are cut off."""
    if seconds is None:
        return UNKNOWN
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def percent(part: float | None, whole: float | None) -> str:
    """``part`` of ``whole`` as ``93.7 %``; unknown when there is no whole."""
    if part is None or not whole:
        return UNKNOWN
    return f"{100 * part / whole:.1f} %"


def count(value: float | None) -> str:
    """A whole number with thousands apart: ``12,319``."""
    return UNKNOWN if value is None else f"{value:,.0f}"


def person(name: str | None) -> str:
    """A person's name, masked: ``王**``; unknown when none was given."""
    return mask_name(name) if name else UNKNOWN


def phone(number: str | None) -> str:
    """A person's number, masked: ``138****5678``; unknown when none was given."""
    return mask_number(number) if number else UNKNOWN
