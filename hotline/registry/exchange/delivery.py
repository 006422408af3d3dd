"""Messages on their way: each case's in order, many cases at once, until the peer has them.

What is due stands in the outbox and nowhere else. A message is marked as sent after the peer
took it, so a controller that dies between the two sends it again under the same idempotency key.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

import structlog
from sqlalchemy import Connection, bindparam, func, select, update

from hotline import events
from hotline.clock import Clock
from hotline.registry.exchange import signing
from hotline.registry.exchange.model import Peer
from hotline.registry.exchange.outbox import event_id, rendered
from hotline.registry.exchange.pacing import Breaker, pause
from hotline.registry.exchange.peers import PeerDesk
from hotline.registry.exchange.sending import Answer, Delivery, Sender
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.storage.tables_exchange import OutMessageRow, OutStreamRow

log = structlog.get_logger(__name__)

# Another process (an import) writes without telling us.
_LOOK_EVERY_S = 5.0
_TOLD = frozenset({events.CaseOpened, events.CaseEdited, events.CaseMoved})

_MESSAGE = (
    update(OutMessageRow)
    .where(OutMessageRow.message_id == bindparam("key"), OutMessageRow.state == "due")
    .values(
        state=bindparam("new_state"),
        attempts=bindparam("new_attempts"),
        due_at=bindparam("new_due_at"),
        tried_at=bindparam("now"),
        status=bindparam("new_status"),
        answer=bindparam("new_answer"),
        body=bindparam("new_body"),
        ended_at=bindparam("new_ended_at"),
    )
)
_STREAM = (
    update(OutStreamRow)
    .where(OutStreamRow.peer_id == bindparam("peer"), OutStreamRow.case_number == bindparam("case"))
    .where(OutStreamRow.done == bindparam("place") - 1)
    .values(done=bindparam("place"))
)
_NEXT = (
    update(OutMessageRow)
    .where(
        OutMessageRow.peer_id == bindparam("peer"),
        OutMessageRow.case_number == bindparam("case"),
        OutMessageRow.number == bindparam("place") + 1,
        OutMessageRow.state == "waiting",
    )
    .values(state="due", due_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class _Due:
    """A message to be sent now."""

    message_id: int
    peer: Peer
    case_number: str
    number: int
    attempts: int
    content: Mapping[str, Any]
    body: str | None


@dataclass(slots=True)
class _Lane:
    """What is on its way to one peer."""

    breaker: Breaker = field(default_factory=Breaker)
    flying: set[int] = field(default_factory=set)


class Courier:
    """Delivers the outbox. ``sent`` counts the answers by peer and kind (taken, refused, failed)
    since the start."""

    def __init__(
        self,
        *,
        journal: Journal,
        clock: Clock,
        zone: tzinfo,
        peers: PeerDesk,
        sender: Sender,
        dice: random.Random,
    ) -> None:
        self._journal = journal
        self._database: Database = journal.database
        self._clock = clock
        self._zone = zone
        self._peers = peers
        self._sender = sender
        self._dice = dice
        self._lanes: dict[str, _Lane] = defaultdict(_Lane)
        self._answers: list[tuple[_Due, Answer]] = []
        self._news = asyncio.Event()
        self.sent: Counter[tuple[str, str]] = Counter()
        peers.when_changed(self.wake)

    def wake(self) -> None:
        """Look for messages that are due."""
        self._news.set()

    def now(self) -> float:
        """The time that messages are due by."""
        return self._clock.now()

    def resting(self, peer_id: str) -> float:
        """Until when a peer that failed is left in peace, in Unix seconds; 0 for one that is
        not."""
        lane = self._lanes.get(peer_id)
        until = lane.breaker.rests_until if lane else 0.0
        return until if until > self._clock.now() else 0.0

    async def run(self) -> None:
        """Deliver for ever. Raises when the database is out of reach: begin again later."""
        # Answers of a run that failed are gone with it: those messages are sent again.
        self._answers.clear()
        self._lanes.clear()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow())
            await self._deliver(tasks)

    async def _follow(self) -> None:
        async for _ in self._journal.follow(None, _TOLD):
            self._news.set()

    async def _deliver(self, tasks: asyncio.TaskGroup) -> None:
        while True:
            self._news.clear()
            await self._settle()
            for peer in self._peers.peers.values():
                for due in await self._free_to_go(peer):
                    self._lanes[peer.peer_id].flying.add(due.message_id)
                    tasks.create_task(self._carry(due))
            await self._rest()

    async def _free_to_go(self, peer: Peer) -> list[_Due]:
        """The messages that may leave for a peer now: the longest due first."""
        lane, now = self._lanes[peer.peer_id], self._clock.now()
        slots = lane.breaker.slots(peer.concurrency, now) - len(lane.flying)
        if not peer.url or peer.paused or slots <= 0:
            return []
        columns = OutMessageRow.__table__.c
        query = (
            select(
                columns.message_id,
                columns.case_number,
                columns.number,
                columns.attempts,
                columns.content,
                columns.body,
            )
            .where(columns.peer_id == peer.peer_id, columns.state == "due", columns.due_at <= now)
            .order_by(columns.due_at, columns.message_id)
            .limit(slots + len(lane.flying))
        )
        async with self._database.session() as session:
            rows = (await session.execute(query)).all()
        free = [row for row in rows if row.message_id not in lane.flying]
        return [
            _Due(
                row.message_id,
                peer,
                row.case_number,
                row.number,
                row.attempts,
                row.content,
                row.body,
            )
            for row in free[:slots]
        ]

    async def _carry(self, due: _Due) -> None:
        due, answer = await self._send(due)
        self._answers.append((due, answer))
        self._news.set()

    async def _send(self, due: _Due) -> tuple[_Due, Answer]:
        peer, body = due.peer, due.body
        if body is None:
            body, faults = rendered(
                self._peers.mapping(peer.peer_id, "out"), due.content, self._zone
            )
            if body is None:
                told = "; ".join(f"{fault.field}: {fault.key}" for fault in faults)
                return due, Answer(None, f"the mapping cannot make it: {told}")
        answer = await self._sender.send(
            Delivery(
                url=peer.url,
                key_id=signing.key_id(peer.peer_id, peer.generation),
                secret=self._peers.secret(peer),
                event_id=event_id(peer.peer_id, due.case_number, due.number),
                number=due.number,
                body=body,
                deadline_s=peer.deadline_s,
            )
        )
        made = _Due(
            due.message_id, peer, due.case_number, due.number, due.attempts, due.content, body
        )
        return made, answer

    async def _settle(self) -> None:
        """Write down what came of the messages that were sent, together."""
        if not self._answers:
            return
        answers, self._answers = self._answers, []
        now = self._clock.now()
        settled = [self._judge(due, answer, now) for due, answer in answers]
        await self._database.write(lambda connection: _write(connection, settled))
        for due, _ in answers:
            self._lanes[due.peer.peer_id].flying.discard(due.message_id)

    def _judge(self, due: _Due, answer: Answer, now: float) -> dict[str, Any]:
        peer, breaker = due.peer, self._lanes[due.peer.peer_id].breaker
        attempts = due.attempts + 1
        state, due_at = "due", now
        unmapped = due.body is None
        if answer.taken:
            breaker.succeeded()
            state = "sent"
        elif answer.refused or unmapped:
            # It answers: the fault is the message's own.
            if answer.refused:
                breaker.succeeded()
            state = "stuck"
        else:
            breaker.failed(now, answer.wait_s)
            due_at = now + pause(attempts, self._dice, answer.wait_s)
            state = "stuck" if attempts >= peer.attempts else "due"
        kind = "taken" if state == "sent" else "refused" if answer.refused else "failed"
        self.sent[peer.peer_id, kind] += 1
        if state == "stuck":
            log.warning(
                "exchange.stuck",
                peer=peer.peer_id,
                case=due.case_number,
                number=due.number,
                status=answer.status,
            )
        return {
            "key": due.message_id,
            "peer": peer.peer_id,
            "case": due.case_number,
            "place": due.number,
            "now": now,
            "new_state": state,
            "new_attempts": attempts,
            "new_due_at": due_at,
            "new_status": answer.status,
            "new_answer": "" if state == "sent" else answer.text,
            "new_body": due.body,
            "new_ended_at": now if state == "sent" else None,
        }

    async def _rest(self) -> None:
        """Wait for news, or for what is due next."""
        wait = await self._until_next()
        if wait <= 0:
            await asyncio.sleep(0)
            return
        timer = self._clock.call_later(wait, self._news.set)
        try:
            await self._news.wait()
        finally:
            timer.cancel()

    async def _until_next(self) -> float:
        if self._answers:
            return 0.0
        now = self._clock.now()
        wait = _LOOK_EVERY_S
        for peer in self._peers.peers.values():
            lane = self._lanes[peer.peer_id]
            if not peer.url or peer.paused or len(lane.flying) >= peer.concurrency:
                continue
            rests = lane.breaker.rests_until - now
            if rests > 0:
                wait = min(wait, rests)
            elif lane.breaker.slots(peer.concurrency, now) > len(lane.flying):
                wait = min(wait, await self._next_due(peer.peer_id, lane.flying) - now)
        return wait

    async def _next_due(self, peer_id: str, flying: Iterable[int]) -> float:
        query = select(func.min(OutMessageRow.due_at)).where(
            OutMessageRow.peer_id == peer_id,
            OutMessageRow.state == "due",
            OutMessageRow.message_id.not_in(list(flying)),
        )
        async with self._database.session() as session:
            first = await session.scalar(query)
        return float("inf") if first is None else float(first)


def _write(connection: Connection, settled: list[dict[str, Any]]) -> None:
    # Without the ORM: many at once, by primary key.
    connection.execute(_MESSAGE, settled)
    done = [one for one in settled if one["new_state"] == "sent"]
    if done:
        advance(connection, done)


def advance(connection: Connection, done: list[dict[str, Any]]) -> None:
    """Let the next message of each case go; ``done`` has peer, case, place and now."""
    keys = [{name: one[name] for name in ("peer", "case", "place", "now")} for one in done]
    connection.execute(_STREAM, [{k: v for k, v in key.items() if k != "now"} for key in keys])
    connection.execute(_NEXT, keys)
