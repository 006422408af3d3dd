"""The city's places: kept in memory as one atlas, saved in the database, imported as a whole."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import structlog
from sqlalchemy import func, insert, select, update

from hotline.clock import Clock
from hotline.registry.model import SYSTEM, Actor
from hotline.registry.places.address import Gazetteer
from hotline.registry.places.atlas import Atlas
from hotline.registry.places.datum import Crs
from hotline.registry.places.drawing import MapFile, draw
from hotline.registry.places.finding import Finding, find, suggest
from hotline.registry.places.model import Kind, Place, Whereabouts
from hotline.registry.places.reading import outline_columns, read_places, written
from hotline.registry.places.sample import SampleCity, sample_city
from hotline.registry.places.sample_words import CITY
from hotline.registry.places.units import UnitBook, note_import
from hotline.storage.database import Database
from hotline.storage.journal import Journal, Transaction
from hotline.storage.tables_places import PlaceRow, PlacesImportRow

log = structlog.get_logger(__name__)

LOOK_AGAIN_S = 10.0
"""How soon an import by another program is seen here."""
_COLUMNS = tuple(column.name for column in fields(Place))


class PlacesChanged(Exception):
    """Somebody else imported places at the same time; nothing was taken in. Try again."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What an import did."""

    added: int = 0
    changed: int = 0
    retired: int = 0


@dataclass(frozen=True, slots=True)
class Import:
    """One import, as it is shown; see :class:`hotline.storage.tables_places.PlacesImportRow`."""

    revision: int
    kind: str
    source: str
    crs: str
    added: int
    changed: int
    retired: int
    by: str
    at: float


class PlaceDesk:
    """Answers from memory; ``open`` it before use.

    Whatever reaches the database raises
    :class:`hotline.storage.database.DatabaseUnavailable` when there is none.
    """

    def __init__(
        self, journal: Journal, clock: Clock, units: UnitBook, *, sample: bool = False
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._units = units
        self._sample = sample
        self._atlas = Atlas()
        self._gazetteer = Gazetteer(self._atlas)
        # By the revision that they are of.
        self._maps: dict[tuple[int, Kind], MapFile] = {}

    async def open(self) -> None:
        """Take in what is saved."""
        revision = await self._revision()
        saved = await _saved(self._journal.database)
        # Thousands of outlines are read: not while calls wait.
        self._atlas, self._gazetteer = await asyncio.to_thread(_drawn, saved, revision)

    async def run(self) -> None:
        """Keep up with imports of other programs for ever. In the demo, load the sample city
        when there is nothing yet."""
        if self._sample and self._atlas.empty and not self._units.all(active_only=False):
            city = await asyncio.to_thread(sample_city)
            await self.load_sample(city, SYSTEM)
            log.info("places.sample_loaded", places=len(city.places), units=len(city.units))
        while True:
            await self._clock.sleep(LOOK_AGAIN_S)
            await self.refresh()

    async def refresh(self) -> None:
        """Take in what others have imported meanwhile."""
        if await self._revision() != self._atlas.revision:
            await self._units.open()
            await self.open()

    # --- asked ----------------------------------------------------------------------------

    @property
    def atlas(self) -> Atlas:
        """The places in force."""
        return self._atlas

    def whereabouts(self, longitude: float, latitude: float) -> Whereabouts:
        """What a point of WGS 84 lies in."""
        return self._atlas.whereabouts(longitude, latitude)

    def find(self, address: str) -> Finding:
        """Where an address is, with evidence."""
        return find(address, self._atlas, self._gazetteer)

    def suggest(self, text: str) -> Finding:
        """As :meth:`find` while it is being typed."""
        return suggest(text, self._atlas, self._gazetteer)

    async def map_file(self, kind: Kind) -> MapFile:
        """The places of a kind for a map."""
        key = self._atlas.revision, kind
        if key not in self._maps:
            # Two who ask at once may draw it twice; that is all.
            drawn = await asyncio.to_thread(draw, self._atlas, kind)
            self._maps = {one: file for one, file in self._maps.items() if one[0] == key[0]} | {
                key: drawn
            }
        return self._maps[key]

    def export(self, kind: Kind) -> str:
        """The places of a kind as GeoJSON, as :meth:`import_places` reads it."""
        return written(list(self._atlas.of(kind).values()))

    async def imports(self, limit: int = 50) -> list[Import]:
        """What was imported, the newest first."""
        query = select(PlacesImportRow).order_by(PlacesImportRow.revision.desc()).limit(limit)
        async with self._journal.database.session() as session:
            names = [column.name for column in fields(Import)]
            return [
                Import(**{name: getattr(row, name) for name in names})
                for row in await session.scalars(query)
            ]

    # --- changed --------------------------------------------------------------------------

    async def import_places(
        self,
        text: str,
        kind: Kind,
        by: Actor,
        *,
        source: str,
        crs: Crs = Crs.WGS84,
        replace: bool = False,
    ) -> Counts:
        """Add and change places of a kind by a GeoJSON or CSV file; with ``replace``, retire
        those of the kind that the file does not hold.

        Nothing is taken in when one row is wrong: raises
        :class:`hotline.registry.places.model.BadFile`. Raises :class:`PlacesChanged`.
        """
        await self.refresh()
        atlas = self._atlas
        known = {one: atlas.of(one) for one in Kind}
        places = await asyncio.to_thread(read_places, text, kind, crs, known)

        async def keep(tx: Transaction) -> Counts:
            return await _keep(tx, places, (kind,) if replace else (), source)

        return await self._change(keep, kind.value, source, by, crs=crs.value)

    async def load_sample(self, city: SampleCity, by: Actor) -> Counts:
        """Take in the sample city, its units too. Raises :class:`PlacesChanged`."""
        await self.refresh()
        source = f"sample: {CITY}"

        async def keep(tx: Transaction) -> Counts:
            await self._units.add_in(tx, city.units, by)
            return await _keep(tx, city.places, (), source)

        return await self._change(keep, "sample", source, by)

    async def _change(
        self,
        keep: Callable[[Transaction], Any],
        kind: str,
        source: str,
        by: Actor,
        *,
        crs: str = Crs.WGS84.value,
    ) -> Counts:
        async with self._journal.transaction() as tx:
            newest = await tx.session.scalar(select(func.max(PlacesImportRow.revision)))
            if (newest or 0) != self._atlas.revision:
                raise PlacesChanged
            counts: Counts = await keep(tx)
            done = counts.added, counts.changed, counts.retired
            await note_import(tx, kind, source, done, by, crs=crs)
        await self.refresh()
        return counts

    async def _revision(self) -> int:
        async with self._journal.database.session() as session:
            return await session.scalar(select(func.max(PlacesImportRow.revision))) or 0


def _drawn(saved: Iterable[Mapping[Any, Any]], revision: int) -> tuple[Atlas, Gazetteer]:
    atlas = Atlas(map(_place, saved), revision)
    return atlas, Gazetteer(atlas)


async def _saved(database: Database) -> Sequence[Mapping[Any, Any]]:
    # Not whole objects: there are thousands, and calls have the loop first.
    columns = [getattr(PlaceRow, name) for name in _COLUMNS]
    query = select(*columns).where(PlaceRow.retired.is_(False))
    async with database.session() as session:
        return (await session.execute(query)).mappings().all()


def _place(row: Mapping[Any, Any]) -> Place:
    values = {name: row[name] for name in _COLUMNS}
    aliases = tuple(filter(None, values["aliases"].split("|")))
    return Place(**values | {"kind": Kind(values["kind"]), "aliases": aliases})


async def _keep(
    tx: Transaction, places: Sequence[Place], whole: Sequence[Kind], source: str
) -> Counts:
    """Save places, and retire all others of the kinds that come as a ``whole``."""
    newest = await tx.session.scalar(select(func.max(PlacesImportRow.revision)))
    stamp = {"revision": (newest or 0) + 1, "source": source, "retired": False}
    columns = [*(getattr(PlaceRow, name) for name in _COLUMNS), PlaceRow.retired]
    kinds = {place.kind.value for place in places} | {kind.value for kind in whole}
    query = select(*columns).where(PlaceRow.kind.in_(kinds))
    found = (await tx.session.execute(query)).mappings().all()
    # Thousands of outlines are measured: not while calls wait.
    new, other, gone = await asyncio.to_thread(_compared, found, places, whole, stamp)
    if new:
        await tx.session.execute(insert(PlaceRow), new)
    for changed in (other, gone):
        if changed:
            await tx.session.execute(update(PlaceRow), changed)
    return Counts(len(new), len(other), len(gone))


_Rows = list[dict[str, Any]]


def _compared(
    found: Sequence[Mapping[Any, Any]],
    places: Sequence[Place],
    whole: Sequence[Kind],
    stamp: dict[str, Any],
) -> tuple[_Rows, _Rows, _Rows]:
    """What is to be added, changed and retired so that the rows say what the places say."""
    before = {(row["kind"], row["place_id"]): (_place(row), row["retired"]) for row in found}
    given = {(place.kind.value, place.place_id): place for place in places}
    new = [_values(place) | stamp for key, place in given.items() if key not in before]
    other = [
        _values(place) | stamp
        for key, place in given.items()
        if key in before and before[key] != (place, False)
    ]
    gone = [
        {"kind": kind, "place_id": place_id, "retired": True, "revision": stamp["revision"]}
        for (kind, place_id), (_, retired) in before.items()
        if kind in whole and (kind, place_id) not in given and not retired
    ]
    return new, other, gone


def _values(place: Place) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(place, name) for name in _COLUMNS}
    bounds = outline_columns(place) or dict.fromkeys(("west", "south", "east", "north"))
    return values | {"kind": place.kind.value, "aliases": "|".join(place.aliases)} | bounds
