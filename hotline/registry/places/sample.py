"""A city that does not exist: the same one from the same seed, for the demo, tests and benches.

霁川市 lies on both sides of a river. It is drawn on a plane of metres from a warped lattice whose
cells are the unit grids, so that neighbours share their borders, and put onto the globe at the
end. Every name is made up from the syllables in :mod:`hotline.registry.places.sample_words`.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import cos, pi, sin

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from hotline.registry.places import sample_words as words
from hotline.registry.places.model import Kind, Place
from hotline.registry.places.sample_shapes import joined, on_the_globe, without_slivers
from hotline.registry.places.units import Unit

CELL_M = 100.0
_HALF = 62
"""Lattice cells from the middle to each edge of the square that holds the city."""
_RADIUS_M = 5_300.0
_STREETS = (6, 6, 6, 6, 6, 7)
_COMMUNITIES = 6
_DUTY_GRIDS = 2
_ROUNDS = 8

_Cells = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SampleCity:
    """Its places, larger ones first, and its units."""

    places: tuple[Place, ...]
    units: tuple[Unit, ...]


def sample_city(seed: int = 1) -> SampleCity:
    """The city of a seed: 6 districts, 37 streets, 222 communities, 74 duty grids, more than
    8,000 unit grids, roads with house numbers, landmarks, and 38 units."""
    draft = _Draft(random.Random(seed))  # noqa: S311 - a drawing, no secret
    draft.draw_ground()
    draft.divide()
    places = [*draft.areas(), *draft.roads(), *draft.landmarks()]
    districts = [place for place in places if place.kind is Kind.DISTRICT]
    return SampleCity(tuple(places), tuple(_units(districts)))


@dataclass
class _Draft:
    """The city while it is drawn, in metres from its middle."""

    dice: random.Random
    lattice: NDArray[np.float64] = field(init=False)
    outline: BaseGeometry = field(init=False)
    course: NDArray[np.float64] = field(init=False)
    river: BaseGeometry = field(init=False)
    cells: list[BaseGeometry] = field(init=False)
    # Of each cell its district, street (in the district), community (in the street).
    places_of: list[tuple[int, int, int]] = field(init=False)
    centres: NDArray[np.float64] = field(init=False)
    ids: list[str] = field(init=False)
    names: dict[str, str] = field(default_factory=dict)

    # --- the ground -----------------------------------------------------------------------

    def draw_ground(self) -> None:
        """The lattice, the city's outline, the river, and the cells that are left."""
        phases = [self.dice.uniform(0, 2 * pi) for _ in range(8)]
        side = np.arange(-_HALF, _HALF + 1) * CELL_M
        x, y = np.meshgrid(side, side, indexing="ij")
        warped_x = x + 220 * np.sin(y / 1900 + phases[0]) + 60 * np.sin(x / 900 + phases[1])
        warped_y = y + 260 * np.sin(x / 2300 + phases[2]) + 60 * np.sin(y / 800 + phases[3])
        turned = 0.2
        self.lattice = np.stack(
            (
                warped_x * cos(turned) - warped_y * sin(turned),
                warped_x * sin(turned) + warped_y * cos(turned),
            ),
            axis=-1,
        )
        angles = np.linspace(0, 2 * pi, 240, endpoint=False)
        radius = _RADIUS_M * (
            1
            + 0.10 * np.sin(2 * angles + phases[4])
            + 0.06 * np.sin(3 * angles + phases[5])
            + 0.03 * np.sin(7 * angles + phases[6])
        )
        self.outline = Polygon(np.stack((radius * np.cos(angles), radius * np.sin(angles)), 1))
        along = np.linspace(-2 * _RADIUS_M, 2 * _RADIUS_M, 200)
        bends = 700 * np.sin(along / 1500 + phases[7]) + 250 * np.sin(along / 600)
        self.course = np.stack((along, bends + 0.18 * along), 1)
        self.river = LineString(self.course).buffer(110, cap_style="flat")
        self._cut_cells()

    def _cut_cells(self) -> None:
        corners = np.stack(
            (
                self.lattice[:-1, :-1],
                self.lattice[1:, :-1],
                self.lattice[1:, 1:],
                self.lattice[:-1, 1:],
                self.lattice[:-1, :-1],
            ),
            axis=2,
        ).reshape(-1, 5, 2)
        squares = np.asarray(shapely.polygons(corners))
        land = self.outline.difference(self.river)
        shapely.prepare(land)
        whole = shapely.contains_properly(land, squares)
        cut = shapely.intersects(land, squares) & ~whole
        pieces = [
            part
            for piece in shapely.intersection(squares[cut], land)
            for part in shapely.get_parts(piece)
            if part.geom_type == "Polygon"
        ]
        self.cells = without_slivers(list(squares[whole]), pieces)
        centres = shapely.centroid(np.array(self.cells))
        self.centres = np.stack((shapely.get_x(centres), shapely.get_y(centres)), 1)

    # --- its division ---------------------------------------------------------------------

    def divide(self) -> None:
        """Districts on each side of the river, their streets, and the streets' communities."""
        x, y = self.centres.T
        north = y > np.interp(x, *self.course.T)
        parts = [*self._split(np.flatnonzero(north), 3), *self._split(np.flatnonzero(~north), 3)]
        placed: dict[int, tuple[int, int, int]] = {}
        for district, (cells, count) in enumerate(zip(parts, _STREETS, strict=True)):
            for street, in_street in enumerate(self._split(cells, count)):
                for community, in_it in enumerate(self._split(in_street, _COMMUNITIES)):
                    placed |= {int(cell): (district, street, community) for cell in in_it}
        self.places_of = [placed[cell] for cell in range(len(self.cells))]
        self._number()

    def _split(self, cells: _Cells, count: int) -> list[_Cells]:
        """The cells in compact parts of about one size (Lloyd's iteration)."""
        points = self.centres[cells]
        seeds = points[self.dice.sample(range(len(points)), count)]
        for _ in range(_ROUNDS):
            apart = ((points[:, None, :] - seeds[None, :, :]) ** 2).sum(axis=2)
            nearest = apart.argmin(axis=1)
            seeds = np.array(
                [points[nearest == one].mean(axis=0) if (nearest == one).any() else seeds[one]
                 for one in range(count)]
            )  # fmt: skip
        # From the north-west on, so that ids go the way people read.
        order = np.argsort([x - 2 * y for x, y in seeds])
        return [cells[nearest == one] for one in order]

    def _number(self) -> None:
        counts: dict[tuple[int, int, int], int] = {}
        order = sorted(
            range(len(self.cells)),
            key=lambda cell: (self.places_of[cell], -self.centres[cell][1], self.centres[cell][0]),
        )
        self.ids = [""] * len(self.cells)
        for cell in order:
            place = self.places_of[cell]
            counts[place] = counts.get(place, 0) + 1
            self.ids[cell] = f"{_community_id(*place)}{counts[place]:03d}"

    # --- places ---------------------------------------------------------------------------

    def areas(self) -> list[Place]:
        """Districts, streets, communities, duty grids and unit grids, in this order."""
        members: dict[tuple[Kind, str], list[BaseGeometry]] = {}
        for cell, place in zip(self.cells, self.places_of, strict=True):
            members.setdefault((Kind.COMMUNITY, _community_id(*place)), []).append(cell)
        outlines = {key: joined(cells) for key, cells in members.items()}
        for place in sorted(set(self.places_of)):
            above = _above(place)
            for kind in (Kind.STREET, Kind.DUTY_GRID, Kind.DISTRICT):
                part = outlines[Kind.COMMUNITY, above[Kind.COMMUNITY]]
                members.setdefault((kind, above[kind]), []).append(part)
        outlines |= {key: joined(parts) for key, parts in members.items() if key not in outlines}
        self._name_areas(outlines)
        made = [
            self._area(kind, place_id, outlines[kind, place_id])
            for kind, place_id in sorted(outlines, key=lambda one: (_ORDER[one[0]], one[1]))
        ]
        grids = [
            _place(Kind.UNIT_GRID, grid, grid, cell, _parents(_above(place)))
            for grid, cell, place in sorted(
                zip(self.ids, self.cells, self.places_of, strict=True), key=lambda one: one[0]
            )
        ]
        return [*made, *grids]

    def _area(self, kind: Kind, place_id: str, outline: BaseGeometry) -> Place:
        above = {
            Kind.DISTRICT: {},
            Kind.STREET: {"district": place_id[:6]},
            Kind.COMMUNITY: {"district": place_id[:6], "street": place_id[:9]},
            Kind.DUTY_GRID: {"district": place_id[:6], "street": place_id[:9]},
        }[kind]
        return _place(kind, place_id, self.names[place_id], outline, above)

    def _name_areas(self, members: Iterable[tuple[Kind, str]]) -> None:
        streets = words.pairs(self.dice, words.STREET_FIRST, words.STREET_LAST)
        communities = words.pairs(self.dice, words.COMMUNITY_FIRST, words.COMMUNITY_LAST)
        for kind, place_id in sorted(members, key=lambda one: (_ORDER[one[0]], one[1])):
            if kind is Kind.DISTRICT:
                name = words.DISTRICTS[int(place_id[4:6]) - 1]
            elif kind is Kind.STREET:
                name = f"{next(streets)}街道"
            elif kind is Kind.COMMUNITY:
                name = f"{next(communities)}社区"
            else:
                name = f"{self.names[place_id[:9]].removesuffix('街道')}责任网格{place_id[-1]}"
            self.names[place_id] = name

    def roads(self) -> list[Place]:
        """Roads along every fourth line of the lattice, their house numbers ten metres apart."""
        names = words.pairs(self.dice, words.ROAD_FIRST, words.ROAD_LAST)
        lines = [self.lattice[:, at] for at in range(2, 2 * _HALF, 4)]
        lines += [self.lattice[at] for at in range(3, 2 * _HALF, 4)]
        land = self.outline.difference(self.river)
        made: list[Place] = []
        for number, points in enumerate(lines):
            width = "大道" if number % 6 == 3 else "街" if number % 3 == 1 else "路"
            name, first, piece = "", 1, 0
            for part in shapely.get_parts(shapely.intersection(LineString(points), land)):
                if part.geom_type != "LineString" or part.length < 3 * CELL_M:
                    continue
                # One name on both banks is a bridge: every third road has one.
                if not name or number % 3:
                    name, first, piece = f"{next(names)}{width}", 1, 0
                last = first + int(part.length / 10)
                piece += 1
                made.append(self._road(f"R{len(made) + 1:03d}", name, part, (first, last)))
                first = last + 1
        return made

    def _road(
        self, place_id: str, name: str, line: BaseGeometry, numbers: tuple[int, int]
    ) -> Place:
        return Place(
            Kind.ROAD,
            place_id,
            name,
            geometry=on_the_globe(line),
            first_number=numbers[0],
            last_number=numbers[1],
            odd_side="left",
        )

    def landmarks(self) -> list[Place]:
        """A few known spots in each street."""
        by_street: dict[str, list[int]] = {}
        for cell, place in enumerate(self.places_of):
            by_street.setdefault(_street_id(*place[:2]), []).append(cell)
        made: list[Place] = []
        for street_id, cells in sorted(by_street.items()):
            stem = self.names[street_id].removesuffix("街道")
            for kind, cell in zip(words.LANDMARKS, self.dice.sample(cells, len(words.LANDMARKS)),
                                  strict=True):  # fmt: skip
                point = self.cells[cell].representative_point()
                place_id, above = f"L{len(made) + 1:03d}", _parents(_above(self.places_of[cell]))
                made.append(_place(Kind.LANDMARK, place_id, f"{stem}{kind}", point, above))
        return made


_ORDER = {Kind.DISTRICT: 0, Kind.STREET: 1, Kind.COMMUNITY: 2, Kind.DUTY_GRID: 3}


def _district_id(district: int) -> str:
    # No division of the country has a code above 82.
    return f"9901{district + 1:02d}"


def _street_id(district: int, street: int) -> str:
    return f"{_district_id(district)}{street + 1:03d}"


def _community_id(district: int, street: int, community: int) -> str:
    return f"{_street_id(district, street)}{community + 1:03d}"


def _above(place: tuple[int, int, int]) -> dict[Kind, str]:
    duty = place[2] * _DUTY_GRIDS // _COMMUNITIES + 1
    return {
        Kind.DISTRICT: _district_id(place[0]),
        Kind.STREET: _street_id(*place[:2]),
        Kind.COMMUNITY: _community_id(*place),
        Kind.DUTY_GRID: f"{_street_id(*place[:2])}D{duty}",
    }


def _parents(above: dict[Kind, str]) -> dict[str, str]:
    return {kind.value: place_id for kind, place_id in above.items()}


def _place(
    kind: Kind, place_id: str, name: str, outline: BaseGeometry, above: dict[str, str]
) -> Place:
    return Place(
        kind,
        place_id,
        name,
        duty_grid=above.get("duty_grid", ""),
        community=above.get("community", ""),
        street=above.get("street", ""),
        district=above.get("district", ""),
        geometry=on_the_globe(outline),
    )


def _units(districts: Sequence[Place]) -> Iterable[Unit]:
    for number, (name, professional) in enumerate(words.DEPARTMENTS, 1):
        yield Unit(f"B{number:02d}", name, "department", "", "", professional=professional)
    for number, (name, parent) in enumerate(words.COMPANIES, 1):
        yield Unit(f"C{number:02d}", name, "company", parent, "", professional=True)
    for number, district in enumerate(districts, 1):
        name = f"{district.name}城市运行管理中心"
        yield Unit(f"D{number:02d}", name, "district", "B01", "", (district.place_id,))
    for number, name in enumerate(words.BRIGADES, len(districts) + 1):
        yield Unit(f"D{number:02d}", name, "district", "B01")
