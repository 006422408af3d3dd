"""Promises: a citizen was told that they will be called at a time, and somebody does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline import events
from hotline.outbound.model import (
    FURTHEST_S,
    LONGEST_NOTE,
    NoSuchPromise,
    Promise,
    PromiseFault,
    Wanted,
)
from hotline.registry.forms import dialable, with_extension
from hotline.registry.model import Actor
from hotline.storage.journal import Journal, Transaction
from hotline.storage.numbers import canonical
from hotline.storage.records import storable
from hotline.storage.tables import CaseRow, UserRow
from hotline.storage.tables_help import PromiseRow

OPEN, KEPT, WITHDRAWN, RANG_AGAIN = "open", "kept", "withdrawn", "rang_again"


class PromiseDesk:
    """Keeps the promises. Each method raises
    :class:`hotline.storage.database.DatabaseUnavailable` when there is no database."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def make(self, wanted: Wanted, due_at: float, note: str, by: Actor) -> int:
        """Promise to call ``wanted`` at ``due_at`` (Unix seconds); the promise's number. Raises
        :class:`PromiseFault`."""
        phone = canonical(wanted.phone)
        said = with_extension(str(storable(note)).strip(), wanted.phone)
        async with self._journal.transaction() as tx:
            _check(phone, due_at, said, tx.now)
            return await put_down(tx, replace(wanted, phone=phone), due_at, said, by.user_id)

    async def end(self, promise_id: int, outcome: str, why: str, by: Actor) -> None:
        """The citizen was reached in another way (``kept``), or need not be called any more
        (``withdrawn``, with ``why``). Raises :class:`NoSuchPromise`, :class:`PromiseFault`."""
        said = str(storable(why)).strip()
        if outcome == WITHDRAWN and not said:
            raise PromiseFault({"why": "required"})
        if len(said) > LONGEST_NOTE:
            raise PromiseFault({"why": "too_long"})
        async with self._journal.transaction() as tx:
            row = await tx.session.get(PromiseRow, promise_id)
            if row is None or row.state != OPEN:
                raise NoSuchPromise(promise_id)
            row.state, row.why = outcome, said
            row.ended_by, row.ended_at = by.user_id, tx.now
            told = (promise_id, outcome, by.user_id, said)
            tx.add(events.PromiseEnded(*told, row.call_id or "", row.case_number or ""))

    async def open(self, made_by: str | None = None) -> Sequence[Promise]:
        """Those still to be kept, the first due first; of one maker, or of all."""
        query = _promises().where(PromiseRow.state == OPEN)
        if made_by is not None:
            query = query.where(PromiseRow.made_by == made_by)
        async with self._journal.database.session() as session:
            return await _shown(session, query.order_by(PromiseRow.due_at, PromiseRow.promise_id))

    async def get(self, promise_id: int) -> Promise:
        """An open one. Raises :class:`NoSuchPromise`."""
        query = _promises().where(PromiseRow.promise_id == promise_id, PromiseRow.state == OPEN)
        async with self._journal.database.session() as session:
            found = await _shown(session, query)
        if not found:
            raise NoSuchPromise(promise_id)
        return found[0]


async def put_down(tx: Transaction, wanted: Wanted, due_at: float, note: str, by: str) -> int:
    """Write a promise down; its number. ``wanted.phone`` is canonical."""
    row = PromiseRow(
        phone=wanted.phone,
        due_at=due_at,
        note=note,
        call_id=wanted.origin,
        case_number=wanted.case_number,
        made_by=by,
        made_at=tx.now,
        state=OPEN,
        attempts=0,
        why="",
    )
    tx.session.add(row)
    # The event names it, and flushing gives it its number.
    await tx.session.flush()
    about = (wanted.origin or "", wanted.case_number or "")
    tx.add(events.PromiseMade(row.promise_id, by, due_at, note, *about))
    return row.promise_id


def _check(phone: str, due_at: float, note: str, now: float) -> None:
    faults = {}
    if not phone:
        faults["phone"] = "required"
    elif not dialable(phone):
        faults["phone"] = "phone"
    if not now < due_at <= now + FURTHEST_S:
        faults["due_at"] = "later"
    if len(note) > LONGEST_NOTE:
        faults["note"] = "too_long"
    if faults:
        raise PromiseFault(faults)


def _promises() -> Select[PromiseRow, str, CaseRow]:
    return (
        select(PromiseRow, UserRow.name, CaseRow)
        .outerjoin(UserRow, UserRow.user_id == PromiseRow.made_by)
        .outerjoin(CaseRow, CaseRow.case_number == PromiseRow.case_number)
    )


async def _shown(session: AsyncSession, query: Select[PromiseRow, str, CaseRow]) -> list[Promise]:
    return [
        Promise(
            row.promise_id,
            row.phone,
            row.due_at,
            row.note,
            row.case_number,
            row.made_by,
            name or row.made_by,
            row.made_at,
            row.attempts,
            row.last_outcome,
            case.caller_name if case else "",
            case.address if case else "",
            case.description if case else "",
        )
        for row, name, case in await session.execute(query)
    ]
