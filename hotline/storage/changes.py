"""What becomes of rows, and how it is carried out in as few statements as there are kinds of it.

A thousand calls that ring, wait and end together change a thousand rows in three statements:
what happens to one row is folded into one change, and changes of one shape go as one list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Executable,
    String,
    Table,
    bindparam,
    func,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from hotline.storage.tables import Base


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of the rows that match ``where`` (columns and their values).

    ``values`` are set, ``first`` only where nothing stands yet. When no row matches and
    ``insert`` is given, that row is made; ``where`` is then its key.
    """

    row: type[Base]
    where: Mapping[str, Any]
    values: Mapping[str, Any] = field(default_factory=dict)
    first: Mapping[str, Any] = field(default_factory=dict)
    insert: Mapping[str, Any] | None = None

    def then(self, later: Change) -> Change:
        """This change and a later one of the same row, as one."""
        values = {**self.values, **later.values}
        first = {name: value for name, value in self.first.items() if name not in values}
        for name, value in later.first.items():
            kept = values if name in values else first
            if kept.get(name) is None:
                kept[name] = value
        insert = later.insert
        if self.insert is not None:
            insert = {**self.insert, **later.values}
            for name, value in later.first.items():
                if insert.get(name) is None:
                    insert[name] = value
        return Change(self.row, self.where, values, first, insert)

    def key(self) -> tuple[Any, ...] | None:
        """The one row it is about; None when it looks at more than the row's key."""
        names = _table(self.row).primary_key.columns.keys()
        if self.where.keys() != set(names):
            return None
        return (self.row, *(self.where[name] for name in names))


Numbered = tuple[int, Change]


def fold(numbered: Iterable[Numbered]) -> list[Numbered]:
    """Changes (each with its record's number) that come to the same, at most one a row between
    those that look at more than a row's key."""
    folded: list[Numbered] = []
    places: dict[tuple[Any, ...], int] = {}
    for seq, change in numbered:
        key = change.key()
        if key is None:
            places.clear()
        elif key in places:
            place = places[key]
            folded[place] = (seq, folded[place][1].then(change))
            continue
        else:
            places[key] = len(folded)
        folded.append((seq, change))
    return folded


class _Shape(NamedTuple):
    """What changes have in common that one statement carries out: the columns' names."""

    row: type[Base]
    where: tuple[str, ...]
    values: tuple[str, ...]
    first: tuple[str, ...]
    insert: tuple[str, ...] | None

    @classmethod
    def of(cls, change: Change) -> _Shape:
        insert = None if change.insert is None else tuple(change.insert)
        names = (tuple(change.where), tuple(change.values), tuple(change.first))
        return cls(change.row, *names, insert)


def carry_out(connection: Connection, numbered: Iterable[Numbered]) -> None:
    """Carry the changes out, in an order that comes to the same as theirs.

    A row that has a ``seq`` is not touched by a change of an earlier record than it knows.
    """
    waiting: dict[_Shape, list[dict[str, Any]]] = {}
    for seq, change in fold(numbered):
        alone = change.key() is None
        if alone:
            _execute(connection, waiting)
        waiting.setdefault(_Shape.of(change), []).append(_parameters(seq, change))
        if alone:
            _execute(connection, waiting)
    _execute(connection, waiting)


def _execute(connection: Connection, waiting: dict[_Shape, list[dict[str, Any]]]) -> None:
    for shape, parameters in waiting.items():
        connection.execute(_statement(shape, connection.dialect.name), parameters)
    waiting.clear()


def _table(row: type[Base]) -> Table:
    return cast("Table", row.__table__)


@cache
def _statement(shape: _Shape, dialect: str) -> Executable:
    table = _table(shape.row)
    new: dict[str, Any] = {name: _given(table, "set", name) for name in shape.values}
    for name in shape.first:
        new[name] = func.coalesce(table.c[name], _given(table, "first", name))
    newer: ColumnElement[bool] = true()
    if "seq" in table.c:
        new["seq"] = _given(table, "set", "seq")
        newer = table.c.seq < new["seq"]
    if shape.insert is None:
        matches = [table.c[name] == _given(table, "where", name) for name in shape.where]
        return update(table).where(*matches, newer).values(new)
    made = {name: _given(table, "insert", name) for name in shape.insert}
    if "seq" in table.c:
        made["seq"] = new["seq"]
    statement: sqlite.Insert | postgresql.Insert
    statement = (sqlite if dialect == "sqlite" else postgresql).insert(table).values(made)
    if not new:
        return statement.on_conflict_do_nothing()
    keys = list(table.primary_key)
    return statement.on_conflict_do_update(index_elements=keys, set_=new, where=newer)


def _given(table: Table, kind: str, name: str) -> BindParameter[Any]:
    return bindparam(f"{kind}_{name}", type_=table.c[name].type)


def _parameters(seq: int, change: Change) -> dict[str, Any]:
    widths = _widths(change.row)
    given: dict[str, Any] = {"set_seq": seq} if "seq" in _table(change.row).c else {}
    parts = (
        ("where", () if change.insert is not None else change.where.items()),
        ("set", change.values.items()),
        ("first", change.first.items()),
        ("insert", () if change.insert is None else change.insert.items()),
    )
    for kind, pairs in parts:
        for name, value in pairs:
            # What a stranger's phone may send is cut to its column's width; the journal keeps
            # the whole of it.
            width = widths.get(name)
            given[f"{kind}_{name}"] = value[:width] if width and isinstance(value, str) else value
    return given


@cache
def _widths(row: type[Base]) -> Mapping[str, int]:
    return {
        column.name: column.type.length
        for column in _table(row).c
        if isinstance(column.type, String) and column.type.length
    }
