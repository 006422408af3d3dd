"""Whether what is told about calls agrees: journal, cases, reports and the recorded files."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Sequence
from sqlite3 import Row

from tests.deadline import PATIENCE_S
from tests.system import HotlineSystem


def check_agreement(system: HotlineSystem, after: int = 0) -> None:
    """Look at the calls that arrived after this number of the journal, and at every case.

    Raises AssertionError naming what disagrees.
    """
    calls = {entry.data["call_id"] for entry in system.journal("CallArrived", after=after)}
    _calls_have_one_story(system, calls)
    _reports_are_there_and_are_cases(system, calls)
    _cases_are_in_the_journal(system)
    _talks_have_recordings(system, calls)


def _calls_have_one_story(system: HotlineSystem, calls: Collection[str]) -> None:
    for row in _of(calls, system.rows("SELECT * FROM calls")):
        story = [entry.kind for entry in system.journal(call_id=row["call_id"])]
        told = f"{row['call_id']}: {story}"
        assert story.count("CallArrived") == 1, told
        if row["ended_at"] is not None:
            assert story.count("CallEnded") == 1, told
        assert story.count("CallAnswered") == story.count("TalkEnded"), told
        assert not ("CallAnswered" in story and "CallAbandoned" in story), told
        assert story.count("CallRated") <= 1, told


async def comes_to_agree(system: HotlineSystem, after: int = 0) -> None:
    """The same, with time for what is written last, such as a talk's recording."""

    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            check_agreement(system, after)
        except AssertionError:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.2)
        else:
            return


def _of(calls: Collection[str], rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["call_id"] in calls]


def _reports_are_there_and_are_cases(system: HotlineSystem, calls: Collection[str]) -> None:
    for row in _of(calls, system.rows("SELECT * FROM reports WHERE state != 'empty'")):
        path = system.config.recording.dir / row["path"]
        if path.suffix != ".wav":
            path = path.with_name(path.name + ".wav")
        assert path.exists(), f"{row['report_id']}: {path} is missing"
        cases = system.rows("SELECT * FROM cases WHERE report_id = ?", row["report_id"])
        assert len(cases) == 1, f"{row['report_id']} has {len(cases)} cases"


def _cases_are_in_the_journal(system: HotlineSystem) -> None:
    opened = {entry.data["case_number"] for entry in system.journal("CaseOpened")}
    kept = {row["case_number"] for row in system.rows("SELECT case_number FROM cases")}
    assert opened == kept


def _talks_have_recordings(system: HotlineSystem, calls: Collection[str]) -> None:
    for row in _of(calls, system.rows("SELECT * FROM calls WHERE talk_ended_at IS NOT NULL")):
        assert row["recording"], f"{row['call_id']} has no recording: {row['recording_fault']}"
        path = system.config.recording.dir / row["recording"]
        if path.suffix != ".wav":
            path = path.with_name(path.name + ".wav")
        assert path.exists(), f"{row['call_id']}: {path} is missing"
