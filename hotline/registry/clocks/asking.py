"""What ``hotline deadline`` answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from hotline.config import Config, load
from hotline.registry.clocks import engine, files
from hotline.registry.clocks.calendar import WorkCalendar, in_range, micros_of, years_unknown
from hotline.registry.clocks.limits import read_limit

_ONE_FIGURE = re.compile(r"^(\S+[ T])(\d:)")


@dataclass(frozen=True, slots=True)
class Given:
    """A calendar and where it came from."""

    calendar: WorkCalendar
    source: str


def given(config_path: Path, file: Path | None, *, named: bool) -> Given:
    """The calendar that was asked for: that of ``file``, of the configuration, or the default.

    ``named``: somebody chose the configuration, so that it must be there. Raises
    :class:`hotline.config.ConfigError`, :class:`hotline.registry.clocks.calendar.BadCalendar`.
    """
    there = named or config_path.exists()
    config = load(config_path) if there else Config()
    if file is not None:
        return Given(files.read_file(file, config.zone), str(file))
    return Given(files.configured(config), str(config_path) if there else "defaults")


def ask(start: str, limit: str, known: Given) -> dict[str, Any]:
    """The whole answer, for programs.

    Raises :class:`hotline.registry.clocks.limits.BadLimit`, and ValueError for a ``start`` that
    is no moment.
    """
    calendar = known.calendar
    wanted = read_limit(limit)
    begin = read_start(start, calendar.zone)
    due = engine.deadline(micros_of(begin), wanted, calendar)
    days = list(engine.trace(micros_of(begin), due, wanted.unit, calendar))
    return {
        "deadline": calendar.local(due).isoformat(),
        "start": begin.isoformat(),
        "limit": wanted.text(),
        "unit": wanted.unit.value,
        "amount": float(wanted.amount),
        "calendar": _summary(known) | {"years_unknown": years_unknown(calendar, _dates(days))},
        "trace": [_line(counted, in_days=wanted.unit.in_days) for counted in days],
    }


def for_people(answer: dict[str, Any]) -> Iterator[str]:
    """The answer in lines."""
    yield f"{answer['deadline']}  {answer['limit']} from {answer['start']}"
    for line in answer["trace"]:
        named = f"  {line['name']}" if line["name"] else ""
        yield f"  {line['date']}  {line['kind']:<8}  {line['counted']}{named}"
    for year in answer["calendar"]["years_unknown"]:
        yield f"  the official holidays of {year} are not known: its weekdays count as working days"


def read_start(typed: str, zone: tzinfo) -> datetime:
    """``2026-09-30 17:00`` in the city's time; one with an offset is taken by that. Raises
    ValueError."""
    fault = f"{typed!r} is no date and time such as 2026-09-30 17:00"
    # People write the hour as they say it.
    tidy = _ONE_FIGURE.sub(r"\g<1>0\2", typed.strip())
    try:
        at = datetime.fromisoformat(tidy)
    except ValueError as error:
        raise ValueError(fault) from error
    if ":" not in tidy or not in_range(at):
        raise ValueError(fault)
    return at.astimezone(zone) if at.tzinfo else at.replace(tzinfo=zone)


def _dates(days: list[engine.Counted]) -> Iterator[Any]:
    return (counted.day for counted in days)


def _summary(known: Given) -> dict[str, Any]:
    calendar = known.calendar
    return {
        "source": known.source,
        "zone": str(calendar.zone),
        "hours": [str(span).split("-") for span in calendar.hours],
        "official_holidays": calendar.official,
        "holidays": len(calendar.holidays),
        "workdays": len(calendar.workdays),
    }


def _line(counted: engine.Counted, *, in_days: bool) -> dict[str, Any]:
    amount: object = counted.days if in_days else str(timedelta(microseconds=counted.micros))
    return {
        "date": counted.day.isoformat(),
        "kind": counted.facts.kind.value,
        "name": counted.facts.name_en,
        "counted": amount,
    }
