"""Follows the journal: judges calls that are over, and lets their numbers be considered."""

from __future__ import annotations

import asyncio
from pathlib import Path

from hotline.callers.heard import heard_of
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


class CallerWatch:
    """Notes silent calls and calls that a rule is in force for, and proposes rules as soon as
    there is reason for one."""

    def __init__(self, desk: CallerDesk, journal: Journal, recordings: Path) -> None:
        self._desk = desk
        self._journal = journal
        self._recordings = recordings

    async def run(self) -> None:
        """Judge what happens from now on.

        Raises :class:`hotline.storage.journal.JournalUnavailable`; may be run again. A call that
        is missed meanwhile counts when its number calls again, unless it was silent.
        """
        async for record in self._journal.follow(None):
            await self._take(record)

    async def _take(self, record: Record) -> None:
        match record.event:
            case CallArrived(call_id=call_id, calling=calling):
                if rule := self._desk.rule_for(calling, record.at):
                    applied = CallerRuleApplied(call_id, rule.rule_id, rule.effect)
                    await self._journal.append(applied)
            case CallEnded(call_id=call_id):
                if not await self._judge(call_id, None):
                    await self._desk.consider(call_id)
            case ReportEmpty(call_id=call_id):
                # Who hangs up while speaking is over before their report is measured.
                await self._judge(call_id, None)
            case RecordingStored(call_id=call_id, path=path):
                await self._judge(call_id, self._recordings / path)
            case SilentCall(call_id=call_id) | TalkMarked(call_id=call_id):
                await self._desk.consider(call_id)

    async def _judge(self, call_id: str, recording: Path | None) -> bool:
        """Whether the call was silent; journalled once, whatever is judged again."""
        spoken = await asyncio.to_thread(spoken_seconds, recording) if recording else None
        records = await self._journal.read(call_id=call_id)
        if not any(isinstance(one.event, CallEnded) for one in records):
            return False
        silence = silence_of(heard_of(records, spoken))
        if silence is None or any(isinstance(one.event, SilentCall) for one in records):
            return False
        await self._journal.append(SilentCall(call_id, silence.seconds, silence.where))
        return True
