"""The small map on which an agent points at where something is: the city's own places, as SVG."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from hotline.web.access import Staff
from hotline.web.places import Latitude, Longitude, WhereView
from hotline.web.small_map import REACH_M, middle_of, small_map
from hotline.web.web import WebOf

router = APIRouter()

NEAREST_M, FARTHEST_M = 100.0, 20_000.0


class Wanted(BaseModel):
    """Around which point, in WGS 84 (the city's middle without one), and how far to each side."""

    lon: Longitude = None
    lat: Latitude = None
    reach: Annotated[float, Field(ge=NEAREST_M, le=FARTHEST_M)] = REACH_M


class DrawnView(BaseModel):
    """A road, border or grid (with its ``path``), or the name of a landmark at ``x``, ``y``."""

    kind: str
    path: str
    name: str
    x: float
    y: float


class MapView(BaseModel):
    """The map; its middle is the point. ``line`` names the places that it lies in, ``outside``: it
    lies in none."""

    drawn: list[DrawnView]
    width: int
    height: int
    longitude: float
    latitude: float
    reach_m: float
    line: str
    outside: bool


@router.get("/api/places/map")
async def map_around(
    web: WebOf, viewer: Staff, wanted: Annotated[Wanted, Query()]
) -> MapView | None:
    """The map around a point; null while the city has no places."""
    atlas = web.parts.room.places.atlas
    lon, lat, reach = wanted.lon, wanted.lat, wanted.reach
    if lon is None or lat is None:
        middle = middle_of(atlas)
        if middle is None:
            return None
        lon, lat, reach = middle[0], middle[1], min(FARTHEST_M, max(NEAREST_M, middle[2]))
    lies = atlas.whereabouts(lon, lat)
    drawn = small_map(atlas, lon, lat, lies.grid, reach)
    if drawn is None:
        return None
    return MapView(
        drawn=[DrawnView(**asdict(one)) for one in drawn.drawn],
        width=drawn.width,
        height=drawn.height,
        longitude=lon,
        latitude=lat,
        reach_m=drawn.reach_m,
        line=WhereView.of(lies, atlas).line,
        outside=lies.outside,
    )
