"""Filters of the list of cases that people keep, for themselves or for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import or_, select

from hotline.clock import Clock
from hotline.registry.model import Actor, NotAllowed
from hotline.storage.database import Database
from hotline.storage.tables_filters import SavedFilterRow

LONGEST_NAME = 40
MOST = 30


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A filter with its name; ``query`` is the list's address, by name."""

    filter_id: int
    owner: str
    name: str
    query: Mapping[str, str]
    shared: bool


class NoSuchFilter(LookupError):
    """No filter of one's own has this number."""


class TooManyFilters(Exception):
    """Somebody keeps :data:`MOST` filters already."""


class SavedFilters:
    """Keeps filters. A supervisor may share theirs with everybody.

    Whatever reaches the database raises
    :class:`hotline.storage.database.DatabaseUnavailable` when there is none.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of(self, by: Actor) -> tuple[SavedFilter, ...]:
        """One's own filters and those that are shared, by name."""
        query = (
            select(SavedFilterRow)
            .where(or_(SavedFilterRow.owner == by.user_id, SavedFilterRow.shared))
            .order_by(SavedFilterRow.shared.desc(), SavedFilterRow.name)
        )
        async with self._database.session() as session:
            return tuple(_filter(row) for row in await session.scalars(query))

    async def keep(
        self, by: Actor, name: str, query: Mapping[str, str], *, shared: bool = False
    ) -> SavedFilter:
        """Keep a filter, in place of one's own of the same name.

        Raises :class:`NotAllowed` for sharing by anybody but a supervisor and
        :class:`TooManyFilters`.
        """
        if shared and by.role != "supervisor":
            raise NotAllowed("case.not_your_role")
        async with self._database.writing() as session:
            mine = (
                await session.scalars(
                    select(SavedFilterRow).where(SavedFilterRow.owner == by.user_id)
                )
            ).all()
            row = next((one for one in mine if one.name == name), None)
            if row is None:
                if len(mine) >= MOST:
                    raise TooManyFilters
                row = SavedFilterRow(owner=by.user_id, name=name)
                session.add(row)
            row.query, row.shared, row.made_at = dict(query), shared, self._clock.now()
            await session.flush()
            return _filter(row)

    async def forget(self, by: Actor, filter_id: int) -> None:
        """Forget one's own filter. Raises :class:`NoSuchFilter`."""
        async with self._database.writing() as session:
            row = await session.get(SavedFilterRow, filter_id)
            if row is None or row.owner != by.user_id:
                raise NoSuchFilter(filter_id)
            await session.delete(row)


def _filter(row: SavedFilterRow) -> SavedFilter:
    query = {str(name): str(value) for name, value in row.query.items()}
    return SavedFilter(row.filter_id, row.owner, row.name, query, row.shared)
