"""The working calendar: read from a JSON file, or as the city configured it."""

from __future__ import annotations

import json
import re
from datetime import date, tzinfo
from pathlib import Path
from typing import Any

from hotline.calendar.hours import DAY_MINUTES, Span
from hotline.config import Config
from hotline.registry.clocks.calendar import BadCalendar, WorkCalendar, read_hours

_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_KEYS = ("hours", "holidays", "workdays")
_BIGGEST = 10_000_000


def configured(config: Config) -> WorkCalendar:
    """The city's calendar as ``hotline.toml`` has it, with the official holidays."""
    section = config.clocks
    return WorkCalendar(
        config.zone,
        read_hours(section.hours),
        frozenset(section.holidays),
        frozenset(section.workdays),
        official=section.official_holidays,
    )


def read_file(path: Path, zone: tzinfo) -> WorkCalendar:
    """The calendar in a JSON file. Raises :class:`BadCalendar`, naming the file and the place."""
    try:
        if path.stat().st_size > _BIGGEST:
            raise BadCalendar("calendar_file", f"{path}: larger than 10 MB is no calendar")
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise BadCalendar("calendar_file", f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadCalendar("calendar_file", f"{path}: not written in UTF-8") from error
    try:
        return read_text(text, zone)
    except BadCalendar as fault:
        raise BadCalendar(fault.key, f"{path}: {fault}") from fault


def read_text(text: str, zone: tzinfo) -> WorkCalendar:
    """A calendar in JSON. Raises :class:`BadCalendar`, naming the place."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise BadCalendar("calendar_file", f"{where}: no JSON: {error.msg}") from error
    except RecursionError as error:
        raise BadCalendar("calendar_file", "nested too deeply") from error
    if not isinstance(data, dict):
        raise BadCalendar("calendar_file", 'no JSON object with "hours" in it')
    for key in data:
        if key not in _KEYS:
            raise BadCalendar("calendar_file", f"{key!r} is none of {', '.join(_KEYS)}")
    if "hours" not in data:
        raise BadCalendar("calendar_no_hours", '"hours" is missing')
    hours = tuple(sorted(_span(item, n) for n, item in enumerate(_items(data, "hours"), 1)))
    return WorkCalendar(zone, hours, _dates(data, "holidays"), _dates(data, "workdays"))


def _items(data: dict[str, Any], key: str) -> list[Any]:
    items = data.get(key, [])
    if not isinstance(items, list):
        raise BadCalendar("calendar_file", f"{key}: not a list")
    return items


def _span(item: Any, place: int) -> Span:
    where = f"hours, item {place}"
    if not isinstance(item, list) or len(item) != 2:
        raise BadCalendar("calendar_file", f'{where}: write a pair such as ["08:00", "12:00"]')
    start, end = (_minute(clock, where) for clock in item)
    if end < start:
        raise BadCalendar(
            "calendar_midnight",
            f"{where}: {item[1]} is before {item[0]}: a span that goes past midnight is written "
            f'as two, ["{item[0]}", "24:00"] and ["00:00", "{item[1]}"]',
        )
    if end == start:
        raise BadCalendar("calendar_file", f"{where}: {item[0]} to {item[1]} is no time at all")
    return Span(start, end)


def _minute(clock: Any, where: str) -> int:
    found = _CLOCK.fullmatch(clock) if isinstance(clock, str) else None
    minute = int(found[1]) * 60 + int(found[2]) if found else -1
    if not 0 <= minute <= DAY_MINUTES:
        raise BadCalendar("calendar_file", f"{where}: {clock!r} is no time such as 08:00")
    return minute


def _dates(data: dict[str, Any], key: str) -> frozenset[date]:
    return frozenset(
        _date(item, f"{key}, item {place}") for place, item in enumerate(_items(data, key), 1)
    )


def _date(item: Any, where: str) -> date:
    try:
        if isinstance(item, str) and _DATE.fullmatch(item):
            return date.fromisoformat(item)
    except ValueError:
        pass
    raise BadCalendar("calendar_file", f"{where}: {item!r} is no date such as 2026-10-01")
