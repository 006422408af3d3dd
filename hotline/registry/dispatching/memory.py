"""What became of each dispatch, written down as the case goes on."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.registry.companions import Companion, Taken
from hotline.registry.dispatching.model import SCOPES, History, Matter, Record
from hotline.storage.journal import Transaction
from hotline.storage.tables import CaseRow
from hotline.storage.tables_attachments import DispatchRow

_GIVEN = frozenset({"dispatch", "rule"})
_ENDS = frozenset({"void", "merge", "force_close"})
_AT_UNIT = frozenset({"to_handle", "handling"})


class DispatchMemory(Companion):
    """Keeps :class:`~hotline.storage.tables_attachments.DispatchRow` in step with the cases."""

    async def moved(self, tx: Transaction, row: CaseRow, step: Taken) -> None:
        """A dispatch begins, or is known to have been right or wrong."""
        known = list(await tx.session.scalars(_of_case(row.case_number)))
        waiting = [one for one in known if one.outcome == "open"]
        if step.action in _GIVEN:
            self._given(tx, row, step, known)
        elif step.action == "feedback":
            _end(waiting, "handled", tx.now, step.why)
        elif step.action == "send_back" and step.source in _AT_UNIT:
            _end(waiting, "returned", tx.now, step.why)
        elif step.action in _ENDS:
            _end(waiting, "withdrawn", tx.now, step.why)

    def _given(
        self, tx: Transaction, row: CaseRow, step: Taken, known: Iterable[DispatchRow]
    ) -> None:
        for one in known:
            if one.unit_id == row.unit_id:
                continue
            if one.outcome == "open":
                _end([one], "redirected", tx.now, step.why)
            if one.outcome in {"returned", "redirected"} and not one.corrected_to:
                one.corrected_to = row.unit_id
        has_it_still = any(one.outcome == "open" for one in known)
        if row.unit_id and not has_it_still:
            tx.session.add(_begun(row, step, tx.now))


async def histories(
    session: AsyncSession, matter: Matter, since: float, days: int
) -> tuple[History, ...]:
    """How dispatches of the matter's class since an instant ended: in its street, in its
    district, in the city; places that are unknown are left out."""
    found = []
    for scope in SCOPES:
        place = "" if scope == "city" else getattr(matter, scope)
        if scope != "city" and not place:
            continue
        query = (
            select(
                DispatchRow.unit_id,
                DispatchRow.outcome,
                DispatchRow.corrected_to,
                func.count().label("times"),
            )
            .where(DispatchRow.category == matter.category, DispatchRow.dispatched_at >= since)
            .group_by(DispatchRow.unit_id, DispatchRow.outcome, DispatchRow.corrected_to)
        )
        if place:
            query = query.where(getattr(DispatchRow, scope) == place)
        rows = [(unit, end, to, n) for unit, end, to, n in await session.execute(query)]
        found.append(History(scope, days, tuple(_records(rows))))
    return tuple(found)


def _records(rows: Iterable[tuple[str, str, str, int]]) -> Iterable[Record]:
    counts: dict[str, dict[str, int]] = {}
    corrected: dict[str, dict[str, int]] = {}
    for unit_id, outcome, better, times in rows:
        of_unit = counts.setdefault(unit_id, {})
        of_unit[outcome] = of_unit.get(outcome, 0) + times
        if better:
            instead = corrected.setdefault(unit_id, {})
            instead[better] = instead.get(better, 0) + times
    for unit_id, of_unit in sorted(counts.items()):
        yield Record(
            unit_id,
            handled=of_unit.get("handled", 0),
            returned=of_unit.get("returned", 0),
            redirected=of_unit.get("redirected", 0),
            open=of_unit.get("open", 0),
            corrected=corrected.get(unit_id, {}),
        )


def _of_case(case_number: str) -> Select[DispatchRow]:
    return select(DispatchRow).where(DispatchRow.case_number == case_number)


def _end(rows: Iterable[DispatchRow], outcome: str, now: float, why: str) -> None:
    for row in rows:
        row.outcome, row.ended_at, row.why = outcome, now, why


def _begun(row: CaseRow, step: Taken, now: float) -> DispatchRow:
    return DispatchRow(
        case_number=row.case_number,
        category=row.category_code or "",
        street=row.street or "",
        district=row.district or "",
        unit_id=row.unit_id,
        dispatched_by=step.by,
        dispatched_at=now,
        outcome="open",
        ended_at=None,
        why="",
        corrected_to="",
    )
