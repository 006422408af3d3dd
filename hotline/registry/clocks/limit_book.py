"""The city's table of time limits: kept in memory, saved in the database, every change kept with
who made it, when and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from hotline import events
from hotline.registry.clocks import limit_table
from hotline.registry.clocks.limit_table import BadTable, LimitTable, RowFault, TimeLimit
from hotline.registry.clocks.model import ClockKind
from hotline.registry.model import Actor, BadForm
from hotline.storage.journal import Journal, Transaction
from hotline.storage.records import storable
from hotline.storage.tables_clocks import TimeLimitChangeRow, TimeLimitRow

WHY_LENGTH = 500
USUAL_LIMITS = (
    (ClockKind.VERIFY, "", "2工作时"),
    (ClockKind.FILE, "", "1工作时"),
    (ClockKind.DISPATCH, "", "2工作时"),
    (ClockKind.ARRIVE, "", "4工作时"),
    (ClockKind.ARRIVE, "urgent", "2紧急工作时"),
    (ClockKind.ARRIVE, "critical", "0.5紧急工作时"),
    (ClockKind.HANDLE, "", "5工作日"),
    (ClockKind.HANDLE, "urgent", "1工作日"),
    (ClockKind.HANDLE, "critical", "4紧急工作时"),
    (ClockKind.CHECK, "", "1工作日"),
    (ClockKind.CLOSE, "", "15工作日"),
    (ClockKind.CLOSE, "urgent", "5工作日"),
    (ClockKind.CLOSE, "critical", "3自然日"),
)
"""The fallback of a city that has set none: kind, urgency, limit."""


class LimitConflict(Exception):
    """Somebody else changed the row meanwhile."""


class NoSuchLimit(LookupError):
    """No row has this id."""


@dataclass(frozen=True, slots=True)
class LimitChange:
    """A row as somebody left it."""

    version: int
    limit: str
    condition_text: str
    removed: bool
    why: str
    by: str
    at: float


class LimitBook:
    """The table. Answers from memory; ``open`` it before use.

    Whatever reaches the database raises
    :class:`hotline.storage.database.DatabaseUnavailable` when there is none.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.table = LimitTable()

    async def open(self, seed: Iterable[TimeLimit] = ()) -> None:
        """Take in what is saved. A table that has never been filled gets the usual fallbacks and
        the rows of ``seed``."""
        await self._load()
        if not self.table.rows:
            await self._fill([*_fallbacks(), *seed])
            await self._load()

    # --- asked ----------------------------------------------------------------------------

    def get(self, limit_id: int) -> TimeLimit:
        """A row. Raises :class:`NoSuchLimit`."""
        for row in self.table.rows:
            if row.limit_id == limit_id:
                return row
        raise NoSuchLimit(limit_id)

    def conditions(self, standard: str | None, class_key: str | None) -> Sequence[tuple[str, str]]:
        """The filing conditions of a class, key and text; none when the table knows none."""
        return self.table.conditions(standard or "", class_key or "")

    async def history(self, limit_id: int) -> list[LimitChange]:
        """What was changed in a row, the latest first."""
        wanted = select(TimeLimitChangeRow).where(TimeLimitChangeRow.limit_id == limit_id)
        async with self._journal.database.session() as session:
            rows = await session.scalars(wanted.order_by(TimeLimitChangeRow.change_id.desc()))
            return [
                LimitChange(r.version, r.limit_text, r.condition_text, r.removed, r.why, r.by, r.at)
                for r in rows
            ]

    # --- changed --------------------------------------------------------------------------

    async def save(self, row: TimeLimit, by: Actor, why: str) -> TimeLimit:
        """Add a row (``version`` 0), or change the one with its key.

        Raises :class:`hotline.registry.model.BadForm`, :class:`LimitConflict`.
        """
        row = replace(row, condition_text=storable(row.condition_text))
        why = storable(why)
        faults = limit_table.check(row)
        if not why.strip():
            faults["why"] = "required"
        elif len(why) > WHY_LENGTH:
            faults["why"] = "too_long"
        if faults:
            raise BadForm(faults)
        async with self._journal.transaction() as tx:
            there = await _there(tx, row)
            if row.version != (there.version if there and not there.removed else 0):
                raise LimitConflict
            kept, before = _write(tx, row, there, by)
            # Flushed for its id, which the history needs.
            await tx.session.flush()
            _note(tx, kept, by, why.strip(), before)
            saved = _of(kept)
        await self._load()
        return saved

    async def remove(self, limit_id: int, version: int, by: Actor, why: str) -> None:
        """Take a row away; its history stays.

        Raises :class:`NoSuchLimit`, :class:`LimitConflict`,
        :class:`hotline.registry.model.BadForm`.
        """
        why = storable(why)
        if not why.strip() or len(why) > WHY_LENGTH:
            raise BadForm({"why": "too_long" if why.strip() else "required"})
        async with self._journal.transaction() as tx:
            row = await tx.session.get(TimeLimitRow, limit_id)
            if row is None or row.removed:
                raise NoSuchLimit(limit_id)
            if row.version != version:
                raise LimitConflict
            row.removed = True
            _stamp(tx, row, by)
            _note(tx, row, by, why.strip(), row.limit_text)
        await self._load()

    async def import_csv(self, text: str, by: Actor, why: str) -> tuple[int, int]:
        """Add and change rows by a file; how many were added and how many changed. Rows that it
        does not name stay. Nothing is taken in when one is wrong: raises :class:`BadTable`."""
        if len(why) > WHY_LENGTH:
            raise BadTable([RowFault(0, "why", "too_long")])
        why, rows = storable(why), limit_table.read_csv(storable(text))
        async with self._journal.transaction() as tx:
            known = {_of(row).key: row for row in await tx.session.scalars(select(TimeLimitRow))}
            pairs = [(known.get(row.key), row) for row in rows]
            added = sum(there is None or there.removed for there, _ in pairs)
            news = [pair for pair in pairs if pair[0] is None or _differs(pair[0], pair[1])]
            written = [_write(tx, row, there, by) for there, row in news]
            await tx.session.flush()
            for kept, before in written:
                _note(tx, kept, by, why.strip(), before)
        await self._load()
        return added, len(news) - added

    def export_csv(self) -> str:
        """The whole table as a file."""
        return limit_table.write_csv(self.table.rows)

    # --- inside ---------------------------------------------------------------------------

    async def _load(self) -> None:
        columns = TimeLimitRow
        wanted = select(columns).where(columns.removed.is_(False))
        order = (columns.class_key, columns.standard, columns.kind, columns.condition)
        async with self._journal.database.session() as session:
            rows = await session.scalars(wanted.order_by(*order, columns.urgency))
            self.table = LimitTable(tuple(_of(row) for row in rows))

    async def _fill(self, rows: Iterable[TimeLimit]) -> None:
        async with self._journal.transaction() as tx:
            if await tx.session.scalar(select(TimeLimitRow.limit_id).limit(1)) is not None:
                return
            tx.session.add_all(
                TimeLimitRow(
                    **_columns(row),
                    version=1,
                    removed=False,
                    changed_by="system",
                    changed_at=tx.now,
                )
                for row in rows
            )


def _fallbacks() -> Iterable[TimeLimit]:
    return (
        TimeLimit("", "", "", "", urgency, kind.value, limit)
        for kind, urgency, limit in USUAL_LIMITS
    )


def _write(
    tx: Transaction, row: TimeLimit, there: TimeLimitRow | None, by: Actor
) -> tuple[TimeLimitRow, str]:
    """Put the row where it belongs; the limit that stood there before."""
    before = there.limit_text if there and not there.removed else ""
    if there is None:
        there = TimeLimitRow(version=0)
        tx.session.add(there)
    for name, value in _columns(replace(row, limit=row.parsed.text())).items():
        setattr(there, name, value)
    there.removed = False
    _stamp(tx, there, by)
    return there, before


async def _there(tx: Transaction, row: TimeLimit) -> TimeLimitRow | None:
    columns = TimeLimitRow
    return (
        await tx.session.scalars(
            select(columns).where(
                columns.standard == row.standard,
                columns.class_key == row.class_key,
                columns.condition == row.condition,
                columns.urgency == row.urgency,
                columns.kind == row.kind,
            )
        )
    ).one_or_none()


def _stamp(tx: Transaction, row: TimeLimitRow, by: Actor) -> None:
    row.version += 1
    row.changed_by, row.changed_at = by.user_id, tx.now


def _note(tx: Transaction, row: TimeLimitRow, by: Actor, why: str, before: str) -> None:
    tx.session.add(
        TimeLimitChangeRow(
            limit_id=row.limit_id,
            version=row.version,
            limit_text=row.limit_text,
            condition_text=row.condition_text,
            removed=row.removed,
            why=why,
            by=by.user_id,
            at=tx.now,
        )
    )
    limit = "" if row.removed else row.limit_text
    key = (row.standard, row.class_key, row.condition, row.urgency, row.kind)
    tx.add(events.TimeLimitChanged(*key, limit, by.user_id, why, before))


def _differs(row: TimeLimitRow, wanted: TimeLimit) -> bool:
    return (
        row.removed or row.limit_text != wanted.limit or row.condition_text != wanted.condition_text
    )


def _columns(row: TimeLimit) -> dict[str, str]:
    values = {name: getattr(row, name) for name in limit_table.COLUMNS if name != "limit"}
    return values | {"limit_text": row.limit}


def _of(row: TimeLimitRow) -> TimeLimit:
    return TimeLimit(
        row.standard,
        row.class_key,
        row.condition,
        row.condition_text,
        row.urgency,
        row.kind,
        row.limit_text,
        row.limit_id,
        row.version,
    )
