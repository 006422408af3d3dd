"""The city's areas in memory: which of them a point lies in.

Pure and frozen: another revision of the places is another atlas. What lies on a border belongs
to the area with the smallest id, so that a point is always in the same one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import shapely
from shapely.geometry.base import BaseGeometry

from hotline.registry.places.model import AREAS, Kind, Place, Whereabouts

_FIELD = {
    Kind.UNIT_GRID: "grid",
    Kind.DUTY_GRID: "duty_grid",
    Kind.COMMUNITY: "community",
    Kind.STREET: "street",
    Kind.DISTRICT: "district",
}
_FROM_SMALL_TO_LARGE = tuple(_FIELD)


class _Layer:
    """The areas of one kind."""

    def __init__(self, places: Iterable[Place]) -> None:
        drawn = sorted((place for place in places if place.geometry), key=lambda one: one.place_id)
        self.places = tuple(drawn)
        # In the order of the ids: the smallest index is the smallest id.
        self._outlines = shapely.from_geojson([place.geometry for place in drawn])
        self._tree = shapely.STRtree(self._outlines)

    def at(self, point: BaseGeometry) -> Place | None:
        """The area that the point lies in or on the border of."""
        found = self._tree.query(point, predicate="intersects")
        return self.places[found.min()] if len(found) else None

    def within(self, frame: BaseGeometry) -> list[tuple[Place, BaseGeometry]]:
        """What is at least partly inside, with its outline."""
        found = self._tree.query(frame, predicate="intersects")
        return [(self.places[index], self._outlines[index]) for index in sorted(found)]


class Atlas:
    """All places of one revision."""

    def __init__(self, places: Iterable[Place] = (), revision: int = 0) -> None:
        self.revision = revision
        held: dict[Kind, dict[str, Place]] = {kind: {} for kind in Kind}
        for place in sorted(places, key=lambda one: one.place_id):
            held[place.kind][place.place_id] = place
        self._held = {kind: MappingProxyType(of_kind) for kind, of_kind in held.items()}
        self._layers = {kind: _Layer(held[kind].values()) for kind in (*AREAS, Kind.ROAD)}

    def of(self, kind: Kind) -> Mapping[str, Place]:
        """The places of a kind by their ids, in the order of the ids."""
        return self._held[kind]

    def get(self, kind: Kind, place_id: str) -> Place | None:
        """A place; None for an id that is unknown (or retired)."""
        return self._held[kind].get(place_id)

    def name(self, kind: Kind, place_id: str) -> str:
        """What a place is called; its id when it is unknown."""
        place = self.get(kind, place_id)
        return place.name if place else place_id

    @property
    def empty(self) -> bool:
        """Whether there is no place at all."""
        return not any(self._held.values())

    def whereabouts(self, longitude: float, latitude: float) -> Whereabouts:
        """What a point lies in. A small area says which larger ones it belongs to; only where it
        does not say so, the larger ones' own outlines are asked."""
        point = shapely.points(longitude, latitude)
        found = dict.fromkeys(_FIELD.values(), "")
        for kind in _FROM_SMALL_TO_LARGE:
            if found[_FIELD[kind]]:
                continue
            place = self._layers[kind].at(point)
            if place is None:
                continue
            found[_FIELD[kind]] = place.place_id
            for above in ("duty_grid", "community", "street", "district"):
                found[above] = found[above] or getattr(place, above)
        return Whereabouts(**found)

    def within(self, kind: Kind, frame: BaseGeometry) -> list[tuple[Place, BaseGeometry]]:
        """The unit grids or other areas, or the roads, that are at least partly inside of a
        frame, with their outlines."""
        return self._layers[kind].within(frame)
