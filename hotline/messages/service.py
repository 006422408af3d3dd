"""The outbox: a message is written before it is sent, sent once, and checked afterwards.

A case that was opened from a spoken report plans a message to the caller's mobile number, with
the case's number. When it is not known whether the gateway took one, the gateway is asked, and
nothing is sent again before it said that it knows nothing of it.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from dataclasses import dataclass
from typing import Protocol

import structlog
from sqlalchemy import func, select

from hotline import events
from hotline.clock import Clock
from hotline.config import Config
from hotline.masking import mask_number
from hotline.messages.gateway import (
    Accepted,
    HttpGateway,
    NotSent,
    Outcome,
    Outgoing,
    Refused,
    Unknown,
)
from hotline.storage.database import Database
from hotline.storage.journal import Journal, Transaction
from hotline.storage.numbers import canonical
from hotline.storage.records import Record
from hotline.storage.tables import CallRow
from hotline.storage.tables_messages import MessageRow

CASE_NUMBER = "case_number"
SOURCES = frozenset({"voice_report", "fallback"})
# A message about what happened longer ago would confuse; so it is when one is switched on.
FRESH_S = 3600.0
ATTEMPTS = 6
FIRST_PAUSE_S = 10.0
LONGEST_PAUSE_S = 900.0
_MOBILE = re.compile(r"1[3-9]\d{9}")

log = structlog.get_logger(__name__)


class Gateway(Protocol):
    """Who sends messages."""

    @property
    def can_check(self) -> bool:
        """Whether it can be asked what became of a message."""

    async def send(self, message: Outgoing) -> Outcome:
        """Hand a message over, once."""

    async def check(self, message_id: str) -> Outcome:
        """What became of a message."""


@dataclass(frozen=True, slots=True)
class _Step:
    """What is to be done with a message now."""

    message: Outgoing
    call_id: str
    check: bool


def mobile(number: str) -> str:
    """The mobile number that a message can be sent to; empty when it is none."""
    found = canonical(number)
    return found if _MOBILE.fullmatch(found) else ""


def pause(attempts: int) -> float:
    """How long to wait after this many attempts."""
    return float(min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 3 ** max(0, attempts - 1)))


class Outbox:
    """Plans and sends messages. Without a gateway it does nothing. ``text`` has ``{name}`` and
    ``{case_number}`` in it."""

    def __init__(
        self,
        *,
        journal: Journal,
        database: Database,
        clock: Clock,
        gateway: Gateway | None,
        text: str,
        name: str,
    ) -> None:
        self._journal = journal
        self._database = database
        self._clock = clock
        self._gateway = gateway
        self._text = text
        self._name = name
        self._planned = asyncio.Event()

    @classmethod
    def of(cls, config: Config, journal: Journal, database: Database, clock: Clock) -> Outbox:
        """The configured one."""
        messages = config.messages
        gateway = HttpGateway(
            clock, messages.url, messages.check_url, messages.secret, messages.deadline_seconds
        )
        return cls(
            journal=journal,
            database=database,
            clock=clock,
            gateway=gateway if messages.url else None,
            text=messages.text,
            name=config.hotline.name,
        )

    def reaches(self, number: str) -> bool:
        """Whether a caller of this number will be sent messages."""
        return self._gateway is not None and bool(mobile(number))

    async def run(self) -> None:
        """Plan and send for ever. Raises when the database is out of reach: begin again later."""
        if self._gateway is None:
            await asyncio.Event().wait()
            return
        after = await self._place()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow(after))
            tasks.create_task(self._deliver(self._gateway))

    # --- planning -------------------------------------------------------------------------

    async def _place(self) -> int:
        """Up to where the journal was planned from: what came while we were away is not lost."""
        async with self._database.session() as session:
            last = await session.scalar(select(func.max(MessageRow.origin_seq)))
        return self._journal.last_seq if last is None else int(last)

    async def _follow(self, after: int) -> None:
        async for record in self._journal.follow(after):
            event = record.event
            if isinstance(event, events.CaseOpened) and event.source in SOURCES:
                await self._plan(record, event)

    async def _plan(self, record: Record, opened: events.CaseOpened) -> None:
        if record.at < self._clock.now() - FRESH_S:
            return
        async with self._journal.transaction() as tx:
            known = select(MessageRow.message_id).where(
                MessageRow.kind == CASE_NUMBER, MessageRow.case_number == opened.case_number
            )
            if (await tx.session.scalar(known)) is not None:
                return
            call = await tx.session.get(CallRow, opened.call_id)
            number = mobile(call.calling) if call is not None else ""
            row = self._row(record, opened, number, tx.now)
            tx.session.add(row)
            if number:
                tx.add(_planned(row))
        self._planned.set()

    def _row(
        self, record: Record, opened: events.CaseOpened, number: str, now: float
    ) -> MessageRow:
        return MessageRow(
            message_id=uuid.uuid4().hex,
            kind=CASE_NUMBER,
            case_number=opened.case_number,
            call_id=opened.call_id,
            number=number,
            text=self._text.format(name=self._name, case_number=opened.case_number),
            state="due" if number else "skipped",
            attempts=0,
            created_at=now,
            due_at=now,
            origin_seq=record.seq,
        )

    # --- sending --------------------------------------------------------------------------

    async def _deliver(self, gateway: Gateway) -> None:
        await self._mark_interrupted()
        while True:
            self._planned.clear()
            step = await self._next_step()
            if step is None:
                await self._rest()
                continue
            outcome = await (
                gateway.check(step.message.message_id) if step.check else gateway.send(step.message)
            )
            await self._conclude(step, outcome, gateway)

    async def _mark_interrupted(self) -> None:
        """Those that were being sent when we ended may have been sent."""
        async with self._journal.transaction() as tx:
            found = select(MessageRow).where(MessageRow.state == "sending")
            for row in await tx.session.scalars(found):
                row.state, row.fault = "unsure", "interrupted while it was sent"

    async def _next_step(self) -> _Step | None:
        """The message that is due first; written down as being sent before it is."""
        async with self._journal.transaction() as tx:
            found = (
                select(MessageRow)
                .where(MessageRow.state.in_(("due", "unsure")), MessageRow.due_at <= tx.now)
                .order_by(MessageRow.due_at)
                .limit(1)
            )
            row = (await tx.session.scalars(found)).first()
            if row is None:
                return None
            check = row.state == "unsure"
            if not check:
                row.state = "sending"
                row.attempts += 1
            message = Outgoing(row.message_id, row.number, row.text, row.kind, row.case_number)
            return _Step(message, row.call_id, check)

    async def _rest(self) -> None:
        async with self._database.session() as session:
            due = await session.scalar(
                select(func.min(MessageRow.due_at)).where(MessageRow.state.in_(("due", "unsure")))
            )
        wait = LONGEST_PAUSE_S if due is None else max(0.0, due - self._clock.now())
        timer = self._clock.call_later(wait, self._planned.set)
        try:
            await self._planned.wait()
        finally:
            timer.cancel()

    async def _conclude(self, step: _Step, outcome: Outcome, gateway: Gateway) -> None:
        async with self._journal.transaction() as tx:
            row = await tx.session.get(MessageRow, step.message.message_id)
            if row is None:
                return
            match outcome:
                case Accepted(gateway_id=gateway_id):
                    row.state, row.sent_at, row.gateway_id = "sent", tx.now, gateway_id or None
                    row.fault = None
                    tx.add(events.MessageSent(row.call_id, row.case_number, row.message_id))
                case Refused(why=why):
                    _fail(tx, row, "refused", why)
                case NotSent(why=why):
                    _again(tx, row, "due", why)
                case Unknown(why=why) if gateway.can_check:
                    row.attempts += step.check
                    _again(tx, row, "unsure", why)
                case Unknown(why=why):
                    # Sent twice is worse than not sent: the case's number was told by voice.
                    _fail(tx, row, "given_up", f"nobody can tell whether it was sent: {why}")
            state = row.state
        log.info("messages.step", to=mask_number(step.message.number), state=state)


def _again(tx: Transaction, row: MessageRow, state: str, why: str) -> None:
    if row.attempts >= ATTEMPTS:
        _fail(tx, row, "given_up", why)
        return
    row.state, row.fault, row.due_at = state, why, tx.now + pause(row.attempts)


def _fail(tx: Transaction, row: MessageRow, state: str, why: str) -> None:
    row.state, row.fault = state, why
    tx.add(events.MessageFailed(row.call_id, row.case_number, row.message_id, state, why))


def _planned(row: MessageRow) -> events.MessagePlanned:
    return events.MessagePlanned(row.call_id, row.case_number, row.message_id, row.kind)
