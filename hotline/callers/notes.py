"""What agents note of a number for whoever takes its next call."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from hotline.clock import Clock
from hotline.storage.database import Database
from hotline.storage.numbers import canonical
from hotline.storage.records import storable
from hotline.storage.tables_pop import CallerNoteRow

LONGEST = 500
MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class CallerNote:
    """A note; ``by`` is a user id."""

    note_id: int
    text: str
    by: str
    at: float


class NoNumber(Exception):
    """A withheld number has no notes."""


class CallerNotes:
    """Keeps notes by number, however it is written.

    Raises :class:`hotline.storage.database.DatabaseUnavailable`.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of(self, number: str) -> tuple[CallerNote, ...]:
        """The newest notes of a number, newest first."""
        key = canonical(number)
        if not key:
            return ()
        query = (
            select(CallerNoteRow)
            .where(CallerNoteRow.number == key)
            .order_by(CallerNoteRow.at.desc(), CallerNoteRow.note_id.desc())
            .limit(MOST_SHOWN)
        )
        async with self._database.session() as session:
            rows = (await session.scalars(query)).all()
        return tuple(CallerNote(row.note_id, row.text, row.by, row.at) for row in rows)

    async def add(self, number: str, text: str, by: str) -> None:
        """Note something. Raises :class:`NoNumber`."""
        key = canonical(number)
        if not key:
            raise NoNumber
        async with self._database.writing() as session:
            row = CallerNoteRow(number=key, text=str(storable(text)), by=by, at=self._clock.now())
            session.add(row)

    async def drop(self, note_id: int, number: str) -> bool:
        """Take a note of a number away; False when it has none such."""
        async with self._database.writing() as session:
            row = await session.get(CallerNoteRow, note_id)
            if row is None or row.number != canonical(number):
                return False
            await session.delete(row)
        return True
