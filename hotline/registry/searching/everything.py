"""Searching over cases as one types: a number first, then the newest that hold the words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

from sqlalchemy import exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.registry import listing
from hotline.registry.model import Case
from hotline.registry.searching import index
from hotline.storage.database import Database
from hotline.storage.numbers import canonical, variants
from hotline.storage.records import storable
from hotline.storage.tables import CallRow, CaseRow
from hotline.storage.tables_life import CasePartRow

# Among so many of the newest cases that hold the words, those of one unit are looked for.
_AMONG = 10_000
_SHORTEST_PHONE = 7
_COUNT_OF_DAY = 5
_NAMELESS = {"caller_name": ""}


@dataclass(frozen=True, slots=True)
class CallHit:
    """A call of a number that was typed whole; ``case_number`` of the case from it, if any."""

    call_id: str
    calling: str
    arrived_at: float
    answered: bool
    case_number: str


class Searching:
    """Finds cases and calls. ``today`` gives the city's day as case numbers begin with it.

    Raises :class:`hotline.storage.database.DatabaseUnavailable`.
    """

    def __init__(self, database: Database, today: Callable[[], str]) -> None:
        self._database = database
        self._today = today

    async def cases(self, typed: str, limit: int, unit_id: str | None = None) -> tuple[Case, ...]:
        """The cases that fit best; only those that a unit has to do with when ``unit_id`` names
        one, none for an empty one. What a unit types is not held against who called."""
        words = storable(typed).strip()
        if not words or unit_id == "":
            return ()
        most = limit if unit_id is None else _AMONG
        async with self._database.session() as session:
            named = await self._named(session, words, most, phones=unit_id is None)
            found = await index.find(session, words, most)
            numbers = list(dict.fromkeys([*named, *found]))
            if unit_id is None:
                return await listing.rows(session, numbers[:limit])
            numbers = await _of_unit(session, numbers, unit_id)
            cases = await listing.rows(session, numbers[: 2 * limit])
        named_now = frozenset(named)
        fitting = (
            one
            for one in cases
            if one.case_number in named_now or index.holds(asdict(one) | _NAMELESS, words)
        )
        return tuple(fitting)[:limit]

    async def calls(self, typed: str, limit: int) -> tuple[CallHit, ...]:
        """The newest calls of a whole telephone number."""
        number = canonical(storable(typed)).removeprefix("+")
        if len(number) < _SHORTEST_PHONE or not number.isdecimal():
            return ()
        query = (
            select(CallRow.call_id, CallRow.calling, CallRow.arrived_at, CallRow.answered_at)
            .where(CallRow.calling.in_(variants(storable(typed))))
            .order_by(CallRow.arrived_at.desc())
            .limit(limit)
        )
        async with self._database.session() as session:
            rows = (await session.execute(query)).all()
            of_call = select(CaseRow.call_id, CaseRow.case_number).where(
                CaseRow.call_id.in_([row.call_id for row in rows])
            )
            cases = dict((await session.execute(of_call)).all())
        return tuple(
            CallHit(
                row.call_id,
                row.calling,
                row.arrived_at,
                row.answered_at is not None,
                cases.get(row.call_id, ""),
            )
            for row in rows
        )

    async def _named(
        self, session: AsyncSession, words: str, limit: int, *, phones: bool
    ) -> list[str]:
        named = await listing.named(session, words, limit, phones=phones)
        if words.isascii() and words.isdigit() and len(words) <= _COUNT_OF_DAY:
            # 17 is today's seventeenth case, as people say it.
            today = f"{self._today()}{int(words):05}"
            named = [*await listing.named(session, today, 1), *named]
        return named


async def _of_unit(session: AsyncSession, numbers: list[str], unit_id: str) -> list[str]:
    part = exists().where(
        CasePartRow.case_number == CaseRow.case_number, CasePartRow.unit_id == unit_id
    )
    query = select(CaseRow.case_number).where(
        CaseRow.case_number.in_(numbers), or_(CaseRow.unit_id == unit_id, part)
    )
    theirs = frozenset((await session.scalars(query)).all())
    return [number for number in numbers if number in theirs]
