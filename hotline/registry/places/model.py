"""Places and units as the rest of the program sees them: plain, frozen data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a place is. Areas from the largest to the smallest, then roads and landmarks."""

    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    DUTY_GRID = "duty_grid"
    UNIT_GRID = "unit_grid"
    ROAD = "road"
    LANDMARK = "landmark"


AREAS = (Kind.DISTRICT, Kind.STREET, Kind.COMMUNITY, Kind.DUTY_GRID, Kind.UNIT_GRID)
PARENTS = (Kind.DISTRICT, Kind.STREET, Kind.COMMUNITY, Kind.DUTY_GRID)
"""The kinds that other places lie in."""

UNIT_GRID_DIGITS = 15
"""District 6, street 3, community 3, and its own 3 digits."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place; see :class:`hotline.storage.tables_places.PlaceRow`."""

    kind: Kind
    place_id: str
    name: str
    aliases: tuple[str, ...] = ()
    duty_grid: str = ""
    community: str = ""
    street: str = ""
    district: str = ""
    geometry: str = ""
    first_number: int | None = None
    last_number: int | None = None
    odd_side: str = ""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The ids of the places that a point lies in; empty: none that is known."""

    grid: str = ""
    duty_grid: str = ""
    community: str = ""
    street: str = ""
    district: str = ""

    @property
    def outside(self) -> bool:
        """Whether the point is in no place of the city."""
        return not (self.grid or self.duty_grid or self.community or self.street or self.district)


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong with one row of a file. ``row`` counts from 1, as the file's reader sees it;
    ``fault`` is a key of :data:`hotline.registry.places.faults.FAULTS`."""

    row: int
    field: str
    fault: str
    value: str = ""


class BadFile(Exception):
    """A file of which nothing was taken in: every row's faults."""

    def __init__(self, faults: Sequence[RowFault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = tuple(faults)
