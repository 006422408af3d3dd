"""Who may be the same person as a caller: other numbers, and what speaks for it.

Nothing here is certain, and screens say so: two people share a landline, a flat and a name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.storage.database import Database
from hotline.storage.numbers import canonical, maybe_same, variants
from hotline.storage.tables import CallRow, CaseRow

MOST = 5
_LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class Alike:
    """Another number that may be the same person's.

    ``why``: ``area_code`` (the same landline, once without its area code) or ``name_and_address``.
    ``case_number`` is its newest case, empty for none; ``calls`` how often it called, None when
    that was not asked. ``at``: when it was last heard of, in Unix seconds.
    """

    why: Literal["area_code", "name_and_address"]
    number: str
    name: str
    address: str
    case_number: str
    at: float
    calls: int | None = None


class AlikeFinder:
    """Looks for them. ``area_code`` is the city's, empty for unknown.

    Raises :class:`hotline.storage.database.DatabaseUnavailable`.
    """

    def __init__(self, database: Database, area_code: str) -> None:
        self._database = database
        self._area_code = area_code

    async def find(self, number: str) -> tuple[Alike, ...]:
        """Who may be the same person as a caller, the likeliest kind first; nobody for a withheld
        number. Cases that are anonymous or confidential are left out."""
        if not canonical(number):
            return ()
        async with self._database.session() as session:
            found = await self._by_area_code(session, number)
            found += await _by_name(session, number)
        return tuple(found[:MOST])

    async def _by_area_code(self, session: AsyncSession, number: str) -> list[Alike]:
        others = maybe_same(number, self._area_code)
        if not others:
            return []
        called = select(func.count(), func.max(CallRow.arrived_at), func.max(CallRow.calling))
        calls, last, calling = (
            await session.execute(called.where(CallRow.calling.in_(others)))
        ).one()
        newest = (await session.scalars(_open_cases(CaseRow.caller_phone.in_(others), 1))).first()
        if newest is None:
            return (
                [Alike("area_code", canonical(calling), "", "", "", last, calls)] if calls else []
            )
        return [
            Alike(
                "area_code",
                canonical(newest.caller_phone),
                newest.caller_name,
                newest.address,
                newest.case_number,
                max(last or 0.0, newest.opened_at),
                calls,
            )
        ]


async def _by_name(session: AsyncSession, number: str) -> list[Alike]:
    """Other numbers that were given with the same name and the same address."""
    own = list(variants(number))
    mine = await session.scalars(_open_cases(CaseRow.caller_phone.in_(own), MOST))
    known = {(row.caller_name, _plain(row.address)) for row in mine if row.address}
    names = {name for name, _ in known if len(name) > 1}
    if not names:
        return []
    others = _open_cases(CaseRow.caller_name.in_(names), _LOOKED_AT).where(
        CaseRow.caller_phone.not_in(own), CaseRow.caller_phone != ""
    )
    same = (
        row
        for row in await session.scalars(others)
        if (row.caller_name, _plain(row.address)) in known
    )
    return list(_newest_of_each(same))


def _newest_of_each(rows: Iterable[CaseRow]) -> Iterable[Alike]:
    seen: set[str] = set()
    for row in rows:
        number = canonical(row.caller_phone)
        if number not in seen:
            seen.add(number)
            yield Alike(
                "name_and_address",
                number,
                row.caller_name,
                row.address,
                row.case_number,
                row.opened_at,
            )


def _open_cases(which: ColumnElement[bool], most: int) -> Select[CaseRow]:
    """The newest cases whose citizen may be shown."""
    shown = (CaseRow.anonymous.is_(False), CaseRow.confidential.is_(False))
    return select(CaseRow).where(which, *shown).order_by(CaseRow.opened_at.desc()).limit(most)


def _plain(address: str) -> str:
    """An address without what people write in between."""
    return "".join(one for one in address if one.isalnum())
