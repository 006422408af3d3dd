"""Follows the journal: judges calls that are over, and lets their numbers be considered."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import func, select

from hotline.callers.heard import heard_of
from hotline.callers.model import DAY_S, number_of
from hotline.callers.often import Often
from hotline.callers.rules import LEAST_CALLS
from hotline.callers.service import CallerDesk
from hotline.callers.silence import silence_of
from hotline.events import (
    CallArrived,
    CallEnded,
    CallerRuleApplied,
    RecordingStored,
    ReportEmpty,
    SilentCall,
    TalkMarked,
)
from hotline.recording.speech import spoken_seconds
from hotline.storage.journal import Journal
from hotline.storage.records import Record
from hotline.storage.tables import CallRow
from hotline.waiting.model import IN_PLACE_IDS, is_place


class CallerWatch:
    """Notes silent calls and calls that a rule is in force for, and proposes rules as soon as
    there is reason for one."""

    def __init__(self, desk: CallerDesk, journal: Journal, recordings: Path) -> None:
        self._desk = desk
        self._journal = journal
        self._recordings = recordings
        self._often = Often(DAY_S)
        # What the living calls' records are: no call is read again to be judged at its end.
        self._living: dict[str, list[Record]] = {}

    async def run(self) -> None:
        """Judge what happens from now on.

        Raises :class:`hotline.storage.journal.JournalUnavailable`; may be run again. A call that
        is missed meanwhile counts when its number calls again, unless it was silent.
        """
        seq = self._journal.last_seq
        await self._count()
        self._living.clear()
        async for record in self._journal.follow(seq):
            await self._take(record)

    async def _count(self) -> None:
        """Learn how often each number called on the last day of which there are calls."""
        often = Often(DAY_S)
        async with self._journal.database.session() as session:
            last = await session.scalar(select(func.max(CallRow.arrived_at))) or 0.0
            query = select(CallRow.calling, func.count()).where(
                CallRow.arrived_at > last - DAY_S,
                # A kept place is no further call of the citizen's.
                ~CallRow.call_id.contains(IN_PLACE_IDS, autoescape=True),
            )
            for calling, times in await session.execute(query.group_by(CallRow.calling)):
                often.called(number_of(calling), last, times)
        self._often = often

    async def _take(self, record: Record) -> None:
        call_id: str = getattr(record.event, "call_id", "")
        if call_id in self._living:
            self._living[call_id].append(record)
        match record.event:
            case CallArrived(calling=calling):
                self._living[call_id] = [record]
                if not is_place(call_id):
                    self._often.called(number_of(calling), record.at)
                if rule := self._desk.rule_for(calling, record.at):
                    applied = CallerRuleApplied(call_id, rule.rule_id, rule.effect)
                    await self._journal.append(applied)
            case CallEnded():
                records = self._living.pop(call_id, None)
                if not await self._judge(call_id, None, records) and self._may_tell(records):
                    await self._desk.consider(call_id)
            case ReportEmpty() if call_id not in self._living:
                # Who hangs up while speaking is over before their report is measured.
                await self._judge(call_id, None)
            case RecordingStored(path=path):
                await self._judge(call_id, self._recordings / path)
            case SilentCall() | TalkMarked():
                await self._desk.consider(call_id)

    def _may_tell(self, records: list[Record] | None) -> bool:
        """Whether the mere number of calls may be reason for a rule."""
        match records:
            case [Record(at=at, event=CallArrived(calling=calling)), *_]:
                return self._often.times(number_of(calling), at) >= LEAST_CALLS
        return True

    async def _judge(
        self, call_id: str, recording: Path | None, records: list[Record] | None = None
    ) -> bool:
        """Whether the call was silent; journalled once, whatever is judged again."""
        spoken = await asyncio.to_thread(spoken_seconds, recording) if recording else None
        if records is None:
            records = await self._journal.read(call_id=call_id)
        if not any(isinstance(one.event, CallEnded) for one in records):
            return False
        silence = silence_of(heard_of(records, spoken))
        if silence is None or any(isinstance(one.event, SilentCall) for one in records):
            return False
        await self._journal.append(SilentCall(call_id, silence.seconds, silence.where))
        return True
