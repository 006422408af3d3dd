"""Records read back from the journal's table: which, and in their order."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import Row, ScalarSelect, Select, func, select
from sqlalchemy.orm import Session

from hotline.events import Event, event_from
from hotline.storage.records import Record
from hotline.storage.tables import JournalRow

Selected = tuple[int, float, str, dict[str, object]]


def wanted(
    after: int,
    limit: int,
    *,
    kinds: Collection[type[Event]] | None = None,
    call_id: str | None = None,
    case_number: str | None = None,
    since: float | None = None,
) -> Select[*Selected]:
    """The query of the first ``limit`` records after ``after`` that match all that is given;
    ``since`` is Unix seconds."""
    # Not whole objects: a start reads many, while callers wait.
    query = select(JournalRow.seq, JournalRow.at, JournalRow.kind, JournalRow.data)
    if since is not None and not after:
        query = query.where(JournalRow.seq >= _first_since(since))
    else:
        query = query.where(JournalRow.seq > after)
    if kinds is not None:
        query = query.where(JournalRow.kind.in_([kind.__name__ for kind in kinds]))
    if call_id is not None:
        query = query.where(JournalRow.call_id == call_id)
    if case_number is not None:
        query = query.where(JournalRow.case_number == case_number)
    if since is not None:
        query = query.where(JournalRow.at >= since)
    return query.order_by(JournalRow.seq).limit(limit)


def records(rows: Iterable[Row[*Selected]]) -> list[Record]:
    """What such a query found."""
    return [Record(seq, at, event_from(kind, data)) for seq, at, kind, data in rows]


def of_case(session: Session, case_number: str, limit: int) -> list[Record]:
    """The first records of a case."""
    return records(session.execute(wanted(0, limit, case_number=case_number)))


def of_call(session: Session, call_id: str, limit: int) -> list[Record]:
    """The first records of a call."""
    return records(session.execute(wanted(0, limit, call_id=call_id)))


def _first_since(since: float) -> ScalarSelect[int]:
    """The number of the first record of an instant or later, by the index of instants: both
    databases would look for it from the journal's first record on, years back."""
    # The sum keeps them from searching by the number.
    first = select(func.min(JournalRow.seq + 0)).where(JournalRow.at >= since)
    return first.scalar_subquery()
