"""Where a citizen's data can be: every text of every table, but those of staff and settings.

Nothing is listed by hand that new tables would have to be added to: what is left out is named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import JSON, ColumnElement, String, Table, Text, and_, cast, false, or_

from hotline.storage.tables import Base

# Staff, secrets, settings and the classes and places of a city; what privacy itself keeps; and the
# search index, which follows the cases.
_LEFT_OUT = frozenset({
    "users", "sessions", "case_numbers", "minimising", "privacy_requests", "retention_rules",
    "legal_holds", "duty_hours", "engine_starts", "places", "units", "case_words",
    "text_templates", "exchange_call_news",
})  # fmt: skip
# How a table names the case, or the call, that a row belongs to.
_CASE_KEYS = ("case_number",)
_CALL_KEYS = ("call_id", "origin")


@dataclass(frozen=True, slots=True)
class Holding:
    """A table with the columns that can hold what somebody said, typed or dialled."""

    table: Table

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table.name

    @property
    def texts(self) -> Sequence[ColumnElement[str]]:
        """Columns of text, without keys."""
        return [
            column
            for column in self.table.columns
            if isinstance(column.type, String | Text) and not _is_key(column)
        ]

    @property
    def documents(self) -> Sequence[ColumnElement[object]]:
        """Columns of JSON."""
        return [column for column in self.table.columns if isinstance(column.type, JSON)]

    @property
    def columns(self) -> Sequence[str]:
        """The names of both."""
        both = (*self.texts, *self.documents)
        return [column.name for column in self.table.columns if any(column is one for one in both)]

    def mentions(
        self, needles: Collection[str], but_of: Collection[str] = ()
    ) -> ColumnElement[bool]:
        """Rows in which one of these digits stands somewhere, but those of some cases."""
        columns = [*self.texts, *(cast(column, Text) for column in self.documents)]
        stands = or_(
            false(), *(column.contains(needle) for column in columns for needle in needles)
        )
        of_case = self.table.c.get("case_number")
        if of_case is None or not but_of:
            return stands
        return and_(stands, or_(of_case.is_(None), of_case.not_in(but_of)))

    def belongs(self, cases: Collection[str], calls: Collection[str]) -> ColumnElement[bool] | None:
        """Rows of these cases or calls; None when the table has neither."""
        wanted = [
            self.table.c[name].in_(keys)
            for names, keys in ((_CASE_KEYS, cases), (_CALL_KEYS, calls))
            for name in names
            if name in self.table.c and keys
        ]
        return or_(*wanted) if wanted else None


def holdings() -> Iterator[Holding]:
    """Every table that can hold a citizen's data."""
    for table in Base.metadata.sorted_tables:
        if table.name not in _LEFT_OUT and Holding(table).columns:
            yield Holding(table)


def _is_key(column: ColumnElement[object]) -> bool:
    names = (*_CASE_KEYS, *_CALL_KEYS)
    return bool(
        getattr(column, "primary_key", False)
        or getattr(column, "foreign_keys", None)
        or getattr(column, "name", "") in names
    )
