"""Citizens' names and numbers in events of cases: by reference, so that they can be taken away.

The journal is append-only. An event that would hold such a value holds ``{"ref": n}``, and the
value stands in :class:`hotline.storage.tables_life.CasePersonalRow`, where it can be emptied.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from hotline import events
from hotline.storage.journal import Transaction
from hotline.storage.records import Record
from hotline.storage.tables_life import CasePersonalRow

FIELDS = frozenset({"caller_name", "caller_phone"})
_REF = "ref"


async def referred(tx: Transaction, case_number: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as an event holds them. The case's row must have been flushed."""
    kept = dict(values)
    for name in FIELDS & values.keys():
        if values[name]:
            kept[name] = {_REF: await _reference(tx, case_number, name, values[name])}
    return kept


async def _reference(tx: Transaction, case_number: str, name: str, value: str) -> int:
    query = select(CasePersonalRow.ref).where(
        CasePersonalRow.case_number == case_number,
        CasePersonalRow.field == name,
        CasePersonalRow.value == value,
    )
    known = await tx.session.scalar(query.order_by(CasePersonalRow.ref.desc()).limit(1))
    if known is not None:
        return known
    row = CasePersonalRow(case_number=case_number, field=name, value=value, at=tx.now)
    tx.session.add(row)
    # Flushed for its number.
    await tx.session.flush()
    return row.ref


async def resolved(session: AsyncSession, records: Iterable[Record]) -> list[Record]:
    """The records with the values in the place of references; what was taken away is empty."""
    return await session.run_sync(resolve, records)


def resolve(session: Session, records: Iterable[Record]) -> list[Record]:
    """As :func:`resolved`, where a session is read in at once."""
    found = list(records)
    wanted = {ref for record in found for ref in _references(record.event)}
    if not wanted:
        return found
    query = select(CasePersonalRow.ref, CasePersonalRow.value)
    rows = session.execute(query.where(CasePersonalRow.ref.in_(wanted))).all()
    values = {row.ref: row.value for row in rows}
    return [replace(record, event=_filled(record.event, values)) for record in found]


def _references(event: events.Event) -> Iterator[int]:
    for values in _value_maps(event):
        for value in values.values():
            if _is_reference(value):
                yield value[_REF]


def _filled(event: events.Event, known: Mapping[int, str]) -> events.Event:
    def fill(values: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: known.get(value[_REF], "") if _is_reference(value) else value
            for name, value in values.items()
        }

    match event:
        case events.CaseOpened():
            return replace(event, values=fill(event.values))
        case events.CaseEdited():
            return replace(event, before=fill(event.before), after=fill(event.after))
        case _:
            return event


def _value_maps(event: events.Event) -> tuple[Mapping[str, Any], ...]:
    match event:
        case events.CaseOpened():
            return (event.values,)
        case events.CaseEdited():
            return (event.before, event.after)
        case _:
            return ()


def _is_reference(value: Any) -> bool:
    return isinstance(value, dict) and _REF in value
