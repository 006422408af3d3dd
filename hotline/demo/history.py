"""``hotline demo-cases``: years of synthetic cases in the sample city, to try and to time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import tzinfo
from random import Random

import shapely
from shapely import STRtree

from hotline.config import Config
from hotline.demo.casebook import City, CityClass, Handler, Spot, casebook
from hotline.demo.dispatches import dispatch_batch
from hotline.demo.filling import fill
from hotline.registry import taxonomy
from hotline.registry.places.model import Kind, Place
from hotline.registry.places.sample import sample_city
from hotline.registry.places.units import Unit
from hotline.registry.searching.service import index_batch
from hotline.registry.taxonomy import Taxonomy
from hotline.storage.database import Database, migrate


class NoDemo(RuntimeError):
    """Synthetic cases are not for live use; the message says what to do."""


def city_of(
    places: Iterable[Place], units: Iterable[Unit], classes: Taxonomy, zone: tzinfo
) -> City:
    """The city that cases are drawn from."""
    drawn = list(places)
    grids = [place for place in drawn if place.kind is Kind.UNIT_GRID]
    roads = [place for place in drawn if place.kind is Kind.ROAD and place.geometry]
    return City(
        zone=zone,
        spots=_spots(grids, roads),
        handlers=[Handler(unit.unit_id, unit.name) for unit in units],
        classes=[CityClass(classes.standard, one.key, one.name) for one in classes],
    )


async def write_history(
    config: Config, cases: int, days: int, seed: int, told: Callable[[int], None]
) -> int:
    """Write so many cases of the last so many days; returns how many they were.

    Raises :class:`NoDemo` outside demo mode, and what the database raises.
    """
    if not config.hotline.demo:
        raise NoDemo("hotline.demo is off in hotline.toml; synthetic cases are not for live use")
    await migrate(config.database_url)
    database = Database(config.database_url)
    try:
        return await fill(
            database,
            casebook(sample(config), cases, time.time(), days, Random(seed)),  # noqa: S311
            also=(index_batch, dispatch_batch),
            told=told,
        )
    finally:
        await database.close()


def sample(config: Config) -> City:
    """The sample city under this configuration."""
    drawn = sample_city()
    standard = taxonomy.load(config.registry.standard)
    return city_of(drawn.places, drawn.units, standard, config.zone)


def _spots(grids: Sequence[Place], roads: Sequence[Place]) -> list[Spot]:
    """The middle of each grid, with the road that is nearest."""
    middles = [shapely.from_geojson(grid.geometry).representative_point() for grid in grids]
    nearest = STRtree([shapely.from_geojson(road.geometry) for road in roads]).nearest(middles)
    return [
        Spot(
            grid.place_id,
            grid.duty_grid,
            grid.community,
            grid.street,
            grid.district,
            middle.x,
            middle.y,
            roads[road].name,
        )
        for grid, middle, road in zip(grids, middles, nearest, strict=True)
    ]
