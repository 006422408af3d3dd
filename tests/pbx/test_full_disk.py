"""The disk of the recordings is full in a talk or a report: told, and nothing else disturbed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.system import HotlineSystem
from tests.talks import hear_each_other, talking, waiting

# A disk of a recording's first seconds (16 kB each), mounted where only the system sees it.
TINY_DISK = 'mount -t tmpfs -o size=64k tiny "$0" && exec "$@"'


@pytest.fixture
async def cramped(tmp_path: Path) -> AsyncIterator[HotlineSystem]:
    recordings = tmp_path / "system" / "recordings"
    recordings.mkdir(parents=True)
    alone = ("unshare", "--user", "--map-root-user", "--mount")
    it = HotlineSystem(tmp_path / "system", under=(*alone, "sh", "-c", TINY_DISK, str(recordings)))
    await it.start()
    yield it
    await it.stop()


async def test_a_talk_goes_on_when_its_recording_cannot(cramped: HotlineSystem) -> None:
    start = cramped.log_size()
    pid = cramped.controller().pid
    async with talking(cramped) as talk:
        for _ in range(3):
            await hear_each_other(talk.citizen, talk.phone, seconds=3)
        await talk.citizen.hangup()
    failed = await cramped.journalled("RecordingFailed", after=talk.mark)
    assert failed.data["call_id"] == talk.call_id
    assert " s recorded of a talk of " in failed.data["why"]
    async with talking(cramped, number="13900000002") as again:
        await hear_each_other(again.citizen, again.phone)
    assert cramped.controller().pid == pid
    assert "Traceback" not in cramped.log_text(start)


async def test_a_report_that_cannot_be_written_is_told_as_such_and_not_as_silence(
    cramped: HotlineSystem,
) -> None:
    async with waiting(cramped) as call:
        await call.citizen.send_keys("2")
        await call.ear.hears(("report-cut",), within=30)
        kept = await cramped.journalled("ReportRecorded", after=call.mark)
        assert kept.data["ended_by"] == "fault"
        await cramped.journalled("CaseOpened", after=call.mark, call_id=call.call_id)
    async with waiting(cramped, "13900000002") as again:
        await again.citizen.send_keys("2")
        await again.ear.hears(("report-failed",), within=30)
        # A person, as the words say.
        mark = cramped.last_seq()
        await again.citizen.send_keys("0")
        await cramped.journalled("CallQueued", after=mark, call_id=again.call_id)
        ended = await cramped.journalled("ReportEmpty", after=again.mark, call_id=again.call_id)
    assert ended.data["because"] == "unsaved"
    assert "disk of the recordings is full" in ended.data["why"]
