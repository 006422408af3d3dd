"""News of calls for other systems: offered, answered, ended, and which case came of it.

The journal is what is followed, and how far it has been told stands in the same transaction as the
messages: none is lost and none is written twice, whatever dies. The calls themselves never wait.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hotline import events
from hotline.events import Event
from hotline.masking import mask_number
from hotline.registry.exchange.model import Peer
from hotline.registry.exchange.outbox import as_json, event_id, message_of
from hotline.registry.exchange.peers import PeerDesk
from hotline.storage.journal import Journal, Transaction
from hotline.storage.numbers import canonical
from hotline.storage.records import Record
from hotline.storage.tables import CallRow
from hotline.storage.tables_exchange import OutStreamRow
from hotline.storage.tables_pop import CallNewsRow

_TOLD = frozenset({events.CallOffered, events.CallAnswered, events.CallEnded, events.CaseOpened})
_NAME = "calls"
# Older news help nobody: a system that is added anew is not told of the calls before it.
_FRESH_S = 86_400.0


class CallNews:
    """Writes the messages, and lets ``wake`` send them. ``tell_numbers``: with the caller's number
    in full, not masked."""

    def __init__(
        self, journal: Journal, peers: PeerDesk, *, tell_numbers: bool, wake: Callable[[], None]
    ) -> None:
        self._journal = journal
        self._wake = wake
        self._peers = peers
        self._tell_numbers = tell_numbers

    async def run(self) -> None:
        """Follow for ever. Raises when the database is out of reach: begin again later."""
        after = await self._position()
        async for record in self._journal.follow(after, _TOLD):
            kind = kind_of(record.event)
            wanting = [peer for peer in self._peers.peers.values() if peer.wants_call(kind)]
            if kind and wanting:
                await self._tell(record, kind, wanting)

    async def _position(self) -> int:
        async with self._journal.database.session() as session:
            row = await session.get(CallNewsRow, _NAME)
        return self._journal.last_seq if row is None else row.seq

    async def _tell(self, record: Record, kind: str, wanting: Sequence[Peer]) -> None:
        async with self._journal.transaction() as tx:
            if record.at >= tx.now - _FRESH_S:
                call = await tx.session.get(CallRow, record.event.data()["call_id"])
                if call is not None:
                    content = self._content(record, kind, call)
                    for peer in wanting:
                        await _write(tx, peer, call.call_id, content)
            await tx.session.merge(CallNewsRow(name=_NAME, seq=record.seq))
        self._wake()

    def _content(self, record: Record, kind: str, call: CallRow) -> dict[str, Any]:
        number = canonical(call.calling)
        told: dict[str, Any] = {
            "event": kind,
            "at": record.at,
            "call_id": call.call_id,
            "called": call.called,
            "calling": number if self._tell_numbers else mask_number(number),
            "queue": call.queue or "",
            "arrived_at": call.arrived_at,
            "agent": call.agent_id or "",
        }
        match record.event:
            case events.CallOffered() | events.CallAnswered() as event:
                told["agent"] = event.agent_id
            case events.CallEnded() as event:
                told |= {"answered_at": call.answered_at, "ended_by": event.by}
            case events.CaseOpened() as event:
                told |= {"case_number": event.case_number, "agent": event.by}
        return told


def kind_of(event: Event) -> str:
    """What an event is to other systems; empty for what is no news of a call."""
    match event:
        case events.CallOffered():
            return "call_offered"
        case events.CallAnswered():
            return "call_answered"
        case events.CallEnded():
            return "call_ended"
        case events.CaseOpened(call_id=call_id) if call_id:
            return "call_filed"
        case _:
            return ""


async def _write(tx: Transaction, peer: Peer, call_id: str, content: dict[str, Any]) -> None:
    stream = await tx.session.get(OutStreamRow, (peer.peer_id, call_id))
    if stream is None:
        stream = OutStreamRow(peer_id=peer.peer_id, case_number=call_id, written=0, done=0)
        tx.session.add(stream)
        await tx.session.flush()
    stream.written += 1
    stamps = {
        "event_id": event_id(peer.peer_id, call_id, stream.written),
        "sequence": stream.written,
    }
    said = {**content, **stamps}
    tx.session.add(message_of(stream, said, as_json(said)))
