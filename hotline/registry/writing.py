"""Cases as they are written: opened and edited, each with its event, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from hotline import events
from hotline.registry.amending import apply
from hotline.registry.companions import Companion
from hotline.registry.model import Actor
from hotline.registry.numbering import next_number
from hotline.registry.personal import referred
from hotline.storage.journal import Transaction
from hotline.storage.tables import CaseRow

COLUMNS = tuple(column.name for column in CaseRow.__table__.columns)
# Told by the event itself, or by when it was written.
_TOLD_ANYWAY = frozenset({"case_number", "state", "version", "opened_at", "changed_at"})


class CaseWriter:
    """Writes cases; the companions hear of it."""

    def __init__(self, zone: tzinfo, companions: Sequence[Companion]) -> None:
        self._zone = zone
        self._companions = tuple(companions)

    async def open(self, tx: Transaction, by: Actor, **values: Any) -> CaseRow:
        """A new case with these columns."""
        number = await next_number(tx.session, tx.now, self._zone)
        stamps = {"opened_at": tx.now, "changed_at": tx.now}
        people = {"opened_by": by.user_id, "changed_by": by.user_id}
        values = await self._with_derived(tx, values, frozenset(values))
        row = CaseRow(case_number=number, **values, **stamps, **people)
        tx.session.add(row)
        # Flushed for the columns' defaults, which the answer shows.
        await tx.session.flush()
        said = {name: getattr(row, name) for name in COLUMNS if name not in _TOLD_ANYWAY}
        kept = await referred(tx, number, {n: v for n, v in said.items() if v != blank(n)})
        call_id = row.call_id or ""
        tx.add(events.CaseOpened(number, call_id, row.source, row.state, by.user_id, kept))
        for companion in self._companions:
            await companion.opened(tx, row)
        return row

    async def change(
        self, tx: Transaction, row: CaseRow, values: Mapping[str, Any], by: Actor
    ) -> None:
        """Set columns; nothing happens when all of them stand so already."""
        set_now = frozenset(name for name in values if getattr(row, name) != values[name])
        if not set_now:
            return
        before, after = apply(row, await self._with_derived(tx, values, set_now, row))
        touch(row, by, tx.now)
        number = row.case_number
        kept, now = await referred(tx, number, before), await referred(tx, number, after)
        tx.add(events.CaseEdited(number, by.user_id, tuple(before), kept, now, row.version))
        await self.tell_changed(tx, row, before)

    async def tell_changed(self, tx: Transaction, row: CaseRow, before: Mapping[str, Any]) -> None:
        """Let the companions know of columns that changed."""
        for companion in self._companions:
            await companion.changed(tx, row, before)

    async def _with_derived(
        self,
        tx: Transaction,
        values: Mapping[str, Any],
        changed: frozenset[str],
        row: CaseRow | None = None,
    ) -> dict[str, Any]:
        """The values with what the companions derive from them."""
        stands = {} if row is None else {name: getattr(row, name) for name in COLUMNS}
        given = {name: values[name] for name in changed}
        found = dict(given)
        for companion in self._companions:
            found |= await companion.derived(tx, stands | found, changed)
            found |= given
        return found


def touch(row: CaseRow, by: Actor, now: float) -> None:
    """Count a change that others must not overwrite unseen."""
    row.version += 1
    row.changed_by = by.user_id
    row.changed_at = now


def blank(name: str) -> Any:
    """What stands in a column of which nothing was said."""
    default = CaseRow.__table__.columns[name].default
    return None if default is None else default.arg
