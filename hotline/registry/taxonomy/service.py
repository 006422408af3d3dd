"""The classes in force: the city's standard with the city's changes, live.

A change is written with who made it and why, journalled, and in force for the next case. What it
replaced stays in the revisions, and a case keeps the name its class had.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, tzinfo

from sqlalchemy import func, select

from hotline import events
from hotline.clock import Clock, local
from hotline.registry.taxonomy import city
from hotline.registry.taxonomy.city import (
    LONGEST_WHY,
    CityClass,
    NewClass,
    Revision,
    TaxonomyFault,
    added,
    check_change,
    city_taxonomy,
    entry_of,
)
from hotline.registry.taxonomy.model import Category
from hotline.registry.taxonomy.search import Hit
from hotline.registry.taxonomy.shipped import STANDARD
from hotline.registry.taxonomy.tree import Taxonomy
from hotline.storage.database import Database
from hotline.storage.journal import Journal, Transaction
from hotline.storage.records import storable
from hotline.storage.tables import CaseRow
from hotline.storage.tables_taxonomy import TaxonomyRevisionRow


class ClassChanged(Exception):
    """Somebody else changed the class meanwhile."""


class NoSuchClass(LookupError):
    """The city's standard has no class of this key."""


class TaxonomyLibrary:
    """What cases are classed by; ``load`` before use.

    Whatever reaches the database raises
    :class:`hotline.storage.database.DatabaseUnavailable` when there is none.
    """

    def __init__(
        self, journal: Journal, clock: Clock, zone: tzinfo, standard: str = STANDARD
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._zone = zone
        self._revisions: tuple[Revision, ...] = ()
        self._current = city_taxonomy(standard, ())
        self._others: dict[str, Taxonomy] = {}

    async def load(self) -> None:
        """Take in what is saved."""
        self._take(await read_revisions(self._journal.database))

    # --- read ------------------------------------------------------------------------------

    @property
    def current(self) -> Taxonomy:
        """The city's standard with its changes up to now."""
        return self._current

    @property
    def standard(self) -> str:
        """The id of the city's standard."""
        return self._current.standard

    @property
    def revision(self) -> int | None:
        """The number of the city's newest change, 0 for none."""
        return self._current.revision

    @property
    def revisions(self) -> Sequence[Revision]:
        """Every change, oldest first."""
        return self._revisions

    @property
    def today(self) -> date:
        """The day in the city."""
        return local(self._clock.now(), self._zone).date()

    def __iter__(self) -> Iterator[Category]:
        return iter(self._current)

    def get(self, key: str) -> Category | None:
        """A class of the city's standard, whether or not it was retired."""
        return self._current.get(key)

    def choose(self, key: str) -> Category | None:
        """The class that a case may be given today; None for one that is unknown or retired."""
        category = self._current.get(key)
        return category if category and category.choosable(self.today) else None

    def choosable(self) -> tuple[Category, ...]:
        """What a case may be given today, in order."""
        return self._current.on(self.today)

    def hits(self, words: str, limit: int = 20) -> tuple[Hit, ...]:
        """The classes that fit best and may be chosen today, as :meth:`Taxonomy.hits`."""
        today = self.today
        found = self._current.hits(words, limit=len(self._current))
        return tuple(hit for hit in found if hit.category.choosable(today))[:limit]

    def search(self, words: str, limit: int = 20) -> tuple[Category, ...]:
        """As :meth:`hits`, the classes alone."""
        return tuple(hit.category for hit in self.hits(words, limit))

    def of(self, standard: str) -> Taxonomy:
        """Any shipped standard with the city's changes to it.

        Raises :class:`hotline.registry.taxonomy.UnknownStandard`.
        """
        if standard == self.standard:
            return self._current
        if standard not in self._others:
            self._others[standard] = city_taxonomy(standard, self._revisions)
        return self._others[standard]

    def find(self, standard: str, key: str) -> Category | None:
        """The class of a case, which may be of a standard that the city has left.

        Raises :class:`hotline.registry.taxonomy.UnknownStandard`.
        """
        return self.of(standard).get(key)

    def revisions_of(self, key: str) -> Sequence[Revision]:
        """The city's changes of one class of its standard, oldest first."""
        return [r for r in self._revisions if (r.standard, r.entry.key) == (self.standard, key)]

    def entry(self, key: str) -> CityClass:
        """How the city has a class of its standard. Raises :class:`NoSuchClass`."""
        category = self._current.get(key)
        if category is None:
            raise NoSuchClass(key)
        own = self.revisions_of(key)
        return own[-1].entry if own else entry_of(category)

    async def usage(self, standard: str) -> Mapping[str, int]:
        """How many cases each class of a standard was given to; those without any are left
        out."""
        query = (
            select(CaseRow.category_code, func.count())
            .where(CaseRow.standard == standard)
            .group_by(CaseRow.category_code)
        )
        async with self._journal.database.session() as session:
            return {str(key): count for key, count in (await session.execute(query)).all()}

    # --- changed ---------------------------------------------------------------------------

    async def add(self, wanted: NewClass, *, why: str, by: str) -> Revision:
        """Add a class of the city's own. Raises :class:`TaxonomyFault`."""
        async with self._journal.transaction() as tx:
            entry = added(storable_class(wanted), self._current)
            row = await self._write(tx, city.ADD, entry, None, why=why, by=by)
        return self._written(row)

    async def change(
        self, key: str, name: str, synonyms: Sequence[str], *, why: str, by: str, based_on: int
    ) -> Revision:
        """Give a class other everyday words, and one of the city's own another name.

        ``based_on`` is the revision that was looked at. Raises :class:`TaxonomyFault`,
        :class:`ClassChanged`, :class:`NoSuchClass`.
        """
        before = self._entry(key, based_on)
        words = tuple(storable(word) for word in synonyms)
        entry = replace(before, synonyms=words, name=storable(name).strip())
        if not entry.own:
            entry = replace(entry, name=before.name)
        check_change(entry, self._current)
        return await self._change(city.CHANGE, entry, before, why, by)

    async def retire(self, key: str, since: date, *, why: str, by: str, based_on: int) -> Revision:
        """Let nobody choose a class from ``since`` on, today or later.

        Raises as :meth:`change`.
        """
        before = self._entry(key, based_on)
        if since < self.today:
            raise TaxonomyFault({"since": "class_retired_past"})
        return await self._change(city.RETIRE, replace(before, retired_from=since), before, why, by)

    async def restore(self, key: str, *, why: str, by: str, based_on: int) -> Revision:
        """Let a retired class be chosen again. Raises as :meth:`change`."""
        before = self._entry(key, based_on)
        entry = replace(before, retired_from=None)
        check_change(entry, self._current)
        return await self._change(city.RESTORE, entry, before, why, by)

    # --- inside ----------------------------------------------------------------------------

    def _entry(self, key: str, based_on: int) -> CityClass:
        own = self.revisions_of(key)
        if own and own[-1].number > based_on:
            raise ClassChanged(key)
        return self.entry(key)

    async def _change(
        self, action: str, entry: CityClass, before: CityClass, why: str, by: str
    ) -> Revision:
        async with self._journal.transaction() as tx:
            row = await self._write(tx, action, entry, before, why=why, by=by)
        return self._written(row)

    async def _write(
        self,
        tx: Transaction,
        action: str,
        entry: CityClass,
        before: CityClass | None,
        *,
        why: str,
        by: str,
    ) -> TaxonomyRevisionRow:
        reason = storable(why).strip()
        if not reason or len(reason) > LONGEST_WHY:
            raise TaxonomyFault({"why": "too_long" if reason else "required"})
        last = await tx.session.scalar(select(func.max(TaxonomyRevisionRow.revision))) or 0
        row = TaxonomyRevisionRow(
            revision=last + 1,
            standard=self.standard,
            action=action,
            key=entry.key,
            entry=entry.data(),
            before=before.data() if before else {},
            why=reason,
            made_by=by,
            made_at=tx.now,
        )
        tx.session.add(row)
        tx.add(
            events.TaxonomyRevised(
                row.revision, row.standard, action, entry.key, reason, by, row.entry, row.before
            )
        )
        return row

    def _written(self, row: TaxonomyRevisionRow) -> Revision:
        revision = _revision(row)
        self._take((*self._revisions, revision))
        return revision

    def _take(self, revisions: tuple[Revision, ...]) -> None:
        self._revisions = revisions
        self._others = {}
        self._current = city_taxonomy(self.standard, revisions)


async def read_revisions(database: Database) -> tuple[Revision, ...]:
    """Every change that is saved, oldest first.

    Raises :class:`hotline.storage.database.DatabaseUnavailable`.
    """
    query = select(TaxonomyRevisionRow).order_by(TaxonomyRevisionRow.revision)
    async with database.session() as session:
        rows = (await session.scalars(query)).all()
    return tuple(_revision(row) for row in rows)


def storable_class(wanted: NewClass) -> NewClass:
    """The class with nothing in it that a database refuses."""
    words = tuple(storable(word) for word in wanted.synonyms)
    return replace(wanted, name=storable(wanted.name), synonyms=words)


def _revision(row: TaxonomyRevisionRow) -> Revision:
    return Revision(
        row.revision,
        row.standard,
        row.action,
        CityClass.of(row.entry),
        CityClass.of(row.before) if row.before else None,
        row.why,
        row.made_by,
        row.made_at,
    )
