"""How long what is kept of citizens: rules of the city, applied every night.

Without a rule something is kept for ever, and the page says so. Cases on hold are passed over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, time, timedelta, tzinfo
from pathlib import Path

import structlog
from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline import events
from hotline.clock import Clock, local
from hotline.registry.lifecycle import FINAL
from hotline.registry.model import Actor
from hotline.registry.privacy.model import TOKEN_SIGN, Kept, PrivacyRefused
from hotline.registry.privacy.service import PrivacyDesk, reason_of
from hotline.storage.journal import Journal
from hotline.storage.tables import CallbackTaskRow, CallRow, CaseRow, DraftRow, ReportRow
from hotline.storage.tables_help import OutboundCallRow, PromiseRow
from hotline.storage.tables_privacy import LegalHoldRow, RetentionRuleRow
from hotline.storage.tables_transfers import HandoverRow

log = structlog.get_logger(__name__)

SHORTEST_DAYS, LONGEST_DAYS = 30, 36_500
"""GB/T 33358 and common practice keep recordings for a month at least."""
_DAY_S = 86_400.0
_NIGHTLY = time(3, 30)
_AT_ONCE = 50
_TAKEN_OUT = f"{TOKEN_SIGN}%"


class Retention:
    """The rules, and what applies them.

    Whatever reaches the database raises
    :class:`hotline.storage.database.DatabaseUnavailable`.
    """

    def __init__(
        self, journal: Journal, desk: PrivacyDesk, clock: Clock, zone: tzinfo, recordings: Path
    ) -> None:
        self._journal = journal
        self._desk = desk
        self._clock = clock
        self._zone = zone
        self._recordings = recordings
        self._ways: Mapping[Kept, Callable[[float], Awaitable[int]]] = {
            Kept.CASE_PERSONAL: self._cases,
            Kept.CALL_NUMBERS: self._calls,
            Kept.RECORDINGS: self._sounds,
            Kept.DRAFTS: self._drafts,
        }

    async def rules(self) -> dict[Kept, RetentionRuleRow | None]:
        """The rule of each kind that is in force; None when nobody has made one."""
        newest = select(func.max(RetentionRuleRow.rule_id)).group_by(RetentionRuleRow.kind)
        query = select(RetentionRuleRow).where(RetentionRuleRow.rule_id.in_(newest))
        async with self._journal.database.session() as session:
            made = {row.kind: row for row in await session.scalars(query)}
        return {kind: made.get(kind) for kind in Kept}

    async def decide(self, kind: Kept, days: int | None, by: Actor, why: str) -> None:
        """Keep ``kind`` for so many days from now on, for ever with None.

        Raises :class:`PrivacyRefused` without a reason, and for a time too short or too long.
        """
        why = reason_of(why)
        if days is not None and not SHORTEST_DAYS <= days <= LONGEST_DAYS:
            raise PrivacyRefused("privacy.bad_days")
        async with self._journal.transaction() as tx:
            tx.session.add(
                RetentionRuleRow(kind=kind, days=days, why=why, by=by.user_id, at=tx.now)
            )
            tx.add(events.RetentionChanged(kind, days, by.user_id, why))

    async def run(self) -> None:
        """Apply the rules every night, for ever."""
        while True:
            await self._clock.sleep(self._until_night())
            await self.apply()

    async def apply(self) -> dict[Kept, int]:
        """Apply every rule that is in force now; how many rows or files of each were changed."""
        done: dict[Kept, int] = {}
        for kind, rule in (await self.rules()).items():
            if rule is None or rule.days is None:
                continue
            done[kind] = await self._ways[kind](self._clock.now() - rule.days * _DAY_S)
            if done[kind]:
                log.info("privacy.retention_applied", kind=kind, taken_out=done[kind])
                await self._journal.append(events.RetentionApplied(kind, rule.days, done[kind]))
        return done

    def _until_night(self) -> float:
        now = local(self._clock.now(), self._zone)
        night = datetime.combine(now.date(), _NIGHTLY, self._zone)
        if night <= now:
            night += timedelta(days=1)
        return (night - now).total_seconds()

    # --- the kinds ------------------------------------------------------------------------

    async def _cases(self, before: float) -> int:
        held = select(LegalHoldRow.case_number).where(LegalHoldRow.lifted_at.is_(None))
        waiting = select(CallbackTaskRow.case_number).where(CallbackTaskRow.state != "done")
        promised = select(PromiseRow.case_number).where(
            PromiseRow.state == "open", PromiseRow.case_number.is_not(None)
        )
        query = (
            select(CaseRow)
            .where(
                CaseRow.changed_at < before,
                CaseRow.state.in_(FINAL),
                CaseRow.case_number.not_in(held),
                CaseRow.case_number.not_in(waiting),
                CaseRow.case_number.not_in(promised),
                or_(
                    *(
                        (column != "") & column.not_like(_TAKEN_OUT)
                        for column in (CaseRow.caller_phone, CaseRow.caller_name)
                    )
                ),
            )
            .order_by(CaseRow.case_number)
            .limit(_AT_ONCE)
        )
        done, last = 0, ""
        while cases := await self._rows(query.where(CaseRow.case_number > last)):
            await self._desk.take_out_of(cases)
            done, last = done + len(cases), cases[-1].case_number
        return done

    async def _calls(self, before: float) -> int:
        """Calls of which no case is kept: a case's own follow the rule of cases."""
        of_cases = select(CaseRow.call_id).where(CaseRow.call_id.is_not(None))
        query = (
            select(CallRow.call_id, CallRow.calling)
            .where(
                CallRow.ended_at < before,
                CallRow.calling != "",
                CallRow.calling.not_like(_TAKEN_OUT),
                CallRow.call_id.not_in(of_cases),
            )
            .order_by(CallRow.call_id)
            .limit(_AT_ONCE)
        )
        done, last = 0, ""
        while True:
            async with self._journal.database.session() as session:
                rows = (await session.execute(query.where(CallRow.call_id > last))).all()
            if not rows:
                return done
            await self._desk.take_out_of_calls({row.call_id: row.calling for row in rows})
            done, last = done + len(rows), rows[-1].call_id

    async def _sounds(self, before: float) -> int:
        async with self._journal.database.session() as session:
            held = await _sounds_on_hold(session)
        return await asyncio.to_thread(_erase_older, self._recordings, before, held)

    async def _drafts(self, before: float) -> int:
        async with self._journal.database.writing() as session:
            gone = await session.execute(delete(DraftRow).where(DraftRow.saved_at < before))
        return int(getattr(gone, "rowcount", 0))

    async def _rows(self, query: object) -> Sequence[CaseRow]:
        async with self._journal.database.session() as session:
            return (await session.scalars(query)).all()  # type: ignore[call-overload, no-any-return]


async def _sounds_on_hold(session: AsyncSession) -> frozenset[str]:
    held = select(LegalHoldRow.case_number).where(LegalHoldRow.lifted_at.is_(None))
    of_case = select(CaseRow.call_id).where(CaseRow.case_number.in_(held))
    queries = (
        select(CallRow.recording).where(CallRow.call_id.in_(of_case)),
        select(ReportRow.path).where(ReportRow.call_id.in_(of_case)),
        select(HandoverRow.recording).where(HandoverRow.call_id.in_(of_case)),
        select(CallbackTaskRow.recording).where(CallbackTaskRow.case_number.in_(held)),
        select(OutboundCallRow.recording).where(OutboundCallRow.case_number.in_(held)),
    )
    paths = [path for query in queries for path in await session.scalars(query) if path]
    return frozenset(path.removesuffix(".wav") for path in paths)


def _erase_older(folder: Path, before: float, held: frozenset[str]) -> int:
    gone = 0
    for file in folder.rglob("*.wav"):
        name = file.relative_to(folder).with_suffix("").as_posix()
        # The studio's takes say what the city says, not what citizens said.
        if not name.startswith("prompts/") and name not in held and file.stat().st_mtime < before:
            file.unlink()
            gone += 1
    return gone
