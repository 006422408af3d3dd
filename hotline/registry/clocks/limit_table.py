"""The city's table of time limits: looked up, and read from and written to CSV. No I/O."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hotline.registry.clocks.limits import BadLimit, Limit, read_limit
from hotline.registry.clocks.model import KINDS, ClockKind
from hotline.registry.forms import URGENCIES

COLUMNS = ("standard", "class_key", "condition", "condition_text", "urgency", "kind", "limit")
MOST_ROWS = 20_000
LONGEST_TEXT = 200
_CONDITION = re.compile(r"[\w.-]{0,64}")
_CLASS = re.compile(r"(?:component|event)/[0-9]{4,10}")
_STANDARD = re.compile(r"[a-z0-9.-]{1,32}")

Key = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """One row. An empty ``class_key`` is the fallback for all classes, an empty ``condition`` or
    ``urgency`` stands for any. ``limit`` is written as :func:`read_limit` reads it."""

    standard: str
    class_key: str
    condition: str
    condition_text: str
    urgency: str
    kind: str
    limit: str
    limit_id: int = 0
    version: int = 0

    @property
    def key(self) -> Key:
        """What no other row has."""
        return (self.standard, self.class_key, self.condition, self.urgency, self.kind)

    @property
    def parsed(self) -> Limit:
        """The limit."""
        return read_limit(self.limit)


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong with a row of a file; ``line`` counts from 1, the head included. ``key`` is
    the message's."""

    line: int
    field: str
    key: str
    given: str = ""


class BadTable(ValueError):
    """Nothing of a file was taken in; each fault names its row."""

    def __init__(self, faults: Iterable[RowFault]) -> None:
        self.faults = tuple(faults)
        super().__init__(f"{len(self.faults)} faults")


@dataclass(frozen=True, slots=True)
class LimitTable:
    """All rows, ready to be asked."""

    rows: tuple[TimeLimit, ...] = ()
    _found: Mapping[Key, TimeLimit] = field(init=False, repr=False, compare=False)
    _conditions: Mapping[tuple[str, str], tuple[tuple[str, str], ...]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        conditions: dict[tuple[str, str], dict[str, str]] = {}
        for row in self.rows:
            if row.condition:
                named = conditions.setdefault((row.standard, row.class_key), {})
                named.setdefault(row.condition, row.condition_text)
        object.__setattr__(self, "_found", {row.key: row for row in self.rows})
        listed = {key: tuple(named.items()) for key, named in conditions.items()}
        object.__setattr__(self, "_conditions", listed)

    def find(
        self, kind: str, standard: str, class_key: str, condition: str, urgency: str
    ) -> TimeLimit | None:
        """The row that counts: of the class before the fallback, with the condition before
        without, of the urgency before for any. None: no limit is set."""
        for cls in dict.fromkeys(((standard, class_key), ("", ""))):
            for asked in dict.fromkeys((condition, "") if cls[1] else ("",)):
                for urgent in dict.fromkeys((urgency, "")):
                    found = self._found.get((*cls, asked, urgent, kind))
                    if found is not None:
                        return found
        return None

    def conditions(self, standard: str, class_key: str) -> tuple[tuple[str, str], ...]:
        """The filing conditions that the table knows for a class: key and text, in order."""
        return self._conditions.get((standard, class_key), ())


def check(row: TimeLimit) -> dict[str, str]:
    """What is wrong with a row that somebody typed: the key of a message for each field."""
    faults = {}
    if row.class_key and not _CLASS.fullmatch(row.class_key):
        faults["class_key"] = "limit_class"
    if row.class_key and not _STANDARD.fullmatch(row.standard):
        faults["standard"] = "limit_standard"
    if not row.class_key and (row.standard or row.condition):
        faults["class_key"] = "limit_class_missing"
    if not _CONDITION.fullmatch(row.condition):
        faults["condition"] = "limit_condition"
    if len(row.condition_text) > LONGEST_TEXT:
        faults["condition_text"] = "too_long"
    if row.urgency and row.urgency not in URGENCIES:
        faults["urgency"] = "choice"
    if row.kind not in KINDS:
        faults["kind"] = "choice"
    try:
        read_limit(row.limit)
    except BadLimit as fault:
        faults["limit"] = fault.key
    return faults


def read_csv(text: str) -> list[TimeLimit]:
    """The rows of a CSV file with a head of :data:`COLUMNS`. Raises :class:`BadTable` with every
    fault there is."""
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline=""))
    head = [name.strip() for name in reader.fieldnames or ()]
    lacking = [name for name in COLUMNS if name not in head]
    if lacking:
        raise BadTable([RowFault(1, ", ".join(lacking), "limit_column")])
    reader.fieldnames = head
    rows: list[TimeLimit] = []
    faults: list[RowFault] = []
    seen: dict[Key, int] = {}
    try:
        for given in reader:
            if len(rows) + len(faults) >= MOST_ROWS:
                raise BadTable([RowFault(reader.line_num, "", "limit_rows", str(MOST_ROWS))])
            row = _row(given)
            faults += _faults(reader.line_num, row, seen)
            rows.append(row)
    except csv.Error as error:
        raise BadTable([RowFault(reader.line_num, "", "limit_csv", str(error))]) from error
    if faults:
        raise BadTable(faults)
    return [_tidied(row) for row in rows]


def write_csv(rows: Iterable[TimeLimit]) -> str:
    """The rows as :func:`read_csv` reads them."""
    out = io.StringIO(newline="")
    table = csv.writer(out)
    table.writerow(COLUMNS)
    for row in rows:
        table.writerow([_harmless(getattr(row, name)) for name in COLUMNS])
    return out.getvalue()


_EXAMPLE = re.compile(r"(\d+(?:\.\d+)?)(紧急工作时|紧急工作日|工作时|工作日|小时|天)(.*)")


def from_example(standard: str, class_key: str, example: str) -> Iterator[TimeLimit]:
    """One city's published limits of a class, ``2紧急工作时/4小时/5天``, as rows for handling: one
    for each filing condition, which the publication counts and does not name."""
    parts = [found for part in example.split("/") if (found := _EXAMPLE.fullmatch(part.strip()))]
    for number, found in enumerate(parts, 1):
        alone = len(parts) == 1 and not found[3]
        yield TimeLimit(
            standard,
            class_key,
            "" if alone else str(number),
            "" if alone else found[3] or f"情形{number}",
            "",
            ClockKind.HANDLE,
            read_limit(found[1] + found[2]).text(),
        )


def _row(given: Mapping[str | None, Any]) -> TimeLimit:
    values: dict[str, Any] = {
        name: str(given.get(name) or "").strip().removeprefix("'") for name in COLUMNS
    }
    return TimeLimit(**values)


def _tidied(row: TimeLimit) -> TimeLimit:
    return replace(row, limit=row.parsed.text())


def _faults(line: int, row: TimeLimit, seen: dict[Key, int]) -> Iterator[RowFault]:
    for name, key in check(row).items():
        yield RowFault(line, name, key, getattr(row, name)[:40])
    if row.key in seen:
        yield RowFault(line, "", "limit_twice", str(seen[row.key]))
    seen.setdefault(row.key, line)


def _harmless(value: str) -> str:
    # A spreadsheet would take these for a formula.
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
