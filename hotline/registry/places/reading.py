"""Files of places: GeoJSON or CSV, read row by row. Pure; nothing is kept here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from hotline.registry.places.datum import Crs
from hotline.registry.places.faults import clean, rows_of
from hotline.registry.places.geometry import BadGeometry, from_cells, from_mapping, judged
from hotline.registry.places.model import (
    PARENTS,
    UNIT_GRID_DIGITS,
    BadFile,
    Kind,
    Place,
    RowFault,
)

COLUMNS = ("id", "name", "aliases", "district", "street", "community", "duty_grid",
           "first_number", "last_number", "odd_side")  # fmt: skip
"""What a row may have beside its geometry; only ``id`` is needed, and ``name`` but for grids."""
_GRIDS = frozenset({Kind.UNIT_GRID, Kind.DUTY_GRID})
_LONGEST_ID = 24
_LONGEST_NAME = 100

Known = Mapping[Kind, Mapping[str, Place]]
"""The places that are there, by kind and id."""


def read_places(text: str, kind: Kind, crs: Crs, known: Known) -> list[Place]:
    """The places of a file, GeoJSON when it begins with a brace, else CSV.

    ``known`` are those that a row's parents must be among; from them a row also gets the parents
    of its parent. Raises :class:`BadFile` with the faults of every row.
    """
    places: dict[str, Place] = {}
    faults: list[RowFault] = []
    row = 0
    for row, cells, geometry in _rows(text.lstrip("\ufeff")):
        wrong = _faults(row, kind, cells, known)
        if cells["id"] in places:
            wrong.append(RowFault(row, "id", "duplicate", cells["id"]))
        try:
            if geometry is None:
                raise BadGeometry("bad_geometry")
            outline = judged(geometry(), kind, crs)
        except BadGeometry as error:
            wrong.append(RowFault(row, "geometry", error.fault, cells["id"]))
        else:
            if not wrong:
                places[cells["id"]] = _place(kind, cells, shapely.to_geojson(outline), known)
        faults += wrong
    if not row:
        faults.append(RowFault(1, "", "empty"))
    if faults:
        raise BadFile(faults)
    return list(places.values())


class _Lazy:
    """A row's geometry, read when it is asked for: what is wrong is then that row's fault."""

    def __init__(self, source: Any, *, mapping: bool) -> None:
        self._source = source
        self._mapping = mapping

    def __call__(self) -> BaseGeometry:
        return from_mapping(self._source) if self._mapping else from_cells(self._source)


_Row = tuple[int, dict[str, str], _Lazy | None]


def _rows(text: str) -> Iterator[_Row]:
    """Each row's number, its cells (all of :data:`COLUMNS`) and its geometry."""
    yield from _features(text) if text.lstrip().startswith("{") else _lines(text)


def _features(text: str) -> Iterator[_Row]:
    try:
        whole = json.loads(text)
    except ValueError as error:
        raise BadFile([RowFault(1, "", "bad_geometry", str(error)[:80])]) from error
    features = whole.get("features")
    if not isinstance(features, list):
        return
    for number, feature in enumerate(features, 1):
        if not isinstance(feature, dict):
            yield number, _cells({}), None
            continue
        properties = feature.get("properties")
        given = properties if isinstance(properties, dict) else {}
        cells = _cells({"id": feature.get("id")} | given)
        outline = feature.get("geometry")
        yield number, cells, _Lazy(outline if isinstance(outline, dict) else None, mapping=True)


def _lines(text: str) -> Iterator[_Row]:
    # The head is row 1, as a spreadsheet counts.
    for number, row in enumerate(rows_of(text), 2):
        named = {str(name).strip().lower(): clean(value) for name, value in row.items() if name}
        yield number, _cells(named), _Lazy(named, mapping=False)


def _cells(given: Mapping[str, Any]) -> dict[str, str]:
    return {name: clean(given.get(name)) for name in COLUMNS}


def _faults(row: int, kind: Kind, cells: Mapping[str, str], known: Known) -> list[RowFault]:
    found = list(_wrong_id(row, kind, cells["id"]))
    if not cells["name"] and kind not in _GRIDS:
        found.append(RowFault(row, "name", "required"))
    if len(cells["name"]) > _LONGEST_NAME:
        found.append(RowFault(row, "name", "too_long", cells["name"][:40]))
    found += [
        RowFault(row, parent.value, "unknown_parent", cells[parent.value])
        for parent in PARENTS
        if cells[parent.value] and cells[parent.value] not in known.get(parent, {})
    ]
    return found + list(_wrong_numbers(row, cells))


def _wrong_id(row: int, kind: Kind, place_id: str) -> Iterator[RowFault]:
    if not place_id:
        yield RowFault(row, "id", "required")
    elif kind is Kind.UNIT_GRID and not (place_id.isascii() and place_id.isdecimal()):
        yield RowFault(row, "id", "not_digits", place_id[:40])
    elif kind is Kind.UNIT_GRID and len(place_id) != UNIT_GRID_DIGITS:
        yield RowFault(row, "id", "wrong_length", place_id[:40])
    elif len(place_id) > _LONGEST_ID:
        yield RowFault(row, "id", "too_long", place_id[:40])


def _wrong_numbers(row: int, cells: Mapping[str, str]) -> Iterator[RowFault]:
    first, last = cells["first_number"], cells["last_number"]
    both = first.isdecimal() and last.isdecimal() and int(first) <= int(last) < 100_000
    if (first or last) and not both:
        yield RowFault(row, "first_number", "number_range", f"{first}–{last}"[:40])
    if cells["odd_side"] not in {"", "left", "right"}:
        yield RowFault(row, "odd_side", "odd_side", cells["odd_side"][:40])


def _place(kind: Kind, cells: Mapping[str, str], geometry: str, known: Known) -> Place:
    parents = {parent.value: cells[parent.value] for parent in PARENTS}
    # From the lowest up, so that a community brings its street, and that its district.
    for parent in reversed(PARENTS):
        above = known.get(parent, {}).get(parents[parent.value])
        if above is not None:
            parents = {name: value or getattr(above, name) for name, value in parents.items()}
    return Place(
        kind=kind,
        place_id=cells["id"],
        name=cells["name"] or cells["id"],
        aliases=tuple(filter(None, (one.strip() for one in cells["aliases"].split("|")))),
        **parents,
        geometry=geometry,
        first_number=int(cells["first_number"]) if cells["first_number"] else None,
        last_number=int(cells["last_number"]) if cells["last_number"] else None,
        odd_side=cells["odd_side"],
    )


def written(places: Sequence[Place]) -> str:
    """The places as GeoJSON that :func:`read_places` reads."""
    features = [
        {
            "type": "Feature",
            "id": place.place_id,
            "properties": _properties(place),
            "geometry": json.loads(place.geometry) if place.geometry else None,
        }
        for place in places
    ]
    collection = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")) + "\n"


def _properties(place: Place) -> dict[str, Any]:
    values = {
        "name": place.name,
        "aliases": "|".join(place.aliases),
        **{parent.value: getattr(place, parent.value) for parent in PARENTS},
        "first_number": place.first_number,
        "last_number": place.last_number,
        "odd_side": place.odd_side,
    }
    return {name: value for name, value in values.items() if value not in {"", None}}


def outline_columns(place: Place) -> dict[str, float]:
    """A place's bounds by their columns; empty for a place without a geometry."""
    if not place.geometry:
        return {}
    bounds = shapely.from_geojson(place.geometry).bounds
    return dict(zip(("west", "south", "east", "north"), bounds, strict=True))
