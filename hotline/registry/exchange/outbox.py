"""What goes out is written where it happens: with the change of the case, in its transaction.

A change that is undone tells nobody, and one that stands will be told, whatever dies meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any

from sqlalchemy import select

from hotline.registry.companions import Companion, Taken
from hotline.registry.exchange import mapping
from hotline.registry.exchange.content import content_of
from hotline.registry.exchange.mapping import FieldFault, FieldMapping
from hotline.registry.exchange.model import CALL_KINDS, Peer
from hotline.registry.exchange.peers import PeerDesk
from hotline.storage.journal import Transaction
from hotline.storage.tables import CaseRow
from hotline.storage.tables_exchange import OutMessageRow, OutStreamRow, ReferenceRow

_CLOSED = "closed"


class Outbox(Companion):
    """Hears of cases as they change. ``state_name`` gives a state's name in the field's words."""

    def __init__(self, peers: PeerDesk, zone: tzinfo, state_name: Callable[[str], str]) -> None:
        self._peers = peers
        self._zone = zone
        self._state_name = state_name

    async def opened(self, tx: Transaction, row: CaseRow) -> None:
        """Tell whom a new case concerns, except who sent it: they have their answer."""
        await self._tell(tx, row, "opened", {"action": "open"}, skip=row.opened_by)

    async def changed(self, tx: Transaction, row: CaseRow, before: Mapping[str, Any]) -> None:
        """Tell of an edit, except who made it."""
        changed = sorted(before)
        await self._tell(tx, row, "edited", {"changed": changed}, skip=row.changed_by)

    async def moved(self, tx: Transaction, row: CaseRow, step: Taken) -> None:
        """Tell of a step of the life."""
        kind = "closed" if step.target == _CLOSED != step.source else "moved"
        happening = {"action": step.action, "from_state": step.source, "why": step.why}
        await self._tell(tx, row, kind, happening)

    async def _tell(
        self,
        tx: Transaction,
        row: CaseRow,
        kind: str,
        happening: Mapping[str, Any],
        skip: str = "",
    ) -> None:
        wanting = [
            peer
            for peer in self._peers.peers.values()
            if peer.wants(kind) and actor_of(peer.peer_id) != skip
        ]
        if not wanting:
            return
        references = await _references(tx, row.case_number)
        for peer in wanting:
            stream = await _stream(tx, peer, row, references)
            if stream is not None:
                stream.written += 1
                stamps = {
                    "event": kind,
                    "event_id": event_id(peer.peer_id, row.case_number, stream.written),
                    "sequence": stream.written,
                    "at": tx.now,
                    "external_id": references.get(peer.peer_id, ""),
                    "state_name": self._state_name(row.state),
                }
                wanted = self._peers.mapping(peer.peer_id, "out")
                content = content_of(row, {**stamps, **happening}, wanted.every_source)
                tx.session.add(self._message(stream, content))

    def _message(self, stream: OutStreamRow, content: Mapping[str, Any]) -> OutMessageRow:
        body, _ = rendered(self._peers.mapping(stream.peer_id, "out"), content, self._zone)
        return message_of(stream, content, body)


def message_of(stream: OutStreamRow, content: Mapping[str, Any], body: str | None) -> OutMessageRow:
    """The next message of a stream, whose number is counted already."""
    return OutMessageRow(
        peer_id=stream.peer_id,
        case_number=stream.case_number,
        number=stream.written,
        kind=content["event"],
        content=content,
        body=body,
        state="due" if stream.done == stream.written - 1 else "waiting",
        attempts=0,
        made_at=content["at"],
        due_at=content["at"],
        answer="",
    )


def actor_of(peer_id: str) -> str:
    """Who changes cases in a peer's name, as the journal and the cases keep it."""
    return f"peer:{peer_id}"


def event_id(peer_id: str, case_number: str, number: int) -> str:
    """The name of a message, the same at every try."""
    return f"{peer_id}-{case_number}-{number}"


def rendered(
    wanted: FieldMapping, content: Mapping[str, Any], zone: tzinfo
) -> tuple[str | None, tuple[FieldFault, ...]]:
    """The body of a message; None with the faults when the mapping cannot make one. News of calls
    are told in our words: a mapping is of a case's fields."""
    if content["event"] in CALL_KINDS:
        return as_json(content), ()
    applied = mapping.apply(wanted, content, zone=zone, now=0.0, inward=False)
    if applied.faults:
        return None, applied.faults
    return as_json(applied.values), ()


def as_json(values: Mapping[str, Any]) -> str:
    """The body that says this."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


async def _references(tx: Transaction, case_number: str) -> dict[str, str]:
    query = select(ReferenceRow.peer_id, ReferenceRow.external_id).where(
        ReferenceRow.case_number == case_number
    )
    found = await tx.session.execute(query.order_by(ReferenceRow.made_at))
    return {row.peer_id: row.external_id for row in found}


async def _stream(
    tx: Transaction, peer: Peer, row: CaseRow, references: Mapping[str, str]
) -> OutStreamRow | None:
    """The order of what this peer is told of this case; None when it is no matter of theirs.

    Who was told of a case once is told how it goes on, even when it leaves their units.
    """
    stream = await tx.session.get(OutStreamRow, (peer.peer_id, row.case_number))
    if stream is not None:
        return stream
    concerned = {
        "all": True,
        "own": peer.peer_id in references,
        "units": row.unit_id in peer.units,
    }[peer.scope]
    if not concerned:
        return None
    stream = OutStreamRow(peer_id=peer.peer_id, case_number=row.case_number, written=0, done=0)
    tx.session.add(stream)
    # The next change in this transaction has to find it.
    await tx.session.flush()
    return stream
