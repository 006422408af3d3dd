"""Silent calls are noticed by themselves, and what they amount to is proposed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from hotline import events
from hotline.callers.heard import heard_of
from hotline.callers.model import Effect, Mark
from hotline.callers.service import CallerDesk
from hotline.callers.silence import Heard
from hotline.callers.watch import CallerWatch
from hotline.recording.speech import spoken_seconds
from hotline.speech.audio import TELEPHONE_RATE, write_wav
from hotline.storage.journal import Journal
from hotline.storage.records import Record
from tests.audio import tone
from tests.databases import HandClock
from tests.deadline import until
from tests.unit.callers.made import AGENT, NUMBER, call, in_force

CALL = "pbx1-1"


@asynccontextmanager
async def watching(journal: Journal, desk: CallerDesk, recordings: Path) -> AsyncIterator[None]:
    running = asyncio.create_task(CallerWatch(desk, journal, recordings).run())
    await asyncio.sleep(0)
    yield
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
async def watch(journal: Journal, desk: CallerDesk, tmp_path: Path) -> AsyncIterator[None]:
    async with watching(journal, desk, tmp_path):
        yield


async def silent(journal: Journal) -> list[events.Event]:
    return [r.event for r in await journal.read(kinds=(events.SilentCall,))]


def records(*happened: tuple[float, events.Event]) -> list[Record]:
    return [Record(seq, at, event) for seq, (at, event) in enumerate(happened, 1)]


async def empty_report(
    journal: Journal, clock: HandClock, call_id: str, *, measured_late: bool = False
) -> None:
    await journal.append(events.CallArrived(call_id, "pbx1", "PJSIP/t", "12319", NUMBER))
    clock.advance(40)
    report_id = f"{call_id}/r1"
    empty = events.ReportEmpty(call_id, report_id, "silence")
    ended = events.CallEnded(call_id, "citizen")
    await journal.append(events.ReportStarted(call_id, report_id, "r.wav", "asked"))
    for event in (ended, empty) if measured_late else (empty, ended):
        await journal.append(event)


@pytest.mark.usefixtures("watch")
@pytest.mark.parametrize("late", [False, True])
async def test_an_empty_report_is_noted_as_a_silent_call(
    journal: Journal, clock: HandClock, late: bool
) -> None:
    await empty_report(journal, clock, CALL, measured_late=late)
    await until(lambda: _count(journal, events.SilentCall, 1))
    assert await silent(journal) == [events.SilentCall(CALL, 40.0, "report")]


@pytest.mark.usefixtures("watch")
async def test_the_fifth_silent_call_of_a_day_is_proposed_by_itself(
    journal: Journal, clock: HandClock
) -> None:
    for number in range(1, 6):
        await empty_report(journal, clock, f"pbx1-{number}")
    await until(lambda: _count(journal, events.CallerRuleProposed, 1))


@pytest.mark.usefixtures("watch")
async def test_a_second_abusive_mark_is_proposed_by_itself(
    journal: Journal, clock: HandClock, desk: CallerDesk
) -> None:
    for call_id in ("pbx1-1", "pbx1-2"):
        await call(journal, clock, call_id)
        await desk.mark(call_id, Mark.ABUSIVE, "辱骂", AGENT)
    await until(lambda: _count(journal, events.CallerRuleProposed, 1))


async def test_a_call_that_a_rule_is_in_force_for_is_journalled(
    journal: Journal, clock: HandClock, desk: CallerDesk, tmp_path: Path
) -> None:
    rule = await in_force(journal, clock, desk, Effect.ANNOUNCE)
    async with watching(journal, desk, tmp_path):
        await call(journal, clock, "pbx1-9", f"+86{NUMBER}")
        await until(lambda: _count(journal, events.CallerRuleApplied, 1))
    (record,) = await journal.read(kinds=(events.CallerRuleApplied,))
    assert record.event == events.CallerRuleApplied("pbx1-9", rule.rule_id, "announce")


@pytest.mark.usefixtures("watch")
async def test_a_talk_in_which_nobody_speaks_is_noted_when_its_recording_is_there(
    journal: Journal, clock: HandClock, tmp_path: Path
) -> None:
    write_wav(tmp_path / "talk.wav", np.zeros(12 * TELEPHONE_RATE, np.int16))
    await journal.append(events.CallArrived(CALL, "pbx1", "PJSIP/t", "12319", NUMBER))
    await journal.append(events.CallAnswered(CALL, "agent1", 1.0, "talk.wav"))
    clock.advance(12)
    await journal.append(
        events.TalkEnded(CALL, "agent1", 12.0, "citizen"),
        events.CallEnded(CALL, "citizen"),
        events.RecordingStored(CALL, "talk.wav", 12.0),
    )
    await until(lambda: _count(journal, events.SilentCall, 1))
    assert await silent(journal) == [events.SilentCall(CALL, 12.0, "talk")]


async def _count(journal: Journal, kind: type[events.Event], least: int) -> bool:
    return len(await journal.read(kinds=(kind,))) >= least


def test_what_a_flow_asked_for_in_vain_is_added_up() -> None:
    heard = heard_of(
        records(
            (0.0, events.CallArrived(CALL, "pbx1", "PJSIP/t", "12319", NUMBER)),
            (1.0, events.FlowStep(CALL, "main", "menu", 1)),
            (22.0, events.FlowStep(CALL, "person", "menu", 1, "failed")),
            (50.0, events.CallEnded(CALL, "citizen")),
        )
    )
    assert heard == Heard(on_line_s=50.0, asked_s=21.0)


def test_keys_and_words_are_counted() -> None:
    heard = heard_of(
        records(
            (0.0, events.CallArrived(CALL, "pbx1", "PJSIP/t", "12319", NUMBER)),
            (1.0, events.FlowStep(CALL, "main", "menu", 1)),
            (2.0, events.KeyPressed(CALL, "1")),
            (3.0, events.FlowStep(CALL, "ask", "menu", 1, "word:投诉")),
        )
    )
    assert (heard.keys, heard.words, heard.asked_s) == (1, 1, 0)


def test_speech_is_measured_and_noise_is_not(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(-60, 60, 3 * TELEPHONE_RATE).astype(np.int16)
    path = tmp_path / "r.wav"
    write_wav(path, np.concatenate([noise, tone(440, 1.5), noise]))
    measured = spoken_seconds(path)
    assert measured is not None
    assert abs(measured - 1.5) < 0.05


def test_a_file_that_is_no_recording_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "r.wav").write_bytes(b"no")
    assert spoken_seconds(tmp_path / "r.wav") is None
    assert spoken_seconds(tmp_path / "none.wav") is None
