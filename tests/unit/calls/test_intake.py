"""Reports that lie in the folder without anybody having taken them in."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from hotline import events
from hotline.calls.intake import QUIET_S, ReportIntake
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.storage.lookups import Lookups
from tests.databases import MORNING, HandClock
from tests.unit.calls.house import CALL, silence, speak, write

RELATIVE = f"reports/fallback/{CALL}.wav"
SIDE = {
    "call_id": CALL,
    "channel": "PJSIP/citizens-1",
    "called": "12319",
    "calling": "13800138000",
    "calling_name": "张三",
    "started_at": MORNING - 60,
    "reason": "fallback",
}


class Living:
    """The calls that live."""

    def __init__(self) -> None:
        self.calls: set[str] = set()

    def done_with(self, call_id: str) -> bool:
        return call_id not in self.calls


@pytest.fixture
def living() -> Living:
    return Living()


@pytest.fixture
def intake(
    journal: Journal, database: Database, clock: HandClock, tmp_path: Path, living: Living
) -> ReportIntake:
    return ReportIntake(
        node="pbx1",
        recordings=tmp_path,
        min_report_s=1.0,
        journal=journal,
        lookups=Lookups(database),
        living=living,
        clock=clock,
    )


def left(folder: Path, side: str | None, age_s: float = 30.0) -> Path:
    """A report that the dialplan took alone, last written ``age_s`` ago."""
    path = folder / RELATIVE
    speak(path)
    if side is not None:
        path.with_suffix(".json").write_text(side, encoding="utf-8")
    _aged(path, age_s)
    return path


def _aged(path: Path, age_s: float) -> None:
    os.utime(path, (MORNING - age_s, MORNING - age_s))


async def arrived(journal: Journal) -> events.CallArrived:
    (record,) = await journal.read(kinds=[events.CallArrived])
    assert isinstance(record.event, events.CallArrived)
    return record.event


async def kinds(journal: Journal) -> list[str]:
    return [record.event.kind for record in await journal.read()]


async def test_a_report_is_taken_in_with_what_its_sidecar_knows(
    intake: ReportIntake, journal: Journal, tmp_path: Path
) -> None:
    left(tmp_path, json.dumps(SIDE))
    assert await intake.sweep() == 1
    call = await arrived(journal)
    assert (call.calling, call.calling_name, call.called) == ("13800138000", "张三", "12319")
    story = ["CallArrived", "ReportStarted", "ReportRecorded", "CallEnded"]
    assert await kinds(journal) == story
    assert (await journal.read())[0].at == MORNING - 60


async def test_a_report_is_taken_in_once(
    intake: ReportIntake, journal: Journal, tmp_path: Path
) -> None:
    left(tmp_path, json.dumps(SIDE))
    await intake.sweep()
    before = await journal.read()
    assert await intake.sweep() == 0
    assert await journal.read() == before


@pytest.mark.parametrize(
    "side",
    [None, "", "{", "[]", "null", '{"call_id": "x"}', '{"call_id": "x", "started_at": "soon"}'],
)
async def test_a_report_whose_sidecar_tells_nothing_is_taken_in_as_of_unknown(
    intake: ReportIntake, journal: Journal, tmp_path: Path, side: str | None
) -> None:
    left(tmp_path, side)
    assert await intake.sweep() == 1
    call = await arrived(journal)
    assert (call.call_id, call.calling, call.called) == (CALL, "", "")
    assert (await journal.read())[0].at == MORNING - 30


async def test_a_report_that_is_still_being_spoken_is_left_alone(
    intake: ReportIntake, journal: Journal, clock: HandClock, tmp_path: Path
) -> None:
    left(tmp_path, json.dumps(SIDE), age_s=QUIET_S - 1)
    assert await intake.sweep() == 0
    clock.advance(2)
    assert await intake.sweep() == 1


async def test_a_report_of_a_living_call_is_left_alone(
    intake: ReportIntake, journal: Journal, tmp_path: Path, living: Living
) -> None:
    left(tmp_path, json.dumps(SIDE))
    living.calls.add(CALL)
    assert await intake.sweep() == 0
    assert await journal.read() == []


@pytest.mark.parametrize("samples", [silence(3), b""])
async def test_a_report_without_a_word_is_told_as_empty(
    intake: ReportIntake, journal: Journal, tmp_path: Path, samples: bytes
) -> None:
    path = left(tmp_path, json.dumps(SIDE))
    write(path, samples)
    _aged(path, 30)
    assert await intake.sweep() == 1
    assert "ReportEmpty" in await kinds(journal)


async def test_a_file_that_is_no_recording_is_told_as_empty_and_holds_nobody_else_up(
    intake: ReportIntake, journal: Journal, tmp_path: Path
) -> None:
    left(tmp_path, json.dumps(SIDE))
    broken = tmp_path / "reports/fallback/pbx1-0.0.wav"
    broken.write_bytes(b"no recording")
    _aged(broken, 30)
    assert await intake.sweep() == 2
    assert (await kinds(journal)).count("ReportEmpty") == 1
    assert (await kinds(journal)).count("ReportRecorded") == 1


async def test_a_file_whose_writer_died_in_the_middle_of_a_sample_is_kept(
    intake: ReportIntake, journal: Journal, tmp_path: Path
) -> None:
    path = left(tmp_path, json.dumps(SIDE))
    with path.open("ab") as file:
        file.write(b"\x01")
    _aged(path, 30)
    assert await intake.sweep() == 1
    assert "ReportRecorded" in await kinds(journal)


async def test_a_report_that_a_killed_controller_began_is_ended(
    intake: ReportIntake, journal: Journal, tmp_path: Path, living: Living
) -> None:
    path = f"reports/20261120/{CALL}-r1.wav"
    speak(tmp_path / path)
    await journal.append(
        events.CallArrived(CALL, "pbx1", "PJSIP/citizens-1", "12319", "13800138000"),
        events.ReportStarted(CALL, f"{CALL}/r1", path, "nobody_ready"),
    )
    living.calls.add(CALL)
    assert await intake.sweep() == 0
    living.calls.clear()
    assert await intake.sweep() == 1
    last = (await journal.read())[-1].event
    assert isinstance(last, events.ReportRecorded)
    assert (last.path, last.ended_by) == (path, "unknown")
