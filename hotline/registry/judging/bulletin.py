"""A month's bulletin: its numbers, counted once, and how they are kept.

The rates are computed from the counts wherever they are shown; only counts are kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import tzinfo
from typing import Any, Protocol

from hotline.registry.clocks.calendar import WorkCalendar
from hotline.registry.judging.counting import (
    DIMENSIONS,
    Scope,
    count,
    count_by,
    summed,
    time_to_verify,
)
from hotline.registry.judging.model import Counts, Definitions, Line, MeanTime, Month
from hotline.registry.judging.patterns import Patterns, Place, patterns_of
from hotline.registry.judging.repeats import Repeats, repeats_in
from hotline.registry.judging.working import working_times
from hotline.storage.database import Database

FORMAT = 1


class Names(Protocol):
    """What units, places and classes are called."""

    def of(self, dimension: str, key: str) -> str:
        """The name, empty when none is known."""


@dataclass(frozen=True, slots=True)
class Bulletin:
    """The numbers of one month. ``before`` and ``last_year`` are the counts of the month before
    and of the same month a year before, None when there were no cases then."""

    month: Month
    counted_at: float
    total: Line
    by: Mapping[str, tuple[Line, ...]]
    patterns: Patterns
    without_point: int
    before: Counts | None
    last_year: Counts | None
    repeat_metres: float
    repeat_days: float
    # As ``total.times``, in working time; empty while that is unknown.
    working: Mapping[str, MeanTime] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether no case belongs to the month."""
        return not any(self.total.counts[name] for name in _CONCERNED)

    def as_data(self) -> dict[str, Any]:
        """As JSON keeps it; see :meth:`from_data`."""
        return asdict(self) | {"month": str(self.month), "format": FORMAT}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Bulletin:
        """The bulletin that was kept. Raises :class:`ValueError` for another format."""
        if data.get("format") != FORMAT:
            raise ValueError(f"a bulletin of format {data.get('format')!r}")
        pattern = data["patterns"]
        return cls(
            month=Month.read(data["month"]),
            counted_at=data["counted_at"],
            total=_line(data["total"]),
            working=_times(data["working"]),
            by={name: tuple(_line(line) for line in lines) for name, lines in data["by"].items()},
            patterns=Patterns(
                tuple(tuple(day) for day in pattern["week"]),
                pattern["days"],
                pattern["months"],
                pattern["seasons"],
                tuple(Place(**place) for place in pattern["places"]),
            ),
            **{name: data[name] for name in _PLAIN},
        )


_PLAIN = ("without_point", "before", "last_year", "repeat_metres", "repeat_days")


async def bulletin(
    database: Database,
    month: Month,
    definitions: Definitions,
    zone: tzinfo,
    now: float,
    *,
    calendar: WorkCalendar | None = None,
) -> Bulletin:
    """Count a month; without a ``calendar`` working times are unknown.

    Raises :class:`hotline.storage.database.DatabaseUnavailable`.
    """
    scope = Scope(month.period(zone), definitions)
    async with database.session() as session:
        again = await repeats_in(session, scope)
        by = await count_by(session, scope, DIMENSIONS)
        total = summed(by["source"]) if by["source"] else (await count(session, scope))[0]
        verify = await time_to_verify(session, scope)
        found = Bulletin(
            month=month,
            counted_at=now,
            total=replace(
                total,
                counts=dict(total.counts) | {"repeat": again.total},
                times={"verify": verify} | dict(total.times),
            ),
            by={name: _with_repeats(lines, again, name) for name, lines in by.items()},
            patterns=await patterns_of(session, scope, zone),
            without_point=again.without_point,
            before=None,
            last_year=None,
            repeat_metres=definitions.repeat_metres,
            repeat_days=definitions.repeat_days,
            working=await working_times(session, scope, calendar) if calendar else {},
        )
    return replace(
        found,
        before=await past(database, month.plus(-1), definitions, zone),
        last_year=await past(database, month.plus(-12), definitions, zone),
    )


async def past(
    database: Database, month: Month, definitions: Definitions, zone: tzinfo
) -> Counts | None:
    """The counts of an earlier month; None when no case belongs to it: then there is nothing to
    compare with."""
    scope = Scope(month.period(zone), definitions)
    async with database.session() as session:
        (total,) = await count(session, scope)
        if not any(total.counts[name] for name in _CONCERNED):
            return None
        again = await repeats_in(session, scope)
    # What stands open now says nothing of what stood open then.
    counts = {name: value for name, value in total.counts.items() if name not in _STANDING}
    return counts | {"repeat": again.total}


_CONCERNED = ("report", "dispatched", "should_dispose", "should_close", "ended")
_STANDING = frozenset({"open", "suspended"})


def _with_repeats(lines: Sequence[Line], again: Repeats, name: str) -> tuple[Line, ...]:
    return tuple(
        replace(line, counts=dict(line.counts) | {"repeat": again.by[name].get(line.key, 0)})
        for line in lines
    )


def named(found: Bulletin, names: Names) -> Bulletin:
    """With the listed names of units, places and classes instead of what the cases say."""
    by = {dimension: named_lines(lines, names, dimension) for dimension, lines in found.by.items()}
    places = tuple(
        replace(place, street=names.of("street", place.street) or place.street)
        for place in found.patterns.places
    )
    return replace(found, by=by, patterns=replace(found.patterns, places=places))


def named_lines(lines: Sequence[Line], names: Names, dimension: str) -> tuple[Line, ...]:
    """The lines of one dimension with their listed names."""
    listed = ((line, names.of(dimension, line.key)) for line in lines)
    return tuple(replace(line, name=name or line.name, listed=bool(name)) for line, name in listed)


def _line(data: Mapping[str, Any]) -> Line:
    return Line(data["key"], data["name"], data["counts"], _times(data["times"]), data["listed"])


def _times(data: Mapping[str, Any]) -> dict[str, MeanTime]:
    return {name: MeanTime(**time) for name, time in data.items()}


def differences(published: Bulletin, again: Bulletin) -> dict[str, tuple[int | None, int | None]]:
    """The counts of the whole month that came out otherwise: as published, and now.

    What depends on the moment of counting (cases in hand) is left out.
    """
    old, new = published.total.counts, again.total.counts
    names = [name for name in {**old, **new} if name not in _STANDING]
    return {
        name: (old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)
    }
