"""Where something is: a point's grids, an address's candidates, and the map's files."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field

from hotline.registry.places.atlas import Atlas
from hotline.registry.places.finding import Candidate, Finding
from hotline.registry.places.model import Kind, Whereabouts
from hotline.web.access import Staff
from hotline.web.errors import BadInput
from hotline.web.page import Page, PageOf
from hotline.web.web import WebOf

router = APIRouter()

Longitude = Annotated[float | None, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float | None, Field(ge=-90, le=90, allow_inf_nan=False)]
_Address = Annotated[str, Query(max_length=500)]
_GEOJSON = "application/geo+json"


class Asked(BaseModel):
    """A point of WGS 84, or an address."""

    lon: Longitude = None
    lat: Latitude = None
    address: Annotated[str, Field(max_length=500)] = ""


class WhereView(BaseModel):
    """The places that something lies in, by id and by name; empty for unknown. ``line`` is the
    names in one line, the largest first."""

    grid: str
    duty_grid: str
    community: str
    street: str
    district: str
    community_name: str
    street_name: str
    district_name: str
    line: str

    @classmethod
    def of(cls, lies: Whereabouts, atlas: Atlas) -> WhereView:
        """The whereabouts with their names."""
        names = {
            kind.value: atlas.name(kind, getattr(lies, kind.value))
            for kind in (Kind.DISTRICT, Kind.STREET, Kind.COMMUNITY)
        }
        return cls(
            grid=lies.grid,
            duty_grid=lies.duty_grid,
            community=lies.community,
            street=lies.street,
            district=lies.district,
            community_name=names["community"],
            street_name=names["street"],
            district_name=names["district"],
            line=" ".join(filter(None, [*names.values(), lies.grid])),
        )


class EvidenceView(BaseModel):
    """A word of an address, of which kind of place it is, and how it was matched: exact, alias,
    pinyin, number or typed."""

    word: str
    kind: str
    how: str


class CandidateView(BaseModel):
    """Somewhere that an address may mean. ``doubts`` say why it is not certain; ``address`` is
    how to write it so that it is found again."""

    name: str
    address: str
    precision: str
    longitude: float
    latitude: float
    where: WhereView
    score: int
    evidence: list[EvidenceView]
    doubts: list[str]


class FindingView(BaseModel):
    """What an address may mean, the likeliest first. ``certain``: the first is it."""

    certain: bool
    candidates: list[CandidateView]


class LocatedView(BaseModel):
    """What a point or an address lies in.

    ``outside``: a point that is in no place of the city. ``where`` is null for that, and for an
    address that is not certain.
    """

    certain: bool
    outside: bool
    where: WhereView | None
    candidates: list[CandidateView]


@router.get("/api/places/locate")
async def locate(
    web: WebOf, page: PageOf, viewer: Staff, asked: Annotated[Asked, Query()]
) -> LocatedView:
    """Where a point of WGS 84 is, or an address when no point is given."""
    desk = web.parts.room.places
    if asked.lon is not None and asked.lat is not None:
        lies = desk.whereabouts(asked.lon, asked.lat)
        where = None if lies.outside else WhereView.of(lies, desk.atlas)
        return LocatedView(certain=True, outside=lies.outside, where=where, candidates=[])
    if not asked.address.strip():
        raise BadInput({"address": "required"})
    found = desk.find(asked.address)
    candidates = _candidates(found, desk.atlas, page)
    where = candidates[0].where if found.certain else None
    return LocatedView(certain=found.certain, outside=False, where=where, candidates=candidates)


@router.get("/api/places/search")
async def search(web: WebOf, page: PageOf, viewer: Staff, q: _Address = "") -> FindingView:
    """What somebody may mean who is still typing: by characters, pinyin or initials."""
    if not q.strip():
        return FindingView(certain=False, candidates=[])
    desk = web.parts.room.places
    found = desk.suggest(q)
    candidates = _candidates(found, desk.atlas, page)
    return FindingView(certain=found.certain, candidates=candidates)


@router.get(
    "/api/places/{kind}.geojson",
    response_class=Response,
    responses={200: {"content": {_GEOJSON: {}}}, 304: {"description": "Not changed."}},
)
async def map_file(
    web: WebOf,
    viewer: Staff,
    kind: Annotated[Kind, Path()],
    if_none_match: Annotated[str, Header()] = "",
    accept_encoding: Annotated[str, Header()] = "",
) -> Response:
    """The places of a kind for a map; 304 when the asker has them already."""
    file = await web.parts.room.places.map_file(kind)
    # Kept by the browser, but asked about each time: an import is seen at once.
    headers = {"ETag": file.etag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}
    if file.etag in if_none_match:
        return Response(status_code=304, headers=headers)
    if "gzip" in accept_encoding:
        headers["Content-Encoding"] = "gzip"
        return Response(file.packed, media_type=_GEOJSON, headers=headers)
    return Response(file.plain, media_type=_GEOJSON, headers=headers)


def _candidates(found: Finding, atlas: Atlas, page: Page) -> list[CandidateView]:
    names = Counter(one.name for one in found.candidates)
    return [_candidate(one, atlas, page, alone=names[one.name] == 1) for one in found.candidates]


def _candidate(one: Candidate, atlas: Atlas, page: Page, *, alone: bool) -> CandidateView:
    where = WhereView.of(one.whereabouts, atlas)
    of_city = one.precision not in {"district", "street", "community"}
    # A whole road may lead through several districts: its middle's would be wrong for its houses.
    of_city = of_city and not (one.precision == "road" and alone)
    return CandidateView(
        name=one.name,
        address=f"{where.district_name}{one.name}" if of_city else one.name,
        precision=one.precision,
        longitude=one.longitude,
        latitude=one.latitude,
        where=where,
        score=one.score,
        evidence=[EvidenceView(word=e.word, kind=e.kind, how=e.how) for e in one.evidence],
        doubts=[page.t(f"places.doubt.{doubt}") for doubt in one.doubts],
    )
