"""The storm in force: begun and ended by a supervisor, or ended by its time; who is affected.

What callers are told comes from memory. Each caller who registers is a row linked with the
storm's case, once a number.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline import events
from hotline.clock import Clock
from hotline.registry.lifecycle import FINAL
from hotline.registry.model import SYSTEM, Actor
from hotline.registry.service import CaseRegistry
from hotline.storage.database import Database
from hotline.storage.journal import Journal, Transaction
from hotline.storage.tables import CaseRow
from hotline.storage.tables_storm import AffectedRow, StormRow
from hotline.storm import affected
from hotline.storm.model import (
    Affected,
    Picture,
    Registered,
    Storm,
    StormFault,
    StormWords,
    key_of,
    storm_facts,
)


class StormConflict(Exception):
    """``key`` says why: ``storm_on`` (another one is in force), ``storm_over`` (this one is not
    any more) or ``storm_changed`` (somebody else changed it meanwhile)."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class NoSuchStorm(LookupError):
    """No storm, or nobody affected by it, has this id."""


class StormDesk:
    """Begins, changes and ends storms, and takes registrations; ``load`` it before use.

    Whatever reaches the database raises
    :class:`hotline.storage.database.DatabaseUnavailable` when there is none.
    """

    def __init__(self, journal: Journal, registry: CaseRegistry, clock: Clock) -> None:
        self._journal = journal
        self._registry = registry
        self._clock = clock
        # The one that nobody has ended; its time may have come all the same.
        self._storm: Storm | None = None
        self._changed = asyncio.Event()

    async def load(self) -> None:
        """Take in the storm that a restart found in force."""
        async with self._journal.database.session() as session:
            row = await _unended(session)
        self._take(None if row is None else storm_of(row))

    async def run(self) -> None:
        """End each storm when its time has come, for ever.

        Raises when the database is out of reach: begin again later.
        """
        while True:
            self._changed.clear()
            storm = self._storm
            left = None if storm is None else storm.ends_at - self._clock.now()
            if storm is not None and left is not None and left <= 0:
                await self._expire(storm)
                continue
            timer = None if left is None else self._clock.call_later(left, self._changed.set)
            try:
                await self._changed.wait()
            finally:
                if timer is not None:
                    timer.cancel()

    # --- what callers are told --------------------------------------------------------------

    def active(self, now: float) -> Storm | None:
        """The storm in force; costs no query."""
        storm = self._storm
        return storm if storm is not None and storm.active(now) else None

    def facts(self, now: float) -> dict[str, object]:
        """As :func:`storm_facts`, of the storm in force."""
        return storm_facts(self.active(now))

    # --- begun, changed, ended --------------------------------------------------------------

    async def begin(self, words: StormWords, by: Actor, case_number: str = "") -> Storm:
        """Tell callers from now on. Those affected are linked with the case ``case_number``,
        else with a new one.

        Raises :class:`StormFault`, :class:`StormConflict`.
        """
        async with self._journal.transaction() as tx:
            words = words.checked(tx.now)
            if (before := await _unended(tx.session)) is not None:
                if storm_of(before).active(tx.now):
                    raise StormConflict("storm_on")
                await self._end(tx, before, SYSTEM.user_id, before.ends_at)
            number = await self._case(tx, words, by, case_number.strip())
            row = StormRow(
                case_number=number,
                version=1,
                began_by=by.user_id,
                began_at=tx.now,
                **_fields(words),
            )
            tx.session.add(row)
            await tx.session.flush()
            tx.add(events.StormBegan(number, row.storm_id, *_told(words), by.user_id))
        storm = storm_of(row)
        self._take(storm)
        return storm

    async def change(self, storm_id: int, words: StormWords, version: int, by: Actor) -> Storm:
        """Other words, places or another end for the storm in force.

        Raises :class:`StormFault`, :class:`StormConflict`, :class:`NoSuchStorm`.
        """
        async with self._journal.transaction() as tx:
            row = await _in_force(tx, storm_id)
            if row.version != version:
                raise StormConflict("storm_changed")
            words = words.checked(tx.now)
            for name, value in _fields(words).items():
                setattr(row, name, value)
            row.version += 1
            tx.add(events.StormChanged(row.case_number, row.storm_id, *_told(words), by.user_id))
        storm = storm_of(row)
        self._take(storm)
        return storm

    async def end(self, storm_id: int, by: Actor) -> None:
        """End the storm in force before its time.

        Raises :class:`StormConflict`, :class:`NoSuchStorm`.
        """
        async with self._journal.transaction() as tx:
            row = await _in_force(tx, storm_id)
            await self._end(tx, row, by.user_id, tx.now)
        self._take(None)

    # --- who is affected --------------------------------------------------------------------

    async def register(
        self,
        call_id: str,
        calling: str,
        place: str | None,
        now: float,
        *,
        callback: bool = False,
    ) -> Registered | None:
        """Note that a caller is affected by the storm in force; None when there is none.

        A number counts once; so does a call whose number was withheld. A later call can add the
        place, and that a callback is wanted, never take them away.
        """
        storm = self.active(now)
        if storm is None:
            return None
        async with self._journal.transaction() as tx:
            held = await tx.session.get(StormRow, storm.storm_id)
            if held is None or not storm_of(held).active(now):
                return None
            row, new = await affected.note(tx.session, held, call_id, key_of(calling), now)
            row.place = row.place or (place or "").strip()
            row.callback = row.callback or (callback and bool(row.number))
            await tx.session.flush()
            tx.add(events.CallerAffected(call_id, held.storm_id, row.affected_id, row.place, new))
            count = await affected.count(tx.session, held.storm_id)
        return Registered(row.affected_id, held.case_number, new, count)

    async def want_callback(self, affected_id: int, wanted: bool, by: Actor) -> None:
        """Whether this caller shall be called back when the storm is over.

        Raises :class:`NoSuchStorm`; :class:`StormFault` for a withheld number.
        """
        async with self._journal.transaction() as tx:
            row = await tx.session.get(AffectedRow, affected_id)
            if row is None:
                raise NoSuchStorm(affected_id)
            if not row.number:
                raise StormFault({"callback": "no_number"})
            if row.callback is not wanted:
                row.callback = wanted
                tx.add(events.AffectedCallbackWanted(row.storm_id, affected_id, wanted, by.user_id))

    # --- shown --------------------------------------------------------------------------------

    async def get(self, storm_id: int) -> Storm:
        """A storm. Raises :class:`NoSuchStorm`."""
        async with self._journal.database.session() as session:
            row = await session.get(StormRow, storm_id)
        if row is None:
            raise NoSuchStorm(storm_id)
        return storm_of(row)

    async def storms(self, limit: int = 20) -> Sequence[Storm]:
        """The last storms, the newest first."""
        query = select(StormRow).order_by(StormRow.storm_id.desc()).limit(limit)
        async with self._journal.database.session() as session:
            return [storm_of(row) for row in await session.scalars(query)]

    async def picture(self, storm_id: int) -> Picture:
        """The counts of a storm."""
        async with self._journal.database.session() as session:
            return await affected.picture(session, storm_id)

    async def registered(
        self, storm_id: int, *, callbacks_only: bool = False, offset: int = 0, limit: int = 50
    ) -> Sequence[Affected]:
        """Who registered, the last first."""
        async with self._journal.database.session() as session:
            return await affected.found(session, storm_id, callbacks_only, offset, limit)

    # --- inside -------------------------------------------------------------------------------

    def _take(self, storm: Storm | None) -> None:
        self._storm = storm
        self._changed.set()

    async def _expire(self, storm: Storm) -> None:
        async with self._journal.transaction() as tx:
            row = await tx.session.get(StormRow, storm.storm_id)
            if row is not None and row.ended_at is None and row.ends_at <= tx.now:
                await self._end(tx, row, SYSTEM.user_id, row.ends_at)
        if self._storm is storm:
            self._take(None)

    async def _end(self, tx: Transaction, row: StormRow, by: str, at: float) -> None:
        row.ended_by, row.ended_at = by, at
        count = await affected.count(tx.session, row.storm_id)
        tx.add(events.StormEnded(row.case_number, row.storm_id, by, count), at)

    async def _case(self, tx: Transaction, words: StormWords, by: Actor, case_number: str) -> str:
        if not case_number:
            return await self._registry.open_for_storm(
                tx, by, words.text_zh, "、".join(words.places)
            )
        row = await tx.session.get(CaseRow, case_number)
        if row is None:
            raise StormFault({"case_number": "no_such_case"})
        if row.state in FINAL:
            raise StormFault({"case_number": "case_over"})
        return case_number


async def storm_at(database: Database, at: float) -> Storm | None:
    """The storm that callers are, were or will be told of at ``at``, as far as is known now.

    Raises :class:`hotline.storage.database.DatabaseUnavailable`.
    """
    query = (
        select(StormRow)
        .where(
            StormRow.began_at <= at,
            StormRow.ends_at > at,
            or_(StormRow.ended_at.is_(None), StormRow.ended_at > at),
        )
        .order_by(StormRow.storm_id.desc())
    )
    async with database.session() as session:
        row = (await session.scalars(query)).first()
    return None if row is None else storm_of(row)


def storm_of(row: StormRow) -> Storm:
    """The storm that the row keeps."""
    return Storm(
        row.storm_id,
        row.text_zh,
        row.text_en,
        tuple(row.places),
        row.case_number,
        row.version,
        row.began_by,
        row.began_at,
        row.ends_at,
        row.ended_by or "",
        row.ended_at,
    )


async def _unended(session: AsyncSession) -> StormRow | None:
    query = select(StormRow).where(StormRow.ended_at.is_(None)).order_by(StormRow.storm_id.desc())
    return (await session.scalars(query)).first()


async def _in_force(tx: Transaction, storm_id: int) -> StormRow:
    row = await tx.session.get(StormRow, storm_id)
    if row is None:
        raise NoSuchStorm(storm_id)
    if not storm_of(row).active(tx.now):
        raise StormConflict("storm_over")
    return row


def _fields(words: StormWords) -> dict[str, Any]:
    return {
        "text_zh": words.text_zh,
        "text_en": words.text_en,
        "places": list(words.places),
        "ends_at": words.ends_at,
    }


def _told(words: StormWords) -> tuple[str, str, tuple[str, ...], float]:
    return words.text_zh, words.text_en, words.places, words.ends_at
