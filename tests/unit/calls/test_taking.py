"""Which of a caller's takes is kept, and what the journal is told."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from hotline import events
from hotline.calls import model
from hotline.calls.taking import Fate, conclude, look
from hotline.speech.audio import write_wav
from tests.audio import tone

CALL = "pbx1-1.1"
MIN_S = 0.7


def command(ended_by: str, *earlier: int, newest: int = 1) -> model.MeasureReport:
    takes = tuple((f"{CALL}/r{number}", f"r{number}.wav") for number in earlier)
    return model.MeasureReport(CALL, f"{CALL}/r{newest}", f"r{newest}.wav", ended_by, takes)


def speak(folder: Path, seconds: Mapping[int, float]) -> None:
    """Write takes: speech of some length, nothing to hear for a length of 0."""
    for number, length in seconds.items():
        said = tone(500, length) if length else np.zeros(8000, np.int16)
        write_wav(folder / f"r{number}.wav", said)


def recorded(happened: list[events.Event]) -> list[str]:
    return [e.report_id for e in happened if isinstance(e, events.ReportRecorded)]


def because(happened: list[events.Event]) -> dict[str, str]:
    return {e.report_id: e.because for e in happened if isinstance(e, events.ReportEmpty)}


async def test_the_newest_take_that_holds_something_is_kept(tmp_path: Path) -> None:
    speak(tmp_path, {1: 2.0, 2: 3.0})
    fate, happened = await conclude(tmp_path, command("key", 1, newest=2), MIN_S)
    assert fate == Fate("kept", f"{CALL}/r2", "r2.wav", 3.0)
    assert recorded(happened) == [f"{CALL}/r2"]
    assert because(happened) == {f"{CALL}/r1": "replaced"}


async def test_one_who_speaks_again_and_says_nothing_keeps_what_was_said(tmp_path: Path) -> None:
    speak(tmp_path, {1: 2.0, 2: 0.0})
    fate, happened = await conclude(tmp_path, command("hangup", 1, newest=2), MIN_S)
    assert (fate.outcome, fate.report_id) == ("kept", f"{CALL}/r1")
    assert isinstance(happened[0], events.ReportRecorded)
    assert because(happened) == {f"{CALL}/r2": "silent"}


async def test_of_three_takes_only_one_becomes_a_report(tmp_path: Path) -> None:
    speak(tmp_path, {1: 2.0, 2: 1.0, 3: 0.0})
    fate, happened = await conclude(tmp_path, command("silence", 1, 2, newest=3), MIN_S)
    assert fate.report_id == f"{CALL}/r2"
    assert recorded(happened) == [f"{CALL}/r2"]
    assert because(happened) == {f"{CALL}/r3": "silent", f"{CALL}/r1": "replaced"}


async def test_what_was_written_before_a_fault_is_kept_and_told_as_cut(tmp_path: Path) -> None:
    speak(tmp_path, {1: 2.0})
    fate, happened = await conclude(tmp_path, command("fault"), MIN_S)
    assert fate.outcome == "cut"
    assert isinstance(happened[0], events.ReportRecorded)
    assert happened[0].ended_by == "fault"


async def test_what_could_not_be_written_is_not_told_as_silence(tmp_path: Path) -> None:
    fate, happened = await conclude(tmp_path, command("fault"), MIN_S)
    assert fate == Fate("unsaved")
    assert because(happened) == {f"{CALL}/r1": "unsaved"}
    assert "Asterisk could not write it" in str(happened[0].data()["why"])


class Disk(NamedTuple):
    total: int
    used: int
    free: int


async def test_a_full_disk_is_the_reason_also_when_the_caller_hangs_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Disk(1, 1, 4096))
    fate, happened = await conclude(tmp_path, command("hangup"), MIN_S)
    assert fate.outcome == "unsaved"
    assert "disk of the recordings is full (4 kB free)" in str(happened[0].data()["why"])


async def test_a_look_tells_what_is_there_and_journals_nothing(tmp_path: Path) -> None:
    speak(tmp_path, {1: 2.0, 2: 0.0})
    assert (await look(tmp_path, "r1.wav", "key", MIN_S)).outcome == "kept"
    assert (await look(tmp_path, "r2.wav", "key", MIN_S)).outcome == "empty"
    assert (await look(tmp_path, "r3.wav", "fault", MIN_S)).outcome == "unsaved"
