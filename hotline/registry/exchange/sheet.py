"""Files of tickets, read with suspicion: Excel (.xlsx) and CSV, row by row.

What a person would not see as it will be taken is a fault of its cell: formulas (their results are
somebody's old ones), merged cells, error values, digits that Excel has dropped.

openpyxl is imported by the first file: no start of the controller waits for it.
"""

# ruff: noqa: PLC0415

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePath
from typing import Any
from xml.etree.ElementTree import ParseError, iterparse

MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED = 200 * 1024 * 1024
MOST_PARTS = 1000
MOST_COLUMNS = 200
_LONGEST_CELL = 32_767
# Excel keeps fifteen digits of a number.
_EXACT = 10**15
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"
_MERGE = "mergeCell"


class BadSheet(Exception):
    """A file cannot be read as tickets at all; ``key`` says why (``exchange.sheet.<key>``),
    ``values`` go with it."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its letter and what stands at its head."""

    letter: str
    header: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is not empty. ``number`` is the one that Excel shows; ``faults`` has the key of
    what is wrong with single cells, by their column's header."""

    number: int
    cells: Mapping[str, Any]
    faults: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The first sheet of a file."""

    columns: Sequence[Column]
    rows: Sequence[Row]

    def letter(self, header: str) -> str:
        """The letter of a column; empty when there is none of this name."""
        return next((c.letter for c in self.columns if c.header == header), "")


def read(name: str, data: bytes, most_rows: int) -> Sheet:
    """The tickets' sheet in a file. Raises :class:`BadSheet`."""
    if len(data) > MOST_BYTES:
        raise BadSheet("too_large", most=MOST_BYTES // 2**20)
    if data.startswith(_OLD_EXCEL):
        raise BadSheet("old_excel")
    if data.startswith(_ZIP):
        _check_package(data)
        return _collect(_excel(data), _merged(data), most_rows)
    if PurePath(name).suffix.lower() in {".csv", ".txt"}:
        return _collect(_csv(data), {}, most_rows)
    raise BadSheet("not_a_sheet")


@dataclass(frozen=True, slots=True)
class _Cell:
    value: Any
    fault: str = ""


def _collect(
    lines: Iterator[tuple[int, list[_Cell]]], merged: Mapping[int, frozenset[int]], most_rows: int
) -> Sheet:
    columns: list[Column] = []
    rows: list[Row] = []
    for number, cells in lines:
        if all(cell.value is None or cell.value == "" for cell in cells):
            continue
        if not columns:
            columns = _columns(cells)
            continue
        if len(rows) >= most_rows:
            raise BadSheet("too_many_rows", most=most_rows)
        within = merged.get(number, frozenset())
        named = [
            (column, cell, place)
            for place, (column, cell) in enumerate(zip(columns, cells, strict=False), 1)
            if column.header
        ]
        faults = {column.header: cell.fault for column, cell, _ in named if cell.fault}
        faults |= {column.header: "merged" for column, _, place in named if place in within}
        values = {column.header: cell.value for column, cell, _ in named}
        rows.append(Row(number, values, faults))
    if not columns:
        raise BadSheet("empty")
    return Sheet([column for column in columns if column.header], rows)


def _columns(cells: Sequence[_Cell]) -> list[Column]:
    from openpyxl.utils import get_column_letter

    headers = ["" if cell.value is None else str(cell.value).strip() for cell in cells]
    for one, other in pairwise(sorted(header for header in headers if header)):
        if one == other:
            raise BadSheet("same_header", header=one)
    return [Column(get_column_letter(n), header) for n, header in enumerate(headers, 1)]


# --- Excel --------------------------------------------------------------------------------


def _excel(data: bytes) -> Iterator[tuple[int, list[_Cell]]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        with closing(book):
            sheet = book.worksheets[0]
            # What the file says of its own size is not to be trusted.
            sheet.reset_dimensions()
            for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1):
                yield number, [_cell(cell) for cell in row]
    except (InvalidFileException, KeyError, ValueError, IndexError, zipfile.BadZipFile) as error:
        raise BadSheet("not_a_sheet") from error
    except (ParseError, TypeError, AttributeError, OverflowError) as error:
        # A package whose parts are not what they say.
        raise BadSheet("not_a_sheet") from error


def _check_package(data: bytes) -> None:
    """Refuse what would unpack into more than a sheet of tickets ever is."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise BadSheet("unpacks_too_large")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with package.open(part) as opened:
                        if b"<!DOCTYPE" in opened.read(1024):
                            raise BadSheet("not_a_sheet")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError) as error:
        raise BadSheet("not_a_sheet") from error


def _cell(cell: Any) -> _Cell:
    value = cell.value
    if cell.data_type == "f":
        return _Cell(str(value), "formula")
    if cell.data_type == "e":
        return _Cell(str(value), "cell_error")
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= _EXACT:
        return _Cell(value, "digits_lost")
    if isinstance(value, str) and value.startswith("="):
        return _Cell(value, "formula")
    return _Cell(value)


def _merged(data: bytes) -> Mapping[int, frozenset[int]]:
    """The columns (from 1) of each row that lie in merged cells of the first sheet."""
    from openpyxl import load_workbook

    found: dict[int, set[int]] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
            with closing(book):
                part = getattr(book.worksheets[0], "_worksheet_path", "")
            with package.open(part) as opened:
                # Expat itself bounds what entities may stand for.
                for _, element in iterparse(opened):  # noqa: S314
                    if element.tag.endswith(f"}}{_MERGE}"):
                        _add_range(element.get("ref", ""), found)
                    element.clear()
    except (KeyError, ValueError, IndexError, ParseError, zipfile.BadZipFile) as error:
        raise BadSheet("not_a_sheet") from error
    return {row: frozenset(columns) for row, columns in found.items()}


def _add_range(ref: str, found: dict[int, set[int]]) -> None:
    from openpyxl.utils import range_boundaries

    left, top, right, bottom = range_boundaries(ref)
    if None in {left, top, right, bottom}:
        return
    for row in range(top or 1, min(bottom or 1, (top or 1) + 100_000) + 1):
        found.setdefault(row, set()).update(range(left or 1, min(right or 1, MOST_COLUMNS) + 1))


# --- CSV ----------------------------------------------------------------------------------


def _csv(data: bytes) -> Iterator[tuple[int, list[_Cell]]]:
    text = _decoded(data)
    if "\x00" in text:
        raise BadSheet("not_a_sheet")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    before = 0
    try:
        for fields in reader:
            number, before = before + 1, reader.line_num
            if len(fields) > MOST_COLUMNS or any(len(one) > _LONGEST_CELL for one in fields):
                raise BadSheet("not_a_sheet")
            yield number, [_written(one) for one in fields]
    except csv.Error as error:
        raise BadSheet("bad_csv", line=reader.line_num) from error


def _written(value: str) -> _Cell:
    if value.startswith("="):
        return _Cell(value, "formula")
    return _Cell(value or None)


def _decoded(data: bytes) -> str:
    # Excel in China saves CSV in the system's encoding.
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadSheet("not_text")
