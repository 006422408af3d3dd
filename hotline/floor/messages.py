"""Messages from supervisors to an agent, a team or everybody, acknowledged and answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline import events
from hotline.floor.model import (
    LONGEST_TEXT,
    Answer,
    FloorFault,
    InboxMessage,
    NoSuchMessage,
    SentMessage,
    Who,
)
from hotline.routing.model import RoutingPlan
from hotline.storage.database import Database
from hotline.storage.journal import Journal, Transaction
from hotline.storage.records import storable
from hotline.storage.tables import UserRow
from hotline.storage.tables_help import StaffMessageRow, StaffReceiptRow

TO_ALL = "all"
ANSWER = "answer"
# Who works at a desk, and so reads messages beside it.
READERS = ("agent", "callback", "checker")
# As many as a desk shows of those that were read.
MOST_READ = 10
MOST_SENT = 50


class MessageDesk:
    """Keeps the messages. Each method raises
    :class:`hotline.storage.database.DatabaseUnavailable` when there is no database."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def send(self, to: str, text: str, plan: RoutingPlan, by: Who) -> int:
        """Send a message to ``all``, ``team:CODE`` of ``plan`` or ``agent:USER``; its number.

        Raises :class:`FloorFault` for no text, a long one, or when it reaches nobody.
        """
        said = _text(text)
        async with self._journal.transaction() as tx:
            addressees = await _addressees(tx.session, to, plan)
            if not addressees:
                raise FloorFault("to", "nobody")
            return await _write(tx, by, to, said, addressees)

    async def answer(self, message_id: int, text: str, by: Who) -> int:
        """Answer whoever sent a message, which is read by that. Raises :class:`FloorFault`,
        :class:`NoSuchMessage` for one that was not sent to them."""
        said = _text(text)
        async with self._journal.transaction() as tx:
            receipt = await _receipt(tx.session, message_id, by.user_id)
            message = await tx.session.get_one(StaffMessageRow, message_id)
            _read(tx, receipt)
            return await _write(tx, by, ANSWER, said, (message.sent_by,), answers=message_id)

    async def read(self, message_id: int, by: Who) -> None:
        """Acknowledge a message; once is enough. Raises :class:`NoSuchMessage`."""
        async with self._journal.transaction() as tx:
            _read(tx, await _receipt(tx.session, message_id, by.user_id))

    async def inbox(self, user_id: str, since: float) -> Sequence[InboxMessage]:
        """What was sent to somebody, the newest first: all that they have yet to read, and of the
        others the last ones from ``since`` on. Answers go to the board, and are left out."""
        message, receipt = StaffMessageRow, StaffReceiptRow
        query = (
            select(message, receipt.read_at, UserRow.name)
            .join(receipt, receipt.message_id == message.message_id)
            .outerjoin(UserRow, UserRow.user_id == message.sent_by)
            .where(receipt.user_id == user_id, message.sent_to != ANSWER)
            .order_by(message.message_id.desc())
        )
        unread = query.where(receipt.read_at.is_(None))
        read = query.where(receipt.read_at.is_not(None), message.sent_at >= since).limit(MOST_READ)
        async with self._journal.database.session() as session:
            rows = [*await session.execute(unread), *await session.execute(read)]
            said = await _answers(session, [row.message_id for row, _, _ in rows], user_id)
        shown = [
            InboxMessage(
                row.message_id,
                row.sent_at,
                row.sent_by,
                name or row.sent_by,
                row.text,
                read_at,
                said[row.message_id][-1].text if row.message_id in said else "",
            )
            for row, read_at, name in rows
        ]
        return sorted(shown, key=lambda one: one.message_id, reverse=True)

    async def sent(self, since: float) -> Sequence[SentMessage]:
        """What supervisors sent from ``since`` on, the newest first, with who has yet to read it
        and what was answered."""
        query = (
            select(StaffMessageRow)
            .where(StaffMessageRow.sent_to != ANSWER, StaffMessageRow.sent_at >= since)
            .order_by(StaffMessageRow.message_id.desc())
            .limit(MOST_SENT)
        )
        async with self._journal.database.session() as session:
            rows = (await session.scalars(query)).all()
            numbers = [row.message_id for row in rows]
            names = await _names(session)
            reached = await _reached(session, numbers)
            said = await _answers(session, numbers)
        return [
            SentMessage(
                row.message_id,
                row.sent_at,
                names.get(row.sent_by, row.sent_by),
                row.sent_to,
                row.text,
                len(reached.get(row.message_id, ())),
                tuple(
                    names.get(user_id, user_id)
                    for user_id, read_at in reached.get(row.message_id, ())
                    if read_at is None
                ),
                tuple(said.get(row.message_id, ())),
            )
            for row in rows
        ]


def _text(typed: str) -> str:
    said = str(storable(typed)).strip()
    if not said:
        raise FloorFault("text", "required")
    if len(said) > LONGEST_TEXT:
        raise FloorFault("text", "too_long")
    return said


async def _addressees(session: AsyncSession, to: str, plan: RoutingPlan) -> Sequence[str]:
    readers = select(UserRow.user_id).where(UserRow.active, UserRow.role.in_(READERS))
    there = sorted((await session.scalars(readers)).all())
    kind, _, name = to.partition(":")
    match kind:
        case "all":
            return there
        case "team":
            team = {agent.agent_id for agent in plan.agents if name and agent.team == name}
            return [user_id for user_id in there if user_id in team]
        case "agent":
            return [user_id for user_id in there if user_id == name]
    return []


async def _write(
    tx: Transaction,
    by: Who,
    to: str,
    text: str,
    addressees: Iterable[str],
    *,
    answers: int | None = None,
) -> int:
    message = StaffMessageRow(
        sent_by=by.user_id, sent_at=tx.now, sent_to=to, text=text, answers=answers
    )
    tx.session.add(message)
    # The receipts name it, and flushing gives it its number.
    await tx.session.flush()
    reached = tuple(addressees)
    for user_id in reached:
        tx.session.add(StaffReceiptRow(message_id=message.message_id, user_id=user_id))
    sent = (message.message_id, by.user_id, by.name, to, text, reached, answers or 0)
    tx.add(events.StaffMessageSent(*sent))
    return message.message_id


async def _receipt(session: AsyncSession, message_id: int, user_id: str) -> StaffReceiptRow:
    receipt = await session.get(StaffReceiptRow, (message_id, user_id))
    if receipt is None:
        raise NoSuchMessage(message_id)
    return receipt


def _read(tx: Transaction, receipt: StaffReceiptRow) -> None:
    if receipt.read_at is None:
        receipt.read_at = tx.now
        tx.add(events.StaffMessageRead(receipt.message_id, receipt.user_id))


async def _names(session: AsyncSession) -> dict[str, str]:
    rows = await session.execute(select(UserRow.user_id, UserRow.name))
    return {row.user_id: row.name for row in rows}


async def _reached(
    session: AsyncSession, numbers: Sequence[int]
) -> dict[int, list[tuple[str, float | None]]]:
    query = select(StaffReceiptRow).where(StaffReceiptRow.message_id.in_(numbers))
    reached: dict[int, list[tuple[str, float | None]]] = {}
    for receipt in await session.scalars(query.order_by(StaffReceiptRow.user_id)):
        reached.setdefault(receipt.message_id, []).append((receipt.user_id, receipt.read_at))
    return reached


async def _answers(
    session: AsyncSession, numbers: Sequence[int], by: str | None = None
) -> dict[int, list[Answer]]:
    """What was answered to messages, by one or by all, the oldest first."""
    message = StaffMessageRow
    query = (
        select(message, UserRow.name)
        .outerjoin(UserRow, UserRow.user_id == message.sent_by)
        .where(message.answers.in_(numbers))
        .order_by(message.message_id)
    )
    if by is not None:
        query = query.where(message.sent_by == by)
    said: dict[int, list[Answer]] = {}
    for row, name in await session.execute(query):
        answer = Answer(row.sent_at, name or row.sent_by, row.text)
        said.setdefault(row.answers or 0, []).append(answer)
    return said


async def audience(database: Database) -> Sequence[tuple[str, str]]:
    """Whom a message can be sent to alone, who has no phone last: ids and names."""
    query = select(UserRow.user_id, UserRow.name).where(UserRow.active, UserRow.role.in_(READERS))
    async with database.session() as session:
        order = (UserRow.extension.is_(None), UserRow.extension, UserRow.user_id)
        rows = await session.execute(query.order_by(*order))
        return [(row.user_id, row.name) for row in rows]
