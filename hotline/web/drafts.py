"""What an agent has typed into a call's form and not yet saved: it survives F5 and crashes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.clock import Clock
from hotline.storage.database import Database
from hotline.storage.records import storable
from hotline.storage.tables import CallRow, DraftRow, JournalRow

# The desk shows as many unfinished forms; older ones stay in the table.
MOST_SHOWN = 8


@dataclass(frozen=True, slots=True)
class DayOfAgent:
    """An agent's day so far: talks that ended, and their seconds together."""

    talks: int
    talk_s: float


class Drafts:
    """Keeps drafts, and knows whose calls are whose."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def save(self, call_id: str, user_id: str, form: Mapping[str, object]) -> bool:
        """Keep ``form``; False when the call was never offered to this agent."""
        async with self._database.writing() as session:
            if not await _was_offered(session, call_id, user_id):
                return False
            await session.merge(
                DraftRow(
                    call_id=call_id,
                    user_id=user_id,
                    form=storable(dict(form)),
                    saved_at=self._clock.now(),
                )
            )
        return True

    async def discard(self, call_id: str, user_id: str) -> None:
        """Forget a draft; harmless when there is none."""
        async with self._database.writing() as session:
            row = await session.get(DraftRow, (call_id, user_id))
            if row is not None:
                await session.delete(row)

    async def unfinished(self, user_id: str) -> list[str]:
        """The calls that have a draft of this agent, the newest first."""
        query = (
            select(DraftRow.call_id)
            .where(DraftRow.user_id == user_id)
            .order_by(DraftRow.saved_at.desc())
            .limit(MOST_SHOWN)
        )
        async with self._database.session() as session:
            return list(await session.scalars(query))

    async def day_of(self, agent_id: str, since: float) -> DayOfAgent:
        """The agent's talks that were answered from ``since`` on and are over."""
        talk_s = CallRow.talk_ended_at - CallRow.answered_at
        query = select(func.count(), func.sum(talk_s)).where(
            CallRow.agent_id == agent_id,
            CallRow.arrived_at >= since - 86_400,
            CallRow.answered_at >= since,
            CallRow.talk_ended_at.is_not(None),
        )
        async with self._database.session() as session:
            talks, seconds = (await session.execute(query)).one()
        return DayOfAgent(talks, seconds or 0.0)


async def _was_offered(session: AsyncSession, call_id: str, agent_id: str) -> bool:
    query = select(JournalRow.seq).where(
        JournalRow.call_id == call_id,
        JournalRow.agent_id == agent_id,
        JournalRow.kind == "CallOffered",
    )
    return (await session.execute(query.limit(1))).first() is not None
