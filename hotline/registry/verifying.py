"""Verifications between calls: which spoken reports somebody has yet to listen to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline import events
from hotline.calls.model import DueTask
from hotline.calls.tasks import VERIFICATION, task_id_of
from hotline.masking import mask_number
from hotline.registry.lifecycle import State
from hotline.registry.model import Case
from hotline.storage.database import Database
from hotline.storage.numbers import variants
from hotline.storage.records import storable
from hotline.storage.tables import CaseRow, ReportRow


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case to verify, in a list. ``seconds`` is how long its report is, None where nothing was
    recorded; ``heard`` is where the report's text stands (:class:`ReportRow`), empty for none."""

    case: Case
    seconds: float | None
    heard: str


async def waiting(
    database: Database, words: str, *, offset: int, limit: int
) -> tuple[Sequence[Waiting], int]:
    """The cases to verify, the oldest first, and how many there are. ``words`` are looked for in
    their numbers, places and descriptions, and as a whole telephone number.

    Raises :class:`hotline.storage.database.DatabaseUnavailable`.
    """
    conditions = list(_conditions(str(storable(words)).strip()))
    query = (
        select(CaseRow, ReportRow.seconds, ReportRow.state)
        .outerjoin(ReportRow, ReportRow.report_id == CaseRow.report_id)
        .where(*conditions)
        .order_by(CaseRow.opened_at, CaseRow.case_number)
        .offset(offset)
        .limit(limit)
    )
    count = select(func.count()).select_from(CaseRow).where(*conditions)
    async with database.session() as session:
        total = await session.scalar(count)
        rows = (await session.execute(query)).all()
    return [Waiting(Case.of(row), seconds, heard or "") for row, seconds, heard in rows], total or 0


def _conditions(words: str) -> Iterator[ColumnElement[bool]]:
    yield CaseRow.state == State.TO_VERIFY
    if words:
        searched = (CaseRow.case_number, CaseRow.address, CaseRow.description)
        holds = [column.icontains(words, autoescape=True) for column in searched]
        yield or_(*holds, CaseRow.caller_phone.in_(variants(words)))


class VerificationWork:
    """Cases to verify, as :class:`hotline.calls.blending.Work`. Whoever takes it out of that state,
    from wherever, has done it."""

    kind = VERIFICATION
    kinds: frozenset[type[events.Event]] = frozenset((events.CaseOpened, events.CaseMoved))

    def is_news(self, event: events.Event) -> bool:
        """A case became one to verify, or is one no more."""
        match event:
            case events.CaseOpened(state=State.TO_VERIFY):
                return True
            case _:
                return self.ended(event) is not None

    def ended(self, event: events.Event) -> str | None:
        """The case was verified, rejected or voided."""
        match event:
            case events.CaseMoved(case_number=number, from_state=State.TO_VERIFY):
                return task_id_of(VERIFICATION, number)
            case _:
                return None

    async def due(self, session: AsyncSession, now: float, most: int) -> Sequence[DueTask]:
        """Every case to verify, with how long its report is."""
        case = CaseRow
        query = (
            select(
                case.case_number,
                case.opened_at,
                case.caller_name,
                case.caller_phone,
                ReportRow.seconds,
            )
            .outerjoin(ReportRow, ReportRow.report_id == case.report_id)
            .where(case.state == State.TO_VERIFY)
            .order_by(case.opened_at, case.case_number)
            .limit(most)
        )
        return [
            DueTask(task_id_of(VERIFICATION, number), since, name or mask_number(phone), seconds)
            for number, since, name, phone, seconds in await session.execute(query)
        ]

    async def is_over(self, session: AsyncSession, number: str, *, done_only: bool) -> bool:
        """The case is not to be verified any more."""
        case = await session.get_one(CaseRow, number)
        return case.state != State.TO_VERIFY
