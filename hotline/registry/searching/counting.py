"""How many cases stand in each state, kept rather than counted."""

from __future__ import annotations

from sqlalchemy import delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.storage.tables import CaseRow
from hotline.storage.tables_search import CaseCountRow


async def shift(session: AsyncSession, state: str, by: int) -> None:
    """Count ``by`` more cases in a state."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    made = dialect.insert(CaseCountRow).values(state=state, cases=by)
    await session.execute(
        made.on_conflict_do_update(
            index_elements=["state"], set_={"cases": CaseCountRow.cases + by}
        )
    )


async def counts(session: AsyncSession) -> dict[str, int]:
    """How many cases stand in each state; states without any are left out."""
    query = select(CaseCountRow.state, CaseCountRow.cases).where(CaseCountRow.cases > 0)
    return dict((await session.execute(query)).all())


async def recount(session: AsyncSession) -> None:
    """Count all cases anew."""
    await session.execute(delete(CaseCountRow))
    counted = select(CaseRow.state, func.count()).group_by(CaseRow.state)
    await session.execute(insert(CaseCountRow).from_select(["state", "cases"], counted))
