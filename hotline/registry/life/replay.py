"""A case as its journal tells it: its records folded into what its rows say. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from hotline import events
from hotline.registry.life.model import LIFE_COLUMNS
from hotline.registry.writing import COLUMNS, blank
from hotline.storage.records import Record
from hotline.storage.tables_life import CaseLifeRow


class NotACase(ValueError):
    """The records do not begin with the opening of a case."""


@dataclass(slots=True)
class Replayed:
    """What the records say: columns of the case and of its life, its parts by unit, and its
    requests by number. ``whole`` is whether every record told what it changed: those that older
    versions wrote do not."""

    case: dict[str, Any]
    life: dict[str, Any] = field(default_factory=lambda: {n: _blank_life(n) for n in LIFE_COLUMNS})
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: dict[int, dict[str, Any]] = field(default_factory=dict)
    whole: bool = True


def replay(records: Iterable[Record]) -> Replayed:
    """Fold one case's records, oldest first, their references to personal values resolved
    (:func:`hotline.registry.personal.resolved`). Raises :class:`NotACase`."""
    found: Replayed | None = None
    for record in records:
        match record.event:
            case events.CaseOpened() as event:
                found = _opened(event, record.at)
            case events.CaseEdited() as event if found is not None:
                _edited(found, event, record.at)
            case events.CaseMoved() as event if found is not None:
                _moved(found, event, record.at)
            case _:
                pass
    if found is None:
        raise NotACase
    return found


def _opened(event: events.CaseOpened, at: float) -> Replayed:
    stamps = {
        "case_number": event.case_number,
        "source": event.source,
        "call_id": event.call_id or None,
        "state": event.state,
        "version": 1,
        "opened_by": event.by,
        "changed_by": event.by,
        "opened_at": at,
        "changed_at": at,
    }
    values = {name: blank(name) for name in COLUMNS} | stamps | event.values
    return Replayed(values, whole=bool(event.values))


def _edited(found: Replayed, event: events.CaseEdited, at: float) -> None:
    found.case |= event.after
    found.whole = found.whole and event.before.keys() == event.after.keys()
    _touched(found, event.version, event.by, at)


def _moved(found: Replayed, event: events.CaseMoved, at: float) -> None:
    found.case |= event.effects.get("case", {})
    found.case["state"] = event.to_state
    found.life |= event.effects.get("life", {})
    found.parts |= {part["unit_id"]: part for part in event.effects.get("parts", ())}
    found.requests |= {one["number"]: one for one in event.effects.get("requests", ())}
    found.whole = found.whole and event.version > 0
    _touched(found, event.version, event.by, at)


def _touched(found: Replayed, version: int, by: str, at: float) -> None:
    if version:
        found.case |= {"version": version, "changed_by": by, "changed_at": at}


def _blank_life(name: str) -> Any:
    default = CaseLifeRow.__table__.columns[name].default
    return None if default is None else default.arg
