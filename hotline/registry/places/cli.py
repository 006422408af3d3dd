"""``hotline places``: the city's places, at the terminal."""

# Each command imports what it needs, so that each starts quickly.
# ruff: noqa: PLC0415

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotline.command import DEFAULT, ConfigPath, fail, faults, load_config

if TYPE_CHECKING:
    from hotline.config import Config
    from hotline.registry.places.model import BadFile
    from hotline.registry.places.service import PlaceDesk
    from hotline.registry.places.units import UnitBook

app = typer.Typer(help="Districts, grids, roads, landmarks and units.", no_args_is_help=True)

_UNITS = "unit"
_MOST_FAULTS = 50


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="GeoJSON or CSV; docs/places.md has the columns.")],
    kind: Annotated[str, typer.Option(help="district, street, community, duty_grid, unit_grid, "
                                           "road, landmark or unit.")],
    crs: Annotated[str, typer.Option(help="wgs84, cgcs2000, gcj02 or bd09.")] = "wgs84",
    replace: Annotated[
        bool, typer.Option("--replace", help="Retire places of the kind that are not in the file.")
    ] = False,
    config: ConfigPath = DEFAULT,
) -> None:  # fmt: skip
    """Take a file in as a whole; when a row is wrong, say which and take nothing in."""
    from hotline.registry.places.datum import Crs
    from hotline.registry.places.model import BadFile, Kind
    from hotline.registry.places.service import PlacesChanged
    from hotline.storage.database import DatabaseUnavailable, MigrationError

    if kind != _UNITS and kind not in set(Kind):
        raise fail(f"--kind {kind}: one of {', '.join([*Kind, _UNITS])}")
    if crs not in set(Crs):
        raise fail(f"--crs {crs}: one of {', '.join(Crs)}")
    text = _read(file)

    async def run() -> str:
        from hotline.registry.model import SYSTEM

        async with _desks(load_config(config)) as (desk, units):
            if kind == _UNITS:
                added, changed = await units.import_csv(text, file.name, SYSTEM)
                return f"{added} added, {changed} changed"
            done = await desk.import_places(
                text, Kind(kind), SYSTEM, source=file.name, crs=Crs(crs), replace=replace
            )
            return f"{done.added} added, {done.changed} changed, {done.retired} retired"

    with faults(DatabaseUnavailable, MigrationError, PlacesChanged):
        try:
            print(asyncio.run(run()))
        except BadFile as error:
            raise fail(_told(file, error)) from error


@app.command("export")
def export(
    kind: Annotated[str, typer.Option(help="As for import, without unit.")],
    config: ConfigPath = DEFAULT,
) -> None:
    """Print the places of a kind as GeoJSON."""
    from hotline.registry.places.model import Kind
    from hotline.storage.database import DatabaseUnavailable, MigrationError

    if kind not in set(Kind):
        raise fail(f"--kind {kind}: one of {', '.join(Kind)}")

    async def run() -> str:
        async with _desks(load_config(config)) as (desk, _):
            return desk.export(Kind(kind))

    with faults(DatabaseUnavailable, MigrationError):
        print(asyncio.run(run()), end="")


@app.command("locate")
def locate(
    point: Annotated[str | None, typer.Option(help="Longitude,latitude in WGS 84.")] = None,
    address: Annotated[str | None, typer.Option(help="As a citizen says it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    config: ConfigPath = DEFAULT,
) -> None:
    """Say where a point or an address is. Exit code 1: outside of the city, or not certain."""
    from hotline.registry.places.telling import told_finding, told_point
    from hotline.storage.database import DatabaseUnavailable, MigrationError

    if (point is None) == (address is None):
        raise fail("give one of --point and --address")
    at = _point(point) if point is not None else None

    async def run() -> tuple[dict[str, object], list[str], bool]:
        async with _desks(load_config(config)) as (desk, _):
            if at is not None:
                lies = desk.whereabouts(*at)
                answer = asdict(lies) | {"outside": lies.outside}
                return answer, told_point(lies, desk.atlas), not lies.outside
            found = desk.find(address or "")
            return asdict(found), told_finding(found), found.certain

    with faults(DatabaseUnavailable, MigrationError):
        answer, lines, good = asyncio.run(run())
    print(json.dumps(answer, ensure_ascii=False, indent=2) if as_json else "\n".join(lines))
    raise typer.Exit(0 if good else 1)


@app.command("sample")
def sample(
    seed: Annotated[int, typer.Option(help="The same city again.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Write its files into this folder.")] = None,
    load: Annotated[bool, typer.Option("--load", help="Take it in.")] = False,
    config: ConfigPath = DEFAULT,
) -> None:
    """Make the sample city: as files, or in the database."""
    from hotline.registry.places.sample import sample_city
    from hotline.registry.places.sample_files import write_sample
    from hotline.registry.places.service import PlacesChanged
    from hotline.storage.database import DatabaseUnavailable, MigrationError

    if out is None and not load:
        raise fail("give --out FOLDER, --load, or both")
    city = sample_city(seed)
    if out is not None:
        for path in write_sample(city, out):
            print(path)
    if not load:
        return

    async def run() -> str:
        from hotline.registry.model import SYSTEM

        async with _desks(load_config(config)) as (desk, _):
            done = await desk.load_sample(city, SYSTEM)
            return f"{done.added} places added, {done.changed} changed"

    with faults(DatabaseUnavailable, MigrationError, PlacesChanged):
        print(asyncio.run(run()))


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise fail(f"{file}: {error}") from error


def _point(text: str) -> tuple[float, float]:
    try:
        longitude, latitude = (float(part) for part in text.replace("，", ",").split(","))
    except ValueError as error:
        raise fail(f"--point {text}: longitude,latitude such as 118.5,31.5") from error
    return longitude, latitude


def _told(file: Path, error: BadFile) -> str:
    from hotline.registry.places.faults import FAULTS

    lines = [
        f"{file}: row {one.row}: {one.field + ': ' if one.field else ''}{FAULTS[one.fault]}"
        f"{f' ({one.value})' if one.value else ''}"
        for one in error.faults[:_MOST_FAULTS]
    ]
    if len(error.faults) > _MOST_FAULTS:
        lines.append(f"and {len(error.faults) - _MOST_FAULTS} more")
    return "\n".join([*lines, "nothing was taken in"])


@asynccontextmanager
async def _desks(config: Config) -> AsyncIterator[tuple[PlaceDesk, UnitBook]]:
    import time

    from twisted.internet.task import Clock as StillClock

    from hotline.clock import ReactorClock
    from hotline.registry.places.service import PlaceDesk
    from hotline.registry.places.units import UnitBook
    from hotline.storage.database import Database, migrate
    from hotline.storage.journal import Journal

    config.hotline.data_dir.mkdir(parents=True, exist_ok=True)
    await migrate(config.database_url)
    database = Database(config.database_url)
    try:
        # Only asked for the time of day: nothing here waits.
        clock = ReactorClock(StillClock(), time.time)
        journal = Journal(database, clock)
        await journal.open()
        units = UnitBook(journal)
        desk = PlaceDesk(journal, clock, units)
        await units.open()
        await desk.open()
        yield desk, units
    finally:
        await database.close()
