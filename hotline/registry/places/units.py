"""The units that handle cases: kept in memory, saved in the database, every change journalled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import select

from hotline import events
from hotline.registry.model import Actor
from hotline.registry.places.faults import clean, rows_of
from hotline.registry.places.model import BadFile, RowFault
from hotline.registry.places.names import Spelt, rank, spell
from hotline.storage.journal import Journal, Transaction
from hotline.storage.tables_places import PlacesImportRow, UnitRow

UNIT_KINDS = ("department", "company", "district")
COLUMNS = ("unit_id", "name", "kind", "parent", "phone", "districts", "streets", "professional",
           "active")  # fmt: skip
_NEEDED = ("unit_id", "name", "kind")
_LONGEST = {"unit_id": 32, "name": 60, "parent": 32, "phone": 32}
_YES = frozenset({"1", "y", "yes", "true", "是"})
_NO = frozenset({"", "0", "n", "no", "false", "否"})


@dataclass(frozen=True, slots=True)
class Unit:
    """A handling unit; see :class:`hotline.storage.tables_places.UnitRow`."""

    unit_id: str
    name: str
    kind: str
    parent: str = ""
    phone: str = ""
    districts: tuple[str, ...] = ()
    streets: tuple[str, ...] = ()
    professional: bool = False
    active: bool = True

    @classmethod
    def of(cls, row: UnitRow) -> Unit:
        """The unit that the row keeps."""
        values = {column.name: getattr(row, column.name) for column in fields(cls)}
        return cls(**values | {"districts": tuple(row.districts), "streets": tuple(row.streets)})

    def serves(self, district: str, street: str) -> bool:
        """Whether a case there may be its own; an unknown place (empty) rules nobody out."""
        if self.streets:
            return not street or street in self.streets
        return not self.districts or not district or district in self.districts


class UnitBook:
    """The units. Answers from memory; ``open`` it before use.

    Whatever reaches the database raises
    :class:`hotline.storage.database.DatabaseUnavailable` when there is none.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._units: dict[str, Unit] = {}
        self._spelt: dict[str, Spelt] = {}

    async def open(self) -> None:
        """Take in what is saved."""
        async with self._journal.database.session() as session:
            rows = await session.scalars(select(UnitRow).order_by(UnitRow.unit_id))
            self._hold([Unit.of(row) for row in rows])

    def _hold(self, units: Sequence[Unit]) -> None:
        self._units = {unit.unit_id: unit for unit in units}
        self._spelt = {unit.unit_id: spell(unit.name) for unit in units}

    # --- asked ----------------------------------------------------------------------------

    def all(self, *, active_only: bool = True) -> tuple[Unit, ...]:
        """The units in the order of their ids, those that were closed only when asked for."""
        return tuple(unit for unit in self._units.values() if unit.active or not active_only)

    def get(self, unit_id: str) -> Unit | None:
        """A unit, closed ones too; None for nobody's id."""
        return self._units.get(unit_id)

    def named(self, name: str) -> Unit | None:
        """The unit with exactly this name; None when there is none."""
        return next((unit for unit in self._units.values() if unit.name == name), None)

    def search(self, text: str, limit: int = 20) -> tuple[Unit, ...]:
        """Open units by name, pinyin, initials or id, the best first; all when ``text`` is
        empty."""
        found = [(rank(text, self._spelt[unit.unit_id], unit.unit_id), unit) for unit in self.all()]
        fitting = sorted(
            ((score, unit) for score, unit in found if score is not None),
            key=lambda pair: (pair[0], pair[1].unit_id),
        )
        return tuple(unit for _, unit in fitting[:limit])

    # --- changed --------------------------------------------------------------------------

    async def save(self, given: Mapping[str, str], by: Actor) -> Unit:
        """Add or change one unit, of the same columns as a file's row.

        Raises :class:`BadFile`.
        """
        async with self._journal.transaction() as tx:
            known = {row.unit_id: row for row in await tx.session.scalars(select(UnitRow))}
            units = _read([given], 1, {key: row.name for key, row in known.items()})
            _keep(tx, units[0], known.get(units[0].unit_id), by)
        await self.open()
        return units[0]

    async def add_in(self, tx: Transaction, units: Sequence[Unit], by: Actor) -> None:
        """Add and change units inside a transaction that has more to write; ``open`` the book
        again after it."""
        known = {row.unit_id: row for row in await tx.session.scalars(select(UnitRow))}
        for unit in units:
            _keep(tx, unit, known.get(unit.unit_id), by)

    async def import_csv(self, text: str, source: str, by: Actor) -> tuple[int, int]:
        """Add and change units by the rows of a CSV file with a head of :data:`COLUMNS`; how many
        were added and how many changed. Units that the file does not name stay.

        Nothing is taken in when one row is wrong: raises :class:`BadFile`.
        """
        async with self._journal.transaction() as tx:
            known = {row.unit_id: row for row in await tx.session.scalars(select(UnitRow))}
            rows = rows_of(text.lstrip("\ufeff"))
            units = _read(rows, 2, {key: row.name for key, row in known.items()})
            done = [_keep(tx, unit, known.get(unit.unit_id), by) for unit in units]
            added, changed = done.count("added"), done.count("changed")
            await note_import(tx, "unit", source, (added, changed, 0), by)
        await self.open()
        return added, changed


async def note_import(
    tx: Transaction,
    kind: str,
    source: str,
    counts: tuple[int, int, int],
    by: Actor,
    *,
    crs: str = "",
) -> int:
    """Write down an import (how many were added, changed, retired); its revision."""
    added, changed, retired = counts
    row = PlacesImportRow(
        kind=kind,
        source=source,
        crs=crs,
        added=added,
        changed=changed,
        retired=retired,
        by=by.user_id,
        at=tx.now,
    )
    tx.session.add(row)
    # The event names the revision, and flushing gives it its number.
    await tx.session.flush()
    tx.add(events.PlacesImported(row.revision, kind, source, by.user_id, added, changed, retired))
    return row.revision


def _keep(tx: Transaction, unit: Unit, row: UnitRow | None, by: Actor) -> str:
    values: dict[str, Any] = asdict(unit)
    values |= {"districts": list(unit.districts), "streets": list(unit.streets)}
    before: dict[str, Any] = {}
    if row is not None:
        before = {name: getattr(row, name) for name in values if getattr(row, name) != values[name]}
        if not before:
            return "same"
    else:
        row = UnitRow(unit_id=unit.unit_id)
        tx.session.add(row)
    for name, value in values.items():
        setattr(row, name, value)
    row.changed_by, row.changed_at = by.user_id, tx.now
    tx.add(events.UnitChanged(unit.unit_id, unit.name, by.user_id, before))
    return "changed" if before else "added"


def _read(rows: Sequence[Mapping[str, Any]], first: int, known: Mapping[str, str]) -> list[Unit]:
    """The units of a file whose first row has the number ``first``; ``known`` are the names of
    the units that are there, by id. Raises :class:`BadFile`."""
    faults: list[RowFault] = []
    units: list[Unit] = []
    ids = {str(row.get("unit_id") or "").strip() for row in rows} | known.keys()
    seen_ids: set[str] = set()
    names = {name: unit_id for unit_id, name in known.items()}
    for number, row in enumerate(rows, first):
        wrong = list(_faults(number, row))
        unit = None if wrong else _unit(row)
        if unit is not None:
            if unit.unit_id in seen_ids:
                wrong.append(RowFault(number, "unit_id", "duplicate", unit.unit_id))
            if names.get(unit.name, unit.unit_id) != unit.unit_id:
                wrong.append(RowFault(number, "name", "name_taken", unit.name))
            if unit.parent and (unit.parent not in ids or unit.parent == unit.unit_id):
                wrong.append(RowFault(number, "parent", "unknown_parent", unit.parent))
            seen_ids.add(unit.unit_id)
            names[unit.name] = unit.unit_id
            units.append(unit)
        faults += wrong
    if not rows:
        faults.append(RowFault(first, "", "empty"))
    if faults:
        raise BadFile(faults)
    return units


def _faults(number: int, row: Mapping[str, Any]) -> list[RowFault]:
    if None in row:
        return [RowFault(number, "", "too_many_columns")]
    found = [RowFault(number, name, "required") for name in _NEEDED if not clean(row.get(name))]
    for name, most in _LONGEST.items():
        if len(clean(row.get(name))) > most:
            found.append(RowFault(number, name, "too_long", clean(row.get(name))[:40]))
    kind = clean(row.get("kind"))
    if kind and kind not in UNIT_KINDS:
        found.append(RowFault(number, "kind", "unknown_kind", kind))
    for name in ("professional", "active"):
        value = clean(row.get(name)).lower()
        if value not in _YES | _NO:
            found.append(RowFault(number, name, "yes_or_no", value))
    return found


def _unit(row: Mapping[str, Any]) -> Unit:
    values = {name: clean(row.get(name)) for name in COLUMNS}
    return Unit(
        unit_id=values["unit_id"],
        name=values["name"],
        kind=values["kind"],
        parent=values["parent"],
        phone=values["phone"],
        districts=tuple(values["districts"].split()),
        streets=tuple(values["streets"].split()),
        professional=values["professional"].lower() in _YES,
        # A file that says nothing of it means units that work.
        active=not values["active"] or values["active"].lower() in _YES,
    )
