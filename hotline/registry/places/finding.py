"""Where an address is: candidates with their evidence, and whether one of them is certain.

Pure. Nothing is guessed silently: a candidate that is not certain fills nothing in by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import shapely
from shapely.geometry.base import BaseGeometry

from hotline.registry.places.address import Gazetteer, Mention, Parsed
from hotline.registry.places.atlas import Atlas
from hotline.registry.places.geometry import beside, metres_between
from hotline.registry.places.model import UNIT_GRID_DIGITS, Kind, Place, Whereabouts
from hotline.registry.places.names import normal

FROM_THE_ROAD_M = 15.0
"""How far from the middle of its road a house is taken to stand."""
_SAME_PLACE_M = 150.0
_MOST_CANDIDATES = 8

# What a candidate is worth by how closely it is described.
_WORTH = {
    "number": 90,
    "crossing": 88,
    "landmark": 85,
    "unit_grid": 60,
    "road": 50,
    "community": 40,
    "street": 30,
    "district": 20,
}
_EXACT = frozenset({"number", "crossing", "landmark", "unit_grid"})
# While a grid's id is typed: from its community's part on.
_SHORTEST_GRID = 12
_GRID_ID = re.compile(rf"(?<!\d)\d{{{UNIT_GRID_DIGITS}}}(?!\d)")
_NUMBERED = re.compile(r"^(?P<road>.*[^\d])(?P<number>\d{1,5})(?:号|hao|h)?$")
_AREA_FIELD = {Kind.DISTRICT: "district", Kind.STREET: "street", Kind.COMMUNITY: "community"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """A word of the address and what it says: of which ``kind`` of place, and ``how`` (exact,
    alias, pinyin, number, typed)."""

    word: str
    kind: str
    how: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somewhere the address may mean.

    ``precision``: number, crossing, landmark, unit_grid, road, community, street or district.
    ``doubts`` are the reasons against its being certain, keys below ``places.doubt.``.
    """

    name: str
    precision: str
    longitude: float
    latitude: float
    whereabouts: Whereabouts
    score: int
    evidence: tuple[Evidence, ...]
    doubts: tuple[str, ...] = ()
    road: str = ""
    landmark: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What an address may mean, the likeliest first; ``certain``: the first is it, without
    doubt."""

    candidates: tuple[Candidate, ...] = ()
    certain: bool = False

    @property
    def place(self) -> Candidate | None:
        """The certain one."""
        return self.candidates[0] if self.certain else None


def find(address: str, atlas: Atlas, gazetteer: Gazetteer) -> Finding:
    """Where an address is."""
    parsed = gazetteer.parse(address)
    found = [_weighed(one, parsed) for one in _candidates(parsed, atlas)]
    return _concluded(found)


def suggest(
    text: str, atlas: Atlas, gazetteer: Gazetteer, limit: int = _MOST_CANDIDATES
) -> Finding:
    """As :func:`find` for an address that is still being typed: names that begin like it come
    after what it says already, and grids whose ids do. A house number may follow a road's pinyin
    or initials."""
    said = find(text, atlas, gazetteer)
    seen = {one.name for one in said.candidates}
    typed = [one for one in _typed_grids(text, atlas, limit) if one.name not in seen]
    names = gazetteer.typed(text, limit)
    numbered = _NUMBERED.match(normal(text))
    if numbered and not (said.candidates or names):
        for _, places in gazetteer.typed(numbered["road"], limit):
            road = f"{places[0].name}{numbered['number']}号"
            if places[0].kind is Kind.ROAD:
                typed += find(road, atlas, gazetteer).candidates
        typed = [replace(one, doubts=(*one.doubts, "typed")) for one in typed]
    for _, places in names:
        for place in places[:2]:
            evidence = (Evidence(text.strip(), place.kind.value, "typed"),)
            one = _of_place(place, atlas, evidence)
            if one is not None and one.name not in seen:
                seen.add(one.name)
                typed.append(replace(one, doubts=(*one.doubts, "typed")))
    return Finding((*said.candidates, *typed)[:limit], said.certain)


def _typed_grids(text: str, atlas: Atlas, limit: int) -> Iterator[Candidate]:
    digits = normal(text)
    if not (digits.isdecimal() and _SHORTEST_GRID <= len(digits) < UNIT_GRID_DIGITS):
        return
    begin = (place for key, place in atlas.of(Kind.UNIT_GRID).items() if key.startswith(digits))
    for place, _ in zip(begin, range(limit), strict=False):
        yield from (replace(one, doubts=("typed",)) for one in _grid(place, atlas))


def _grid(place: Place, atlas: Atlas) -> tuple[Candidate, ...]:
    evidence = Evidence(place.place_id, Kind.UNIT_GRID.value, "exact")
    found = _of_place(replace(place, name=place.place_id), atlas, (evidence,))
    return () if found is None else (found,)


def _concluded(found: Iterable[Candidate]) -> Finding:
    ranked = sorted(found, key=lambda one: (-one.score, one.name, one.longitude, one.latitude))
    if not ranked:
        return Finding()
    best = ranked[0]
    rivals = [
        one
        for one in ranked[1:]
        if one.precision in _EXACT and one.score > best.score - 20 and not _same(best, one)
    ]
    if rivals:
        ranked = [
            replace(one, doubts=(*one.doubts, "several")) if one is best or one in rivals else one
            for one in ranked
        ]
    certain = best.precision in _EXACT and not ranked[0].doubts
    return Finding(tuple(ranked[:_MOST_CANDIDATES]), certain)


def _same(first: Candidate, second: Candidate) -> bool:
    apart = metres_between((first.longitude, first.latitude), (second.longitude, second.latitude))
    return first.whereabouts.grid == second.whereabouts.grid or apart < _SAME_PLACE_M


# --- candidates --------------------------------------------------------------------------


def _candidates(parsed: Parsed, atlas: Atlas) -> Iterator[Candidate]:
    for found in _GRID_ID.findall(parsed.text):
        grid = atlas.get(Kind.UNIT_GRID, found)
        yield from _grid(grid, atlas) if grid else ()
    for mention in parsed.of(Kind.LANDMARK):
        for place in mention.places:
            yield from _some(_of_place(place, atlas, (_evidence(mention),)))
    roads = parsed.of(Kind.ROAD)
    crossings = list(_crossings(roads, parsed, atlas))
    yield from crossings
    for mention in roads:
        numbered = list(_numbered(mention, atlas)) if mention.number is not None else []
        yield from numbered
        if not numbered and not crossings:
            for place in _one_of_each_road(mention.places):
                plain = _of_place(place, atlas, (_evidence(mention),))
                doubts = ("no_such_number",) if mention.number is not None else ()
                yield from (replace(one, doubts=doubts) for one in _some(plain))
    if not parsed.of(Kind.LANDMARK, Kind.ROAD):
        for mention in parsed.of(Kind.COMMUNITY, Kind.STREET, Kind.DISTRICT):
            for place in mention.places:
                yield from _some(_of_place(place, atlas, (_evidence(mention),)))


def _some(one: Candidate | None) -> tuple[Candidate, ...]:
    return () if one is None else (one,)


def _evidence(mention: Mention) -> Evidence:
    return Evidence(mention.word, mention.kind.value, mention.how)


def _of_place(place: Place, atlas: Atlas, evidence: tuple[Evidence, ...]) -> Candidate | None:
    if not place.geometry:
        return None
    outline = shapely.from_geojson(place.geometry)
    point = outline.point_on_surface()
    precision = place.kind.value
    doubts: tuple[str, ...] = ()
    if place.kind is Kind.LANDMARK and outline.area and _grids_of(outline, atlas) > 1:
        doubts = ("large",)
    return Candidate(
        name=place.name,
        precision=precision,
        longitude=point.x,
        latitude=point.y,
        whereabouts=atlas.whereabouts(point.x, point.y),
        score=_WORTH[precision],
        evidence=evidence,
        doubts=doubts,
        road=place.name if place.kind is Kind.ROAD else "",
        landmark=place.name if place.kind is Kind.LANDMARK else "",
    )


def _grids_of(outline: BaseGeometry, atlas: Atlas) -> int:
    corners = shapely.get_coordinates(outline)
    return len({atlas.whereabouts(float(x), float(y)).grid for x, y in corners})


def _one_of_each_road(places: Sequence[Place]) -> list[Place]:
    """One piece of each road that has this name: pieces of one road are in one district."""
    return list({place.district: place for place in reversed(places)}.values())


def _numbered(mention: Mention, atlas: Atlas) -> Iterator[Candidate]:
    number = mention.number or 0
    for place in mention.places:
        first, last = place.first_number, place.last_number
        if first is None or last is None or not first <= number <= last or not place.geometry:
            continue
        line = shapely.from_geojson(place.geometry)
        share = (number - first) / (last - first) if last > first else 0.5
        side = _side(place.odd_side, number)
        x, y = beside(line, share, side * FROM_THE_ROAD_M)
        lies = atlas.whereabouts(x, y)
        sides = {atlas.whereabouts(*beside(line, share, d)).grid for d in (-15.0, 15.0)}
        word = Evidence(f"{number}号", Kind.ROAD.value, "number")
        yield Candidate(
            name=f"{place.name}{number}号",
            precision="number",
            longitude=x,
            latitude=y,
            whereabouts=lies,
            score=_WORTH["number"],
            evidence=(_evidence(mention), word),
            doubts=("side_unknown",) if not side and len(sides) > 1 else (),
            road=place.name,
        )


def _side(odd_side: str, number: int) -> int:
    """1 for the left of the road, -1 for the right, 0 for unknown."""
    if not odd_side:
        return 0
    return 1 if (odd_side == "left") == (number % 2 == 1) else -1


def _crossings(roads: Sequence[Mention], parsed: Parsed, atlas: Atlas) -> Iterator[Candidate]:
    if not parsed.crossing and any(one.number is not None for one in roads):
        return
    for first, second in combinations(roads, 2):
        if first.word == second.word:
            continue
        for x, y in _meeting_points(first.places, second.places):
            yield Candidate(
                name=f"{first.places[0].name}与{second.places[0].name}路口",
                precision="crossing",
                longitude=x,
                latitude=y,
                whereabouts=atlas.whereabouts(x, y),
                score=_WORTH["crossing"],
                evidence=(_evidence(first), _evidence(second)),
                doubts=() if parsed.crossing else ("crossing_unsaid",),
                road=first.places[0].name,
            )


def _meeting_points(
    first: Sequence[Place], second: Sequence[Place]
) -> Iterator[tuple[float, float]]:
    for one in first:
        for other in second:
            if not (one.geometry and other.geometry):
                continue
            lines = shapely.from_geojson([one.geometry, other.geometry])
            met = shapely.intersection(lines[0], lines[1])
            for part in shapely.get_parts(met):
                if not part.is_empty:
                    yield part.centroid.x, part.centroid.y


# --- weighing ----------------------------------------------------------------------------


def _weighed(one: Candidate, parsed: Parsed) -> Candidate:
    """The candidate with what the rest of the address says for it and against it."""
    score, evidence, doubts = one.score, list(one.evidence), list(one.doubts)
    for mention in parsed.of(*_AREA_FIELD):
        field = _AREA_FIELD[mention.kind]
        lies_in = getattr(one.whereabouts, field)
        if any(place.place_id == lies_in for place in mention.places):
            score += 3
            if _evidence(mention) not in evidence:
                evidence.append(_evidence(mention))
        elif one.precision not in _AREA_FIELD.values():
            score -= 20
            doubts.append("elsewhere")
    if any(word.how == "pinyin" for word in evidence):
        score -= 15
        doubts.append("sounds_alike")
    if parsed.nearby:
        score -= 10
        doubts.append("nearby")
    if not one.whereabouts.grid:
        doubts.append("no_grid")
    unique = tuple(dict.fromkeys(doubts))
    return replace(one, score=max(score, 1), evidence=tuple(evidence), doubts=unique)
