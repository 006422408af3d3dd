"""Rules as a CSV file: every row is read, and everything wrong with it is told."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from hotline.registry.places.model import BadFile, RowFault
from hotline.storage.records import storable

COLUMNS = ("category", "place", "unit", "note")
MOST_ROWS = 5_000
LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class WantedRule:
    """A rule as somebody wrote it, with the unit's id."""

    category: str
    place: str
    unit_id: str
    note: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the city knows: ``unit`` gives the id for an id or a name, None for nobody's;
    ``category`` whether any class begins so; ``place`` whether there is such a district, street,
    community or grid."""

    unit: Callable[[str], str | None]
    category: Callable[[str], bool]
    place: Callable[[str], bool]


def read_rules(text: str, known: Known) -> list[WantedRule]:
    """The rules of a file with the head :data:`COLUMNS`.

    Raises :class:`BadFile` with every faulty row; then no row counts.
    """
    reader = csv.DictReader(io.StringIO(str(storable(text)).lstrip("\ufeff"), newline=""))
    head = tuple(reader.fieldnames or ())
    missing = [name for name in ("unit",) if name not in head]
    if missing:
        raise BadFile([RowFault(1, name, "missing_column") for name in missing])
    faults: list[RowFault] = []
    rules: list[WantedRule] = []
    seen: set[WantedRule] = set()
    for number, row in enumerate(reader, 2):
        if number - 1 > MOST_ROWS:
            faults.append(RowFault(number, "", "too_many_rows", str(MOST_ROWS)))
            break
        rule, wrong = read_rule(row, known, number)
        if rule is not None and rule in seen:
            wrong = [RowFault(number, "unit", "duplicate", rule.unit_id)]
        faults += wrong
        if rule is not None and not wrong:
            seen.add(rule)
            rules.append(rule)
    if not rules and not faults:
        faults.append(RowFault(2, "", "no_rows"))
    if faults:
        raise BadFile(faults)
    return rules


def read_rule(
    row: Mapping[str, str | None], known: Known, number: int = 1
) -> tuple[WantedRule | None, list[RowFault]]:
    """One rule, or everything that is wrong with it."""
    values = {name: str(storable(row.get(name) or "")).strip() for name in COLUMNS}
    unit_id = known.unit(values["unit"]) if values["unit"] else None
    faults = list(_faults(values, unit_id, known, number))
    if faults or unit_id is None:
        return None, faults
    return WantedRule(values["category"], values["place"], unit_id, values["note"]), []


def _faults(
    values: Mapping[str, str], unit_id: str | None, known: Known, number: int
) -> Iterator[RowFault]:
    if not values["unit"]:
        yield RowFault(number, "unit", "required")
    elif unit_id is None:
        yield RowFault(number, "unit", "unknown_unit", values["unit"])
    if values["category"] and not known.category(values["category"]):
        yield RowFault(number, "category", "unknown_category", values["category"])
    if values["place"] and not known.place(values["place"]):
        yield RowFault(number, "place", "unknown_place", values["place"])
    if len(values["note"]) > LONGEST_NOTE:
        yield RowFault(number, "note", "too_long", values["note"][:20] + "…")
