"""What came from peers, as it is kept: each message once, in its place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Select, select

from hotline.registry.exchange.model import Peer
from hotline.storage.journal import Transaction
from hotline.storage.records import storable
from hotline.storage.tables_exchange import InMessageRow, InStreamRow

Kind = Literal["create", "update", "withdraw", "feedback"]


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as it came. ``number`` is its place among those about its ticket, if it has
    one."""

    kind: Kind
    external_id: str
    idempotency_key: str
    content: Mapping[str, Any]
    number: int | None = None

    @property
    def digest(self) -> str:
        """What makes it the same message as another."""
        said = [self.kind, self.external_id, self.number, self.content]
        canonical = json.dumps(said, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a message is answered: an HTTP status and a body. A refusal's body has ``error`` and
    ``fields`` with keys of messages."""

    status: int
    body: Mapping[str, Any]


def keep(
    tx: Transaction,
    peer: Peer,
    message: Incoming,
    *,
    state: str,
    reply: Reply,
    place: InMessageRow | None = None,
) -> None:
    """Keep a message with its answer, in the place of another one when there is one."""
    row = place or InMessageRow(
        peer_id=peer.peer_id, external_id=message.external_id, number=message.number
    )
    row.idempotency_key = message.idempotency_key
    row.kind = message.kind
    row.digest = message.digest
    row.content = storable(dict(message.content))
    row.state, row.status, row.answer = state, reply.status, dict(reply.body)
    row.arrived_at = row.arrived_at or tx.now
    tx.session.add(row)


async def by_key(tx: Transaction, peer: Peer, message: Incoming) -> InMessageRow | None:
    """The message that came under this key; None for none."""
    query = select(InMessageRow).where(
        InMessageRow.peer_id == peer.peer_id,
        InMessageRow.idempotency_key == message.idempotency_key,
    )
    return (await tx.session.scalars(query)).one_or_none()


async def by_number(tx: Transaction, peer: Peer, message: Incoming) -> InMessageRow | None:
    """The message that has this one's place about its ticket; None for none."""
    if message.number is None:
        return None
    query = select(InMessageRow).where(
        InMessageRow.peer_id == peer.peer_id,
        InMessageRow.external_id == message.external_id,
        InMessageRow.number == message.number,
    )
    return (await tx.session.scalars(query)).one_or_none()


async def stream_of(tx: Transaction, peer: Peer, external_id: str) -> InStreamRow:
    """How far the messages about a ticket are taken in."""
    row = await tx.session.get(InStreamRow, (peer.peer_id, external_id))
    if row is None:
        row = InStreamRow(peer_id=peer.peer_id, external_id=external_id, applied=0)
        tx.session.add(row)
    return row


def whose_turn(peer_id: str, external_id: str) -> Select[InMessageRow]:
    """The held message of a ticket that may be taken in now."""
    return (
        select(InMessageRow)
        .join(
            InStreamRow,
            (InStreamRow.peer_id == InMessageRow.peer_id)
            & (InStreamRow.external_id == InMessageRow.external_id)
            & (InStreamRow.applied == InMessageRow.number - 1),
        )
        .where(
            InMessageRow.peer_id == peer_id,
            InMessageRow.external_id == external_id,
            InMessageRow.state == "held",
        )
    )
