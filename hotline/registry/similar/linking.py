"""Links between cases as they are written, and what merging means for a case's life.

A merged case stands still (its state is ``void``, its ``merged_into`` names the main case) and
its citizen is told with the main case's: when that is closed, each merged case gets its own
callback; when that is opened again, those not made yet are withdrawn.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline import events
from hotline.registry.amending import amend
from hotline.registry.companions import Companion, Taken
from hotline.registry.life.model import FINAL, Action, State
from hotline.registry.model import Aftercare, BadForm, NotAllowed, Progress
from hotline.registry.similar.engine import compare, look_of
from hotline.registry.similar.model import OTHER_SIDE, Evidence, Relation, Rules
from hotline.storage.journal import Transaction
from hotline.storage.tables import CaseRow
from hotline.storage.tables_places import CaseLinkRow

INTO_CLOSED = "form.into_closed"
INTO_MERGED = "form.into_merged"
HAS_MERGED = "case.has_merged"
_DEEPEST = 50


async def root_of(session: AsyncSession, row: CaseRow) -> CaseRow:
    """The case in which a merged one lives on; itself for one that is not merged."""
    # Merging makes no circles; the bound is for rows that something else has written.
    for _ in range(_DEEPEST):
        above = await session.get(CaseRow, row.merged_into) if row.merged_into else None
        if above is None:
            break
        row = above
    return row


async def progress_of(session: AsyncSession, row: CaseRow) -> Progress:
    """How far a citizen's matter is: a merged case is as far as the one it was merged into."""
    main = await root_of(session, row)
    found = Progress.of(main)
    return replace(found, case_number=row.case_number, opened_at=row.opened_at)


async def merged_below(tx: Transaction, row: CaseRow) -> list[CaseRow]:
    """Every case that was merged into this one, or into one that was."""
    found: dict[str, CaseRow] = {}
    layer = [row.case_number]
    while layer:
        query = select(CaseRow).where(CaseRow.merged_into.in_(layer)).order_by(CaseRow.case_number)
        rows = [one for one in await tx.session.scalars(query) if one.case_number not in found]
        found |= {one.case_number: one for one in rows}
        layer = [one.case_number for one in rows]
    found.pop(row.case_number, None)
    return list(found.values())


def write_link(
    tx: Transaction,
    pair: tuple[str, str],
    relation: Relation,
    by: str,
    why: str,
    *,
    evidence: Evidence | None = None,
) -> None:
    """Link two cases, and tell it of both."""
    number, other = pair
    kept = evidence.data() if evidence else {}
    tx.session.add(
        CaseLinkRow(
            case_number=number,
            other=other,
            relation=relation.value,
            why=why,
            evidence=kept,
            by=by,
            at=tx.now,
        )
    )
    tx.add(events.CaseLinked(number, other, relation.value, by, why, kept))
    tx.add(events.CaseLinked(other, number, OTHER_SIDE[relation], by, why, kept))


def undo_link(tx: Transaction, link: CaseLinkRow, by: str, why: str) -> None:
    """Undo a link, and tell it of both."""
    link.undone_by, link.undone_at, link.undone_why = by, tx.now, why
    tx.add(events.CaseUnlinked(link.case_number, link.other, link.relation, by, why))
    other_side = OTHER_SIDE[link.relation]
    tx.add(events.CaseUnlinked(link.other, link.case_number, other_side, by, why))


class MatterKeeper(Companion):
    """Keeps merged cases together, whoever takes the step."""

    def __init__(self, aftercare: Aftercare, rules: Rules) -> None:
        self._aftercare = aftercare
        self._rules = rules

    async def moved(self, tx: Transaction, row: CaseRow, step: Taken) -> None:
        """As :meth:`Companion.moved`. Raises :class:`BadForm` and :class:`NotAllowed` for what
        would lose a citizen."""
        if step.action == Action.MERGE:
            await self._merged(tx, row, step)
        elif step.action == Action.SPLIT:
            await self._split(tx, row, step)
        elif step.target in {State.VOID, State.NOT_FILED} and step.target != step.source:
            if await merged_below(tx, row):
                raise NotAllowed(HAS_MERGED)
        elif step.target == State.CLOSED != step.source:
            for one in await merged_below(tx, row):
                await self._aftercare.closed(tx, one)
        elif step.source == State.CLOSED != step.target:
            for one in await merged_below(tx, row):
                await self._aftercare.reopened(tx, one)

    async def _merged(self, tx: Transaction, row: CaseRow, step: Taken) -> None:
        main = await tx.session.get(CaseRow, row.merged_into)
        if main is None or main is row:
            raise BadForm({"into": INTO_MERGED})
        # Only into a case that lives by itself: no circle can come of it.
        if main.merged_into:
            raise BadForm({"into": INTO_MERGED})
        if main.state in FINAL:
            raise BadForm({"into": INTO_CLOSED})
        await amend(tx, main, {"reports": main.reports + row.reports})
        pair = row.case_number, main.case_number
        evidence = compare(look_of(row), look_of(main), self._rules)
        write_link(tx, pair, Relation.MERGED, step.by, step.why, evidence=evidence)

    async def _split(self, tx: Transaction, row: CaseRow, step: Taken) -> None:
        query = (
            select(CaseLinkRow)
            .where(
                CaseLinkRow.case_number == row.case_number,
                CaseLinkRow.relation == Relation.MERGED.value,
                CaseLinkRow.undone_at.is_(None),
            )
            .order_by(CaseLinkRow.link_id.desc())
        )
        link = (await tx.session.scalars(query)).first()
        if link is None:
            return
        # Whatever the other one was merged into itself counted this one too.
        above = await tx.session.get(CaseRow, link.other)
        while above is not None:
            await amend(tx, above, {"reports": max(1, above.reports - row.reports)})
            above = await tx.session.get(CaseRow, above.merged_into) if above.merged_into else None
        undo_link(tx, link, step.by, step.why)
