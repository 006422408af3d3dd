"""Messages from peers: each takes effect once, and those about one ticket in their order.

Every message has an idempotency key: the same message again is answered as before, another one
under the same key is refused. Messages may also be numbered for each ticket, from 1: one that
comes before its turn is held until those before it have come.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy import func, select

from hotline import events
from hotline.registry.exchange.arrivals import (
    Incoming,
    Kind,
    Reply,
    by_key,
    by_number,
    keep,
    stream_of,
    whose_turn,
)
from hotline.registry.exchange.model import MOST_HELD, Peer
from hotline.registry.exchange.outbox import actor_of
from hotline.registry.exchange.peers import PeerDesk
from hotline.registry.exchange.tickets import BadTicket, Ticket, TicketReader, in_their_words
from hotline.registry.forms import WHY_LENGTH
from hotline.registry.life.model import Action, State
from hotline.registry.model import BadForm, Case, NotAllowed, Person
from hotline.registry.service import CaseRegistry
from hotline.storage.journal import Journal, Transaction
from hotline.storage.records import storable
from hotline.storage.tables import CaseRow
from hotline.storage.tables_exchange import InMessageRow, InStreamRow, ReferenceRow

log = structlog.get_logger(__name__)

MOST_AHEAD = 1000
_WITHDRAWABLE = frozenset({State.TO_VERIFY, State.TO_FILE})


class NoSuchTicket(LookupError):
    """The peer has no ticket of this id here."""


class _Refused(Exception):
    """The message is answered with this and leaves no trace: it may come again, mended."""

    def __init__(self, status: int, key: str, **fields: str) -> None:
        super().__init__(key)
        self.reply = refusal(status, key, fields)


class Inbox:
    """Takes messages in. Whatever reaches the database raises
    :class:`hotline.storage.database.DatabaseUnavailable` when there is none."""

    def __init__(
        self, journal: Journal, peers: PeerDesk, registry: CaseRegistry, reader: TicketReader
    ) -> None:
        self._journal = journal
        self._peers = peers
        self._registry = registry
        self._reader = reader

    async def open(self) -> None:
        """Take in what was held and whose turn came while we went down."""
        ready = select(InMessageRow.peer_id, InMessageRow.external_id).join(
            InStreamRow,
            (InStreamRow.peer_id == InMessageRow.peer_id)
            & (InStreamRow.external_id == InMessageRow.external_id)
            & (InStreamRow.applied == InMessageRow.number - 1),
        )
        async with self._journal.database.session() as session:
            found = (await session.execute(ready.where(InMessageRow.state == "held"))).all()
        for peer_id, external_id in found:
            await self._drain(peer_id, external_id)

    async def take(self, peer: Peer, message: Incoming) -> Reply:
        """Take a message in, and those that had to wait for it."""
        try:
            async with self._journal.transaction() as tx:
                reply = await self._take(tx, peer, message)
        except _Refused as refused:
            return refused.reply
        except BadTicket as bad:
            return refusal(422, "bad_ticket", bad.fields)
        except BadForm as bad:
            wanted = self._peers.mapping(peer.peer_id, "in")
            return refusal(422, "bad_ticket", in_their_words(wanted, bad))
        except NotAllowed as error:
            return await self._too_late(peer, message, error)
        if message.number is not None and reply.status != 202:
            await self._drain(peer.peer_id, message.external_id)
        return reply

    async def case_of(self, peer: Peer, external_id: str) -> Case:
        """The case that a ticket became. Raises :class:`NoSuchTicket`."""
        async with self._journal.database.session() as session:
            reference = await session.get(ReferenceRow, (peer.peer_id, external_id))
            row = await session.get(CaseRow, reference.case_number) if reference else None
        if row is None:
            raise NoSuchTicket(external_id)
        return Case.of(row)

    # --- one message ----------------------------------------------------------------------

    async def _take(self, tx: Transaction, peer: Peer, message: Incoming) -> Reply:
        same_key = await by_key(tx, peer, message)
        if same_key is not None:
            return _as_before(same_key, message)
        stream = await stream_of(tx, peer, message.external_id)
        place = await self._place(tx, peer, message, stream.applied)
        if isinstance(place, Reply):
            return place
        if message.number is not None and message.number > stream.applied + 1:
            return await self._hold(tx, peer, message, stream.applied + 1)
        reply = await self._apply(tx, peer, message)
        keep(tx, peer, message, state="applied", reply=reply, place=place)
        if message.number is not None:
            stream.applied = message.number
        return reply

    async def _place(
        self, tx: Transaction, peer: Peer, message: Incoming, applied: int
    ) -> InMessageRow | Reply | None:
        """The faulty message that this one mends; or what is answered since its place is taken;
        None when it is free."""
        if message.number is None:
            return None
        taken = await by_number(tx, peer, message)
        if taken is None:
            if message.number <= applied:
                raise _Refused(409, "sequence_taken")
            return None
        if taken.digest == message.digest:
            return Reply(taken.status, taken.answer)
        if taken.state == "faulty":
            return taken
        raise _Refused(409, "sequence_taken")

    async def _hold(self, tx: Transaction, peer: Peer, message: Incoming, missing: int) -> Reply:
        held = await tx.session.scalar(
            select(func.count()).where(
                InMessageRow.peer_id == peer.peer_id,
                InMessageRow.external_id == message.external_id,
                InMessageRow.state == "held",
            )
        )
        number = message.number or 0
        if (held or 0) >= MOST_HELD or number - missing > MOST_AHEAD:
            raise _Refused(409, "too_far_ahead")
        # What is wrong with it is better told now than when its turn comes.
        self._check(peer, message)
        reply = Reply(202, _told("held", message, missing=missing))
        keep(tx, peer, message, state="held", reply=reply)
        return reply

    def _check(self, peer: Peer, message: Incoming) -> None:
        wanted = self._peers.mapping(peer.peer_id, "in")
        match message.kind:
            case "create":
                self._ticket(peer, message)
            case "update":
                self._reader.changes(wanted, message.content)
            case _:
                _text(message)

    def _ticket(self, peer: Peer, message: Incoming) -> Ticket:
        wanted = self._peers.mapping(peer.peer_id, "in")
        return self._reader.read(wanted, message.content, message.external_id)

    async def _apply(self, tx: Transaction, peer: Peer, message: Incoming) -> Reply:
        reference = await tx.session.get(ReferenceRow, (peer.peer_id, message.external_id))
        if message.kind == "create":
            return await self._create(tx, peer, message, reference)
        if reference is None:
            raise _Refused(404, "no_such_ticket")
        row = await tx.session.get_one(CaseRow, reference.case_number)
        by = Person(actor_of(peer.peer_id), "system")
        match message.kind:
            case "update":
                wanted = self._peers.mapping(peer.peer_id, "in")
                changes = self._reader.changes(wanted, message.content)
                await self._registry.edit_in(tx, row, changes, by)
            case "withdraw":
                await self._withdraw(tx, peer, row, _text(message))
            case _:
                said = _text(message)
                tx.add(events.CasePeerSaid(row.case_number, peer.peer_id, "feedback", said))
        return Reply(200, _told("applied", message, row.case_number))

    async def _create(
        self, tx: Transaction, peer: Peer, message: Incoming, known: ReferenceRow | None
    ) -> Reply:
        if known is not None:
            # Imported from a sheet before, perhaps: there is its case.
            return Reply(200, _told("known", message, known.case_number))
        ticket = self._ticket(peer, message)
        number = await open_ticket(tx, self._registry, peer, ticket, "api")
        return Reply(201, _told("applied", message, number))

    async def _withdraw(self, tx: Transaction, peer: Peer, row: CaseRow, why: str) -> None:
        if row.state not in _WITHDRAWABLE:
            raise NotAllowed("case.not_in_this_state")
        # A step of the desk's, taken in its name while nobody has begun to work on the case.
        by = Person(actor_of(peer.peer_id), "supervisor")
        tx.add(events.CasePeerSaid(row.case_number, peer.peer_id, "withdrawn", why))
        await self._registry.move_in(tx, row, Action.VOID, by, why)

    async def _too_late(self, peer: Peer, message: Incoming, error: NotAllowed) -> Reply:
        """The case is past that: the message is answered so for good, and the next may come."""
        reply = refusal(409, error.key.removeprefix("case."), {})
        async with self._journal.transaction() as tx:
            reference = await tx.session.get(ReferenceRow, (peer.peer_id, message.external_id))
            if reference is not None and message.kind == "withdraw":
                said = ("not_withdrawn", _text(message))
                tx.add(events.CasePeerSaid(reference.case_number, peer.peer_id, *said))
            before = await by_key(tx, peer, message)
            if before is not None and before.state == "applied":
                return Reply(before.status, before.answer)
            place = await by_number(tx, peer, message)
            keep(tx, peer, message, state="applied", reply=reply, place=place)
            if message.number is not None:
                (await stream_of(tx, peer, message.external_id)).applied = message.number
        if message.number is not None:
            await self._drain(peer.peer_id, message.external_id)
        return reply

    # --- those that were held -------------------------------------------------------------

    async def _drain(self, peer_id: str, external_id: str) -> None:
        """Take in what is held as far as it follows on."""
        peer = self._peers.get(peer_id)
        while await self._next_held(peer, external_id):
            pass

    async def _next_held(self, peer: Peer, external_id: str) -> bool:
        async with self._journal.database.session() as session:
            row = await session.scalar(whose_turn(peer.peer_id, external_id))
        if row is None:
            return False
        message = Incoming(
            _kind(row.kind), external_id, row.idempotency_key, dict(row.content), row.number
        )
        try:
            async with self._journal.transaction() as tx:
                kept = await tx.session.get_one(InMessageRow, row.message_id)
                if kept.state != "held":
                    return False
                reply = await self._apply(tx, peer, message)
                keep(tx, peer, message, state="applied", reply=reply, place=kept)
                (await stream_of(tx, peer, external_id)).applied = message.number or 0
        except NotAllowed as error:
            await self._too_late(peer, message, error)
            return False
        except (_Refused, BadTicket, BadForm) as fault:
            await self._mark_faulty(peer, row.message_id, fault)
            return False
        return True

    async def _mark_faulty(self, peer: Peer, message_id: int, fault: Exception) -> None:
        match fault:
            case _Refused():
                reply = fault.reply
            case BadTicket():
                reply = refusal(422, "bad_ticket", fault.fields)
            case BadForm():
                wanted = self._peers.mapping(peer.peer_id, "in")
                reply = refusal(422, "bad_ticket", in_their_words(wanted, fault))
            case _:
                raise fault
        async with self._journal.transaction() as tx:
            row = await tx.session.get_one(InMessageRow, message_id)
            row.state, row.status, row.answer = "faulty", reply.status, dict(reply.body)
        log.warning("exchange.faulty", peer=peer.peer_id, ticket=row.external_id)


async def open_ticket(
    tx: Transaction, registry: CaseRegistry, peer: Peer, ticket: Ticket, how: str
) -> str:
    """Open the case of a ticket; its number. Raises :class:`BadForm`."""
    by = Person(actor_of(peer.peer_id), "system")
    row = await registry.open_in(tx, ticket.form, source=peer.source, by=by)
    tx.session.add(
        ReferenceRow(
            peer_id=peer.peer_id,
            external_id=ticket.external_id,
            case_number=row.case_number,
            asked_at=ticket.asked_at,
            reply_by=ticket.reply_by,
            digest=ticket.digest,
            made_at=tx.now,
        )
    )
    tx.add(events.CaseReceived(row.case_number, peer.peer_id, ticket.external_id, how))
    return row.case_number


def refusal(status: int, key: str, fields: Mapping[str, str]) -> Reply:
    """What a message that is not taken is answered."""
    return Reply(status, {"error": key, "fields": dict(fields)})


def _told(
    state: str, message: Incoming, case_number: str = "", missing: int | None = None
) -> dict[str, Any]:
    return {
        "state": state,
        "external_id": message.external_id,
        "sequence": message.number,
        "case_number": case_number,
        "missing": missing,
    }


def _text(message: Incoming) -> str:
    """What is said in a withdrawal or a feedback."""
    said = message.content.get("text", "")
    if not isinstance(said, str) or not said.strip():
        raise _Refused(422, "bad_ticket", text="required")
    if len(said) > WHY_LENGTH:
        raise _Refused(422, "bad_ticket", text="too_long")
    return str(storable(said)).strip()


def _as_before(row: InMessageRow, message: Incoming) -> Reply:
    if row.digest != message.digest:
        raise _Refused(409, "key_reused")
    return Reply(row.status, row.answer)


def _kind(text: str) -> Kind:
    kinds: Sequence[Kind] = ("create", "update", "withdraw", "feedback")
    return next(kind for kind in kinds if kind == text)
