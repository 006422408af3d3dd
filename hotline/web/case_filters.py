"""The list's filters as its address names them; what is wrong there counts as not given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from hotline.registry.due import SOON_S
from hotline.registry.forms import KINDS, URGENCIES
from hotline.registry.lifecycle import State
from hotline.registry.model import SOURCES, CaseFilter
from hotline.storage.records import storable
from hotline.web.access import Role, Viewer

_LONGEST = 200
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "kind": KINDS, "urgency": URGENCIES, "source": SOURCES
}  # fmt: skip
_IDS = ("category", "unit_id", "owner", "district", "street", "community", "grid")
_FLAGS = ("mine", "open", "overdue", "soon", "suspended", "supervised")
NAMES = (
    "text", "state", *_CHOICES, *_IDS, *_FLAGS,
    "opened_from", "opened_to", "due_from", "due_to",
)  # fmt: skip
"""Every name of a filter in the address."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A worklist that everybody has; ``name`` is ``cases.work.<name>`` in the catalogue."""

    name: str
    query: Mapping[str, str]


PRESETS = (
    Preset("mine", {"mine": "1", "open": "1", "sort": "due"}),
    Preset("overdue", {"overdue": "1", "sort": "due"}),
    Preset("soon", {"soon": "1", "sort": "due"}),
    Preset("supervised", {"supervised": "1", "open": "1", "sort": "due"}),
    Preset("open", {"open": "1", "sort": "due"}),
)

WORK: Mapping[Role, str] = {
    Role.DISPATCHER: "/cases?state=to_dispatch&sort=due",
    Role.CHECKER: "/cases?state=to_check&sort=due",
    Role.AGENT: "/cases?state=to_file&sort=due",
    Role.CALLBACK: "/cases?state=closed",
    Role.SUPERVISOR: "/cases?overdue=1&sort=due",
}
"""What each role comes to work at first."""


def filter_of(
    query: Mapping[str, str], viewer: Viewer, now: float, zone: tzinfo, states: frozenset[str]
) -> CaseFilter:
    """Which cases an address asks for. ``states`` are those that there are."""
    given = {name: query.get(name, "")[:_LONGEST].strip() for name in NAMES}
    chosen = {name: given[name] for name, values in _CHOICES.items() if given[name] in values}
    ids = {name: storable(given[name]) for name in _IDS if given[name]}
    flags = {name for name in _FLAGS if given[name] == "1"}
    if "mine" in flags:
        ids["owner"] = viewer.user_id
    soon = now + SOON_S if "soon" in flags else None
    due_until = _end_of(given["due_to"], zone)
    return CaseFilter(
        states=frozenset({given["state"]} & (states | frozenset(State))),
        text=given["text"],
        since=_start_of(given["opened_from"], zone),
        until=_end_of(given["opened_to"], zone),
        due_since=now if soon else _start_of(given["due_from"], zone),
        due_until=min((one for one in (soon, due_until) if one is not None), default=None),
        overdue_at=now if "overdue" in flags else None,
        still_open="open" in flags,
        suspended="suspended" in flags,
        supervised="supervised" in flags,
        **chosen,
        **ids,
    )


def asked(query: Mapping[str, str]) -> dict[str, str]:
    """The filters and the order that an address names, as they are kept under a name."""
    given = {name: storable(query.get(name, ""))[:_LONGEST] for name in (*NAMES, "sort")}
    return {name: value for name, value in given.items() if value.strip()}


def _start_of(text: str, zone: tzinfo) -> float | None:
    day = _day(text)
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()


def _end_of(text: str, zone: tzinfo) -> float | None:
    day = _day(text)
    return None if day is None else _start_of((day + timedelta(days=1)).isoformat(), zone)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    # Beyond these a calendar's instants do not fit into a float's second, or are no day at all.
    return found if 1970 < found.year < 9000 else None
