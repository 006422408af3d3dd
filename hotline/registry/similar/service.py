"""Similar cases looked for, and cases linked, merged and split."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, or_, select

from hotline.clock import Clock
from hotline.registry import forms
from hotline.registry.forms import CaseForm
from hotline.registry.life.model import FINAL, Action, Inputs
from hotline.registry.model import Actor, BadForm, Case, CaseConflict, NoSuchCase, NotAllowed
from hotline.registry.service import CaseRegistry
from hotline.registry.similar import finding
from hotline.registry.similar.engine import clusters, compare, look_of
from hotline.registry.similar.linking import undo_link, write_link
from hotline.registry.similar.model import Link, Look, Matter, Relation, Rules, Similar
from hotline.storage.journal import Journal, Transaction
from hotline.storage.tables import CaseRow
from hotline.storage.tables_places import CaseLinkRow

LINKING_ROLES = frozenset({"agent", "dispatcher", "supervisor"})
_MATTERS_HOLD_S = 10.0


class MatterDesk:
    """Finds and joins cases about the same matter.

    Whatever reaches the database raises
    :class:`hotline.storage.database.DatabaseUnavailable` when there is none.
    """

    def __init__(
        self, journal: Journal, registry: CaseRegistry, clock: Clock, rules: Rules
    ) -> None:
        self._journal = journal
        self._registry = registry
        self._clock = clock
        self.rules = rules
        self._matters: list[Matter] = []
        self._matters_until = float("-inf")

    # --- asked ----------------------------------------------------------------------------

    async def similar(self, look: Look, but: str = "") -> list[Similar]:
        """Cases that may be the same matter, the likeliest first; without the case ``but``."""
        rows = await self._journal.database.read(
            lambda session: finding.alike(session, look, self.rules, but)
        )
        return await self.likeliest(look, rows)

    async def likeliest(self, look: Look, rows: Sequence[Any]) -> list[Similar]:
        """Those of the rows that :func:`finding.alike` found, the likeliest first."""
        if not rows:
            return []
        # Hundreds of texts are compared: not while calls wait.
        return await asyncio.to_thread(finding.likeliest, look, rows, self.rules)

    async def similar_to(self, case: Case) -> list[Similar]:
        """Cases that may be the same matter as this one."""
        return await self.similar(look_of(case), but=case.case_number)

    async def links(self, case_number: str) -> list[Link]:
        """The links of a case that stand, the oldest first."""
        return await self._journal.database.read(
            lambda session: finding.links(session, case_number)
        )

    async def matters(self) -> list[Matter]:
        """Open cases that should be one matter: of one class at one place, and as many as the
        rules call many. The one with most reports first. Looked for every few seconds only."""
        now = self._clock.now()
        if not self._matters_until > now:
            self._matters, self._matters_until = await self._many(), now + _MATTERS_HOLD_S
        return self._matters

    async def _many(self) -> list[Matter]:
        query = (
            select(*finding.LOOK)
            .where(
                CaseRow.opened_at > self._clock.now() - self.rules.seconds,
                CaseRow.state.not_in(FINAL),
                CaseRow.category_code.is_not(None),
            )
            .order_by(CaseRow.opened_at.desc())
            .limit(finding.MOST_LOOKED_AT)
        )
        async with self._journal.database.session() as session:
            rows = {row.case_number: row for row in (await session.execute(query)).all()}
        looks = {number: look_of(row) for number, row in rows.items()}
        joined = await asyncio.to_thread(clusters, looks, self.rules)
        found = [_matter([rows[number] for number in one]) for one in joined]
        many = [one for one in found if one.reports >= self.rules.many]
        return sorted(many, key=lambda one: (-one.reports, one.main))

    # --- changed --------------------------------------------------------------------------

    async def link(
        self, case_number: str, other: str, relation: Relation, by: Actor, why: str = ""
    ) -> None:
        """Mark two cases as duplicates, or as related; each goes on by itself.

        Raises :class:`NoSuchCase`, :class:`NotAllowed`, :class:`BadForm`.
        """
        _check_role(by)
        if relation not in {Relation.DUPLICATE, Relation.RELATED} or case_number == other:
            raise BadForm({"other": forms.WRONG})
        why = forms.read_why(why)
        async with self._journal.transaction() as tx:
            one, two = await _case(tx, case_number), await _case(tx, other)
            if await _standing(tx, case_number, other, relation) is not None:
                return
            evidence = compare(look_of(one), look_of(two), self.rules)
            pair = case_number, other
            write_link(tx, pair, relation, by.user_id, why, evidence=evidence)

    async def unlink(self, case_number: str, other: str, by: Actor, why: str = "") -> None:
        """Take a mark back. Merged cases are split instead. Raises :class:`NotAllowed`."""
        _check_role(by)
        why = forms.read_why(why)
        async with self._journal.transaction() as tx:
            for relation in (Relation.DUPLICATE, Relation.RELATED):
                standing = await _standing(tx, case_number, other, relation)
                if standing is not None:
                    undo_link(tx, standing, by.user_id, why)

    async def merge(
        self, case_number: str, into: str, by: Actor, why: str = "", *, version: int
    ) -> Case:
        """Let a case live on in another one. Its citizen is told with that case's.

        Raises :class:`NoSuchCase`, :class:`NotAllowed`, :class:`CaseConflict`,
        :class:`BadForm`.
        """
        merged = await self._registry.move(
            case_number, Action.MERGE, by, why, version=version, inputs=Inputs(into=into)
        )
        self._matters_until = float("-inf")
        return merged

    async def merge_all(
        self, into: str, case_numbers: Sequence[str], by: Actor, why: str = ""
    ) -> int:
        """Merge several cases into one, all or none; how many.

        Raises as :meth:`merge` does.
        """
        async with self._journal.transaction() as tx:
            for number in dict.fromkeys(case_numbers):
                row = await _case(tx, number)
                given = Inputs(into=into)
                await self._registry.move_in(tx, row, Action.MERGE, by, why, inputs=given)
        self._matters_until = float("-inf")
        return len(set(case_numbers))

    async def split(self, case_number: str, by: Actor, why: str, *, version: int) -> Case:
        """Undo a merging: the case goes on where it was.

        Raises :class:`NoSuchCase`, :class:`NotAllowed`, :class:`CaseConflict`,
        :class:`BadForm`.
        """
        return await self._registry.move(case_number, Action.SPLIT, by, why, version=version)

    async def split_off(
        self, case_number: str, form: CaseForm, by: Actor, why: str = "", *, version: int
    ) -> Case:
        """Make a second case of a report with two matters; the citizen is told of both.

        ``form`` is what the second one says; what it leaves out of the citizen comes from the
        first. Raises :class:`NoSuchCase`, :class:`NotAllowed`, :class:`CaseConflict`,
        :class:`BadForm`.
        """
        _check_role(by)
        why = forms.read_why(why)
        async with self._journal.transaction() as tx:
            row = await _case(tx, case_number)
            if row.version != version:
                raise CaseConflict(Case.of(row))
            same = {
                "caller_name": row.caller_name,
                "caller_phone": form.caller_phone or row.caller_phone,
                "anonymous": row.anonymous,
                "confidential": row.confidential,
            }
            new = await self._registry.open_in(
                tx, form.model_copy(update=same), source=row.source, by=by
            )
            pair = new.case_number, case_number
            write_link(tx, pair, Relation.SPLIT, by.user_id, why)
            return Case.of(new)


def _matter(rows: Sequence[Any]) -> Matter:
    main = rows[0]
    return Matter(
        main=main.case_number,
        cases=tuple(row.case_number for row in rows),
        reports=sum(row.reports for row in rows),
        category_name=main.category_name or "",
        address=next((row.address for row in rows if row.address), ""),
        grid=next((row.grid for row in rows if row.grid), ""),
    )


def _check_role(by: Actor) -> None:
    if by.role not in LINKING_ROLES:
        raise NotAllowed("case.not_your_role")


async def _case(tx: Transaction, case_number: str) -> CaseRow:
    row = await tx.session.get(CaseRow, case_number)
    if row is None:
        raise NoSuchCase(case_number)
    return row


async def _standing(
    tx: Transaction, one: str, other: str, relation: Relation
) -> CaseLinkRow | None:
    pairs = or_(
        and_(CaseLinkRow.case_number == one, CaseLinkRow.other == other),
        and_(CaseLinkRow.case_number == other, CaseLinkRow.other == one),
    )
    query = select(CaseLinkRow).where(
        pairs, CaseLinkRow.relation == relation.value, CaseLinkRow.undone_at.is_(None)
    )
    return (await tx.session.scalars(query)).first()
