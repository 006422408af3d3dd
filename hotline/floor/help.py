"""Urgent help: an agent asks, every supervisor sees it at once, one of them answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline import events
from hotline.floor.model import LONGEST_TEXT, FloorFault, HelpCall, HelpOutcome, NoSuchHelp, Who
from hotline.masking import mask_number
from hotline.storage.journal import Journal
from hotline.storage.records import storable
from hotline.storage.tables import CallRow, UserRow
from hotline.storage.tables_help import HelpCallRow


class HelpDesk:
    """The calls for help. Each method raises
    :class:`hotline.storage.database.DatabaseUnavailable` when there is no database."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def open(self) -> Sequence[HelpCall]:
        """Those that wait for an answer, the oldest first."""
        query = select(HelpCallRow).where(HelpCallRow.ended_at.is_(None))
        async with self._journal.database.session() as session:
            rows = (await session.scalars(query.order_by(HelpCallRow.help_id))).all()
            return [await _shown(session, row) for row in rows]

    async def get(self, help_id: int) -> HelpCall:
        """One as it stands. Raises :class:`NoSuchHelp`."""
        async with self._journal.database.session() as session:
            row = await session.get(HelpCallRow, help_id)
            if row is None:
                raise NoSuchHelp(help_id)
            return await _shown(session, row)

    async def last_of(self, agent_id: str, since: float) -> HelpCall | None:
        """An agent's last one that is open, or ended after ``since``; None for none."""
        query = select(HelpCallRow).where(
            HelpCallRow.agent_id == agent_id,
            or_(HelpCallRow.ended_at.is_(None), HelpCallRow.ended_at > since),
        )
        async with self._journal.database.session() as session:
            rows = await session.scalars(query.order_by(HelpCallRow.help_id.desc()).limit(1))
            row = rows.one_or_none()
            return await _shown(session, row) if row else None

    async def ask(self, by: Who, call_id: str) -> HelpCall:
        """Call for help, in the middle of ``call_id`` (empty: no call). Who has called already
        is given that one."""
        async with self._journal.transaction() as tx:
            row = await _open_of(tx.session, by.user_id)
            if row is None:
                row = HelpCallRow(
                    agent_id=by.user_id,
                    call_id=call_id,
                    asked_at=tx.now,
                    seen_by="",
                    ended_by="",
                    outcome="",
                    words="",
                )
                tx.session.add(row)
                # The event names it, and flushing gives it its number.
                await tx.session.flush()
                tx.add(events.HelpAsked(row.help_id, by.user_id, call_id))
            return await _shown(tx.session, row)

    async def see(self, help_id: int, by: Who) -> HelpCall:
        """Let the agent know that somebody saw it; the first to see it is named. Raises
        :class:`NoSuchHelp` when it is over."""
        async with self._journal.transaction() as tx:
            row = await _living(tx.session, help_id)
            if row.seen_at is None:
                row.seen_by, row.seen_at = by.user_id, tx.now
                tx.add(events.HelpSeen(help_id, row.agent_id, by.user_id, by.name, row.call_id))
            return await _shown(tx.session, row)

    async def end(self, help_id: int, outcome: HelpOutcome, words: str, by: Who) -> HelpCall:
        """Answer it or put it aside, with ``words`` for the agent. Raises :class:`NoSuchHelp`
        when it is over, :class:`FloorFault`."""
        said = str(storable(words)).strip()
        if len(said) > LONGEST_TEXT:
            raise FloorFault("words", "too_long")
        async with self._journal.transaction() as tx:
            row = await _living(tx.session, help_id)
            row.ended_by, row.ended_at = by.user_id, tx.now
            row.outcome, row.words = outcome, said
            ended = (help_id, row.agent_id, outcome.value, by.user_id, by.name, said, row.call_id)
            tx.add(events.HelpEnded(*ended))
            return await _shown(tx.session, row)

    async def withdraw(self, by: Who) -> HelpCall:
        """Need no help any more. Raises :class:`NoSuchHelp` for none."""
        async with self._journal.database.session() as session:
            row = await _open_of(session, by.user_id)
        if row is None:
            raise NoSuchHelp(by.user_id)
        return await self.end(row.help_id, HelpOutcome.WITHDRAWN, "", by)


async def _open_of(session: AsyncSession, agent_id: str) -> HelpCallRow | None:
    query = select(HelpCallRow).where(
        HelpCallRow.agent_id == agent_id, HelpCallRow.ended_at.is_(None)
    )
    return (await session.scalars(query)).one_or_none()


async def _living(session: AsyncSession, help_id: int) -> HelpCallRow:
    row = await session.get(HelpCallRow, help_id)
    if row is None or row.ended_at is not None:
        raise NoSuchHelp(help_id)
    return row


async def _shown(session: AsyncSession, row: HelpCallRow) -> HelpCall:
    agent = await session.get(UserRow, row.agent_id)
    call = await session.get(CallRow, row.call_id) if row.call_id else None
    asked = HelpCall(
        row.help_id,
        row.agent_id,
        agent.name if agent else row.agent_id,
        (agent.extension or "") if agent else "",
        row.call_id,
        mask_number(call.calling) if call else "",
        row.asked_at,
    )
    if row.ended_at is not None:
        by = await _name(session, row.ended_by)
        return replace(asked, state=row.outcome, by=by, words=row.words, changed_at=row.ended_at)
    if row.seen_at is not None:
        by = await _name(session, row.seen_by)
        return replace(asked, state="seen", by=by, changed_at=row.seen_at)
    return asked


async def _name(session: AsyncSession, user_id: str) -> str:
    user = await session.get(UserRow, user_id)
    return user.name if user else user_id
