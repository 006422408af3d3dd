"""What is stuck and why, in both directions, and the ways out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select, update
from sqlalchemy.orm import aliased

from hotline import events
from hotline.registry.exchange.delivery import Courier, advance
from hotline.registry.exchange.model import CALL_KINDS, NoSuchMessage, StuckIn, StuckOut, Traffic
from hotline.storage.journal import Journal
from hotline.storage.tables_exchange import InMessageRow, InStreamRow, OutMessageRow

_SHOWN = 200
# A message that failed this often is shown, though it will be tried again.
_TRIED = 2


@dataclass(frozen=True, slots=True)
class Stuck:
    """What is stuck; only the oldest of each direction, ``more`` says whether there are others."""

    out: Sequence[StuckOut]
    held: Sequence[StuckIn]
    more: bool


class StuckDesk:
    """Finds what is stuck and lets it go. Whatever reaches the database raises
    :class:`hotline.storage.database.DatabaseUnavailable` when there is none."""

    def __init__(self, journal: Journal, courier: Courier) -> None:
        self._journal = journal
        self._courier = courier

    async def find(self, peer_id: str = "") -> Stuck:
        """What is stuck, of one peer or of all."""
        out, held = await self._out(peer_id), await self._held(peer_id)
        more = len(out) > _SHOWN or len(held) > _SHOWN
        return Stuck(out[:_SHOWN], held[:_SHOWN], more)

    async def traffic(self) -> Mapping[str, Traffic]:
        """How it stands with each peer that anything was exchanged with."""
        out = select(
            OutMessageRow.peer_id,
            OutMessageRow.state,
            func.count(),
            func.min(OutMessageRow.made_at),
        ).group_by(OutMessageRow.peer_id, OutMessageRow.state)
        came = select(InMessageRow.peer_id, InMessageRow.state, func.count()).group_by(
            InMessageRow.peer_id, InMessageRow.state
        )
        found: dict[str, dict[str, Any]] = {}
        async with self._journal.database.session() as session:
            for peer_id, state, count, oldest in await session.execute(out):
                peer = found.setdefault(peer_id, {})
                if state == "skipped":
                    continue
                peer[state] = count
                if state != "sent":
                    peer["oldest"] = min(oldest, peer.get("oldest") or oldest)
            for peer_id, state, count in await session.execute(came):
                peer = found.setdefault(peer_id, {})
                name = "taken" if state == "applied" else "held"
                peer[name] = peer.get(name, 0) + count
        return {peer_id: Traffic(**counts) for peer_id, counts in found.items()}

    async def retry(self, message_id: int) -> None:
        """Send a stuck message now, made anew by the mapping in force when the peer had refused
        it. Raises :class:`NoSuchMessage`."""
        done = await self._retry((OutMessageRow.message_id == message_id,))
        if not done:
            raise NoSuchMessage(message_id)

    async def retry_all(self, peer_id: str) -> int:
        """Send every stuck message of a peer now; how many there were."""
        return await self._retry((OutMessageRow.peer_id == peer_id,))

    async def skip(self, message_id: int, by: str, why: str) -> None:
        """Never send a message, and let the next of its case go. Raises :class:`NoSuchMessage`."""
        async with self._journal.transaction() as tx:
            row = await tx.session.get(OutMessageRow, message_id)
            if row is None or row.state not in {"stuck", "due"}:
                raise NoSuchMessage(message_id)
            row.state, row.ended_at = "skipped", tx.now
            await tx.session.flush()
            done = {
                "peer": row.peer_id,
                "case": row.case_number,
                "place": row.number,
                "now": tx.now,
            }
            connection = await tx.session.connection()
            await connection.run_sync(advance, [done])
            of_call = row.kind in CALL_KINDS
            named = ("", row.case_number) if of_call else (row.case_number, "")
            tx.add(events.CaseMessageSkipped(named[0], row.peer_id, row.number, by, why, named[1]))
        self._courier.wake()

    # --- inside ---------------------------------------------------------------------------

    async def _retry(self, which: tuple[Any, ...]) -> int:
        now = self._courier.now()

        def write(connection: Connection) -> int:
            stuck = (OutMessageRow.state.in_(("stuck", "due")), *which)
            refused = OutMessageRow.state == "stuck"
            connection.execute(
                update(OutMessageRow)
                .where(*stuck, refused, OutMessageRow.status.is_not(None))
                .values(body=None)
            )
            done = connection.execute(
                update(OutMessageRow).where(*stuck).values(state="due", due_at=now, attempts=0)
            )
            return int(done.rowcount)

        count = await self._journal.database.write(write)
        self._courier.wake()
        return count

    async def _out(self, peer_id: str) -> list[StuckOut]:
        behind_of = aliased(OutMessageRow)
        behind = (
            select(func.count())
            .where(
                behind_of.peer_id == OutMessageRow.peer_id,
                behind_of.case_number == OutMessageRow.case_number,
                behind_of.state == "waiting",
            )
            .correlate(OutMessageRow)
            .scalar_subquery()
        )
        failing = (OutMessageRow.state == "due") & (OutMessageRow.attempts >= _TRIED)
        query = (
            select(OutMessageRow, behind)
            .where((OutMessageRow.state == "stuck") | failing)
            .order_by(OutMessageRow.message_id)
            .limit(_SHOWN + 1)
        )
        if peer_id:
            query = query.where(OutMessageRow.peer_id == peer_id)
        async with self._journal.database.session() as session:
            return [StuckOut.of(row, count) for row, count in await session.execute(query)]

    async def _held(self, peer_id: str) -> list[StuckIn]:
        query = (
            select(InMessageRow, InStreamRow.applied)
            .outerjoin(
                InStreamRow,
                (InStreamRow.peer_id == InMessageRow.peer_id)
                & (InStreamRow.external_id == InMessageRow.external_id),
            )
            .where(InMessageRow.state.in_(("held", "faulty")))
            .order_by(InMessageRow.arrived_at)
            .limit(_SHOWN + 1)
        )
        if peer_id:
            query = query.where(InMessageRow.peer_id == peer_id)
        async with self._journal.database.session() as session:
            found = (await session.execute(query)).all()
        return [
            StuckIn.of(row, (applied or 0) + 1 if row.state == "held" else None)
            for row, applied in found
        ]
