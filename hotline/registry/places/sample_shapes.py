"""The sample city's outlines: cells joined, slivers given away, all of it put onto the globe."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, radians

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from hotline.registry.places.geometry import METRES_A_DEGREE

CENTRE = (118.5, 31.5)
"""Degrees of longitude and latitude of the city's middle; the place itself means nothing."""
SLIVER_M2 = 2_500.0
"""A piece of a cell that is smaller is no grid of its own."""
_HAIR_M2 = 10.0


def on_the_globe(outline: BaseGeometry) -> str:
    """GeoJSON in degrees, to about a centimetre, so that neighbours' corners stay the same."""
    across = METRES_A_DEGREE * cos(radians(CENTRE[1]))

    def put(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(points / (across, METRES_A_DEGREE) + CENTRE)

    # Not merely rounded: an outline stays one that does not touch itself.
    exact = shapely.transform(outline, put)
    return shapely.to_geojson(shapely.set_precision(exact, 1e-7))


def joined(parts: Sequence[BaseGeometry]) -> BaseGeometry:
    """Cells that lie side by side as one outline."""
    # On a grid of centimetres: else a corner that lies on a neighbour's side leaves a hairline.
    whole = shapely.union_all(list(parts), grid_size=0.01)
    polygons = [
        Polygon(part.exterior, [hole for hole in part.interiors if Polygon(hole).area > _HAIR_M2])
        for part in shapely.get_parts(whole)
    ]
    return polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)


def without_slivers(whole: list[BaseGeometry], pieces: list[BaseGeometry]) -> list[BaseGeometry]:
    """All cells, pieces that are too small for a grid joined to the neighbour that they share
    most of their border with."""
    cells = [*whole, *(piece for piece in pieces if piece.area >= SLIVER_M2)]
    tree = shapely.STRtree(cells)
    for sliver in (piece for piece in pieces if piece.area < SLIVER_M2):
        near = tree.query(sliver, predicate="dwithin", distance=0.01)
        shared = [shapely.intersection(cells[at].buffer(0.01), sliver).length for at in near]
        if not shared:
            continue
        best = int(near[int(np.argmax(shared))])
        both = shapely.union_all([cells[best], sliver], grid_size=0.001)
        if both.geom_type == "Polygon":
            cells[best] = both
    return cells
