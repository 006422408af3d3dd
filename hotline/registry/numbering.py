"""Case numbers: the city's day and a count within it, each given out once."""

from __future__ import annotations

from datetime import tzinfo

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.clock import local
from hotline.storage.tables import CaseNumberRow


async def next_number(session: AsyncSession, now: float, zone: tzinfo) -> str:
    """The next number of the day that ``now`` belongs to, for example ``2026112000001``.

    A transaction that is rolled back gives its number back.
    """
    day = f"{local(now, zone):%Y%m%d}"
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = (
        dialect.insert(CaseNumberRow)
        .values(day=day, last=1)
        .on_conflict_do_update(index_elements=["day"], set_={"last": CaseNumberRow.last + 1})
        .returning(CaseNumberRow.last)
    )
    last = (await session.scalars(statement)).one()
    return f"{day}{last:05d}"
