"""What can be wrong with a row of a file of places or units."""

from __future__ import annotations

import csv
import io
from typing import Any

from hotline.registry.places.model import BadFile, RowFault
from hotline.storage.records import storable

FAULTS = {
    "bad_csv": "the line is no CSV, or a cell has more than 131,072 characters (use GeoJSON)",
    "bad_geometry": "the geometry cannot be read",
    "crosses_itself": "the outline crosses itself",
    "wrong_geometry": "this kind of place needs another kind of geometry",
    "no_geometry": "a geometry is needed: geometry/WKT, or west, south, east, north",
    "no_place_on_earth": "longitude and latitude are beyond 180 and 90 degrees",
    "duplicate": "the id stands in an earlier row too",
    "empty": "there are no rows",
    "name_taken": "another one has this name",
    "not_digits": "the id has other characters than digits",
    "number_range": "the house numbers are no range",
    "odd_side": "the side of the odd numbers is left, right or empty",
    "required": "it is missing",
    "too_long": "it is too long",
    "too_many_columns": "the row has more values than the head has columns",
    "unknown_kind": "there is no such kind",
    "unknown_parent": "there is none with this id",
    "wrong_length": "the id has another number of digits than this kind of place has",
    "yes_or_no": "it is neither yes nor no",
}
"""The faults, in English for the command line; the pages' words are ``places.fault.<key>``."""


def clean(value: object) -> str:
    """A cell's text as databases keep it, without blanks around it; empty for nothing."""
    return str(storable(str(value))).strip() if value is not None else ""


def rows_of(text: str) -> list[dict[str | Any, Any]]:
    """The rows of a CSV text by the names in its head. Raises :class:`BadFile`."""
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        return list(reader)
    except csv.Error as error:
        raise BadFile([RowFault(reader.line_num + 1, "", "bad_csv", str(error))]) from error
