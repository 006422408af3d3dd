"""What places, units and classes are called: the only words that leave the registry by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.registry import taxonomy
from hotline.storage.tables_places import PlaceRow, UnitRow

PLACES = ("district", "street", "community")


@dataclass(frozen=True, slots=True)
class NameBook:
    """Names by dimension and key. What is in no list has none."""

    listed: Mapping[str, Mapping[str, str]]
    classes: Mapping[str, str]

    def of(self, dimension: str, key: str) -> str:
        """The listed name, empty when there is none."""
        if dimension == "class":
            return self.classes.get(key, "")
        return self.listed.get(dimension, {}).get(key, "")


async def read_names(session: AsyncSession, city: taxonomy.Taxonomy) -> NameBook:
    """The names as they are now; ``city`` holds the city's own classes too."""
    places = select(PlaceRow.kind, PlaceRow.place_id, PlaceRow.name).where(
        PlaceRow.kind.in_(PLACES)
    )
    listed: dict[str, dict[str, str]] = {kind: {} for kind in PLACES}
    for kind, place_id, name in (await session.execute(places)).all():
        listed[kind][place_id] = name
    units = await session.execute(select(UnitRow.unit_id, UnitRow.name))
    listed["unit"] = {row[0]: row[1] for row in units.all()}
    return NameBook(listed, _classes(city))


def _classes(city: taxonomy.Taxonomy) -> dict[str, str]:
    known = [taxonomy.load(standard.id) for standard in taxonomy.standards()]
    return {
        f"{tree.standard}:{category.key}": category.name
        for tree in (*known, city)
        for category in tree
    }
