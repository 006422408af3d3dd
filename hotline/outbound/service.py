"""The calls that staff place: written down before they are dialled, and followed to their end.

Every change writes the row and its events in one transaction.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hotline import events
from hotline.callback.bringing import Citizen
from hotline.callback.held import held_now
from hotline.callback.model import LIVING, Outcome, State
from hotline.callback.placing import Errand
from hotline.masking import mask_number
from hotline.outbound.model import CUT_OFF, ENDED, OutboundRefused, OwnCall, Placed, Wanted
from hotline.outbound.promises import put_down
from hotline.registry.model import Actor
from hotline.storage.journal import Journal, Transaction
from hotline.storage.numbers import canonical, variants
from hotline.storage.tables import CallbackTaskRow, JournalRow, UserRow
from hotline.storage.tables_help import OutboundCallRow, PromiseRow


class OutboundDesk:
    """Keeps the calls: the :class:`hotline.callback.placing.Ledger` of theirs.

    ``over`` is told whose call has ended. Each method raises
    :class:`hotline.storage.database.DatabaseUnavailable` when there is no database.
    """

    def __init__(self, journal: Journal, node: str, over: Callable[[str], Awaitable[None]]) -> None:
        self._journal = journal
        self._node = node
        self._over = over

    async def dialled(self, wanted: Wanted, by: Actor) -> Errand:
        """Write down that a citizen will be rung. Nobody else can ring them until this call has
        ended. Raises :class:`OutboundRefused`."""
        phone = canonical(wanted.phone)
        async with self._journal.transaction() as tx:
            await _check_lines(tx, phone, by)
            row = OutboundCallRow(
                call_id="",
                agent_id=by.user_id,
                phone=phone,
                case_number=wanted.case_number,
                origin=wanted.origin,
                promise_id=wanted.promise_id,
                state=State.DIALLING,
                dialled_at=tx.now,
            )
            tx.session.add(row)
            # Its number is in its channel's id.
            await tx.session.flush()
            channel_id = f"ob-{row.outbound_id}"
            row.call_id = f"{self._node}-{channel_id}"
            if wanted.promise_id is not None:
                promise = await tx.session.get_one(PromiseRow, wanted.promise_id)
                promise.attempts += 1
            intent = (row.outbound_id, by.user_id, row.call_id, row.case_number or "")
            tx.add(events.OutboundDialled(*intent, row.promise_id or 0))
            label = row.case_number or mask_number(phone)
            return Errand(row.call_id, channel_id, phone, label, f"ob{row.outbound_id}", tx.now)

    async def progressed(self, call_id: str, stage: State) -> None:
        """The call has come so far; a step back is ignored."""
        async with self._journal.transaction() as tx:
            row = await _row(tx, call_id)
            if row is None or row.state not in LIVING[: LIVING.index(stage)]:
                return
            row.state = stage
            about = (row.outbound_id, row.agent_id, call_id, stage.value, row.case_number or "")
            tx.add(events.OutboundProgressed(*about))

    async def ended(self, call_id: str, outcome: Outcome, talked_s: float | None = None) -> None:
        """The call is over; one that was over already is left as it is."""
        async with self._journal.transaction() as tx:
            row = await _row(tx, call_id)
            if row is None or row.state == ENDED:
                return
            await _end(tx, row, outcome, talked_s)
        await self._over(row.agent_id)

    async def gone(self, call_id: str) -> None:
        """The call's channel is gone and nobody said how it ended."""
        async with self._journal.database.session() as session:
            query = select(OutboundCallRow.state).where(OutboundCallRow.call_id == call_id)
            state = await session.scalar(query)
        if state is not None and state != ENDED:
            unanswered = state == State.DIALLING
            outcome = Outcome.STAFF_UNREACHABLE if unanswered else Outcome.UNKNOWN
            await self.ended(call_id, outcome)

    async def living(self) -> Sequence[str]:
        """The ids of the calls that are up, as far as we know."""
        query = select(OutboundCallRow.call_id).where(OutboundCallRow.ended_at.is_(None))
        async with self._journal.database.session() as session:
            return (await session.scalars(query)).all()

    async def talker(self, call_id: str) -> str | None:
        """Who has placed a call that is up; None when it is over."""
        query = select(OutboundCallRow.agent_id).where(
            OutboundCallRow.call_id == call_id, OutboundCallRow.ended_at.is_(None)
        )
        async with self._journal.database.session() as session:
            return await session.scalar(query)

    async def citizen(self, by: Actor) -> Citizen:
        """Whom the call of ``by`` that is up is with. Raises :class:`OutboundRefused`."""
        query = select(OutboundCallRow).where(
            OutboundCallRow.agent_id == by.user_id, OutboundCallRow.ended_at.is_(None)
        )
        async with self._journal.database.session() as session:
            row = (await session.scalars(query)).one_or_none()
        if row is None:
            raise OutboundRefused("callback.no_call")
        return Citizen(row.call_id, row.phone, row.case_number or "")

    async def own(self, user_id: str) -> OwnCall | None:
        """The call that somebody has placed and that is up; None for none."""
        query = select(OutboundCallRow).where(
            OutboundCallRow.agent_id == user_id, OutboundCallRow.ended_at.is_(None)
        )
        async with self._journal.database.session() as session:
            row = (await session.scalars(query)).one_or_none()
            if row is None:
                return None
            stage = select(func.max(JournalRow.at)).where(JournalRow.call_id == row.call_id)
            since = await session.scalar(stage)
            held = await held_now(session, row.call_id)
        return OwnCall(
            row.outbound_id,
            row.call_id,
            mask_number(row.phone),
            row.case_number or "",
            row.state,
            row.outcome,
            row.dialled_at,
            row.dialled_at if since is None else since,
            held,
        )


def placed(session: Session, case_number: str) -> Sequence[Placed]:
    """The calls that were placed about a case, the newest first."""
    query = (
        select(OutboundCallRow, UserRow.name)
        .outerjoin(UserRow, UserRow.user_id == OutboundCallRow.agent_id)
        .where(OutboundCallRow.case_number == case_number)
        .order_by(OutboundCallRow.outbound_id.desc())
    )
    return [
        Placed(
            row.call_id,
            row.agent_id,
            name or row.agent_id,
            row.dialled_at,
            row.state,
            row.outcome,
            row.talked_s,
            row.recording or "",
        )
        for row, name in session.execute(query)
    ]


async def _check_lines(tx: Transaction, phone: str, by: Actor) -> None:
    """One call a citizen and one a member of staff, callbacks included."""
    ours = select(OutboundCallRow).where(OutboundCallRow.ended_at.is_(None))
    for other in await tx.session.scalars(ours):
        _refuse(other.agent_id == by.user_id, canonical(other.phone) == phone)
    callbacks = select(CallbackTaskRow).where(
        CallbackTaskRow.call_id.is_not(None), CallbackTaskRow.last_outcome.is_(None)
    )
    for task in await tx.session.scalars(callbacks):
        _refuse(task.claimed_by == by.user_id, task.phone in variants(phone))


def _refuse(theirs: bool, same_citizen: bool) -> None:
    if theirs:
        raise OutboundRefused("callback.you_are_talking")
    if same_citizen:
        raise OutboundRefused("callback.citizen_is_talking")


async def _end(
    tx: Transaction, row: OutboundCallRow, outcome: Outcome, talked_s: float | None
) -> None:
    if outcome is Outcome.NO_ANSWER and row.state == State.CONNECTING:
        # No answer from a phone that was never seen to ring is a failure of the line.
        outcome = Outcome.FAILED
    row.state, row.outcome = ENDED, outcome
    row.ended_at, row.talked_s = tx.now, talked_s
    about = (row.outbound_id, row.agent_id, row.call_id, outcome.value)
    tx.add(events.OutboundEnded(*about, talked_s, row.case_number or ""))
    if row.promise_id is None:
        if outcome is Outcome.CUT_OFF:
            wanted = Wanted(canonical(row.phone), row.case_number, row.call_id)
            await put_down(tx, wanted, tx.now, CUT_OFF, row.agent_id)
        return
    promise = await tx.session.get_one(PromiseRow, row.promise_id)
    promise.last_outcome = outcome
    if outcome in (Outcome.TALKED, Outcome.HANDED_OVER) and promise.state == "open":
        promise.state, promise.ended_by, promise.ended_at = "kept", row.agent_id, tx.now
        told = (promise.promise_id, "kept", row.agent_id)
        tx.add(events.PromiseEnded(*told, "", promise.call_id or "", promise.case_number or ""))


async def _row(tx: Transaction, call_id: str) -> OutboundCallRow | None:
    query = select(OutboundCallRow).where(OutboundCallRow.call_id == call_id)
    return (await tx.session.scalars(query)).one_or_none()
