"""The sample city as files that ``hotline places import`` reads."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from hotline.registry.places.model import Kind
from hotline.registry.places.reading import written
from hotline.registry.places.sample import SampleCity
from hotline.registry.places.units import COLUMNS, Unit


def write_sample(city: SampleCity, folder: Path) -> list[Path]:
    """Write ``<kind>.geojson`` of each kind and ``units.csv``; the files. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for kind in Kind:
        path = folder / f"{kind.value}.geojson"
        of_kind = [place for place in city.places if place.kind is kind]
        path.write_text(written(of_kind), encoding="utf-8")
        files.append(path)
    units = folder / "units.csv"
    units.write_text(units_csv(city.units), encoding="utf-8")
    return [*files, units]


def units_csv(units: tuple[Unit, ...]) -> str:
    """The units as :meth:`hotline.registry.places.units.UnitBook.import_csv` reads them."""
    out = io.StringIO(newline="")
    table = csv.DictWriter(out, COLUMNS)
    table.writeheader()
    for unit in units:
        row = {name: getattr(unit, name) for name in COLUMNS}
        lists = {name: " ".join(row[name]) for name in ("districts", "streets")}
        flags = {name: "yes" if row[name] else "no" for name in ("professional", "active")}
        table.writerow(row | lists | flags)
    return out.getvalue()
