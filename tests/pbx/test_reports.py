"""Spoken reports: on the citizen's choice, with nobody there, out of hours; never lost."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from hotline.speech.audio import read_wav, write_wav
from hotline.speech.sentences import REPORTS, spoken
from hotline.speech.synthesis import Synthesiser
from tests.audio import loud_seconds, tone, tone_seconds
from tests.deadline import until
from tests.gateway import fake_gateway
from tests.pbx.conftest import StartSystem
from tests.system import HotlineSystem, Settings
from tests.talks import Waiting, ringing_in, waiting

SPEECH_HZ = 1000
AGAIN_HZ = 1300


async def the_beep(system: HotlineSystem, call: Waiting) -> None:
    """Wait for the request to speak and the end of the beep: the file is begun then."""
    await call.ear.hears(("report-please",), within=30)
    started = system.journal("ReportStarted", call_id=call.call_id)[-1]
    file = system.config.recording.dir / started.data["path"]
    await until(file.exists, what="the recording has begun")


async def after_the_beep(system: HotlineSystem, call: Waiting, speech: Path) -> float:
    """Say ``speech`` when it is asked for; since when, as ``time.monotonic()`` tells."""
    await the_beep(system, call)
    await call.citizen.set_source(speech)
    return time.monotonic()


async def saves(call: Waiting) -> None:
    """End the recording by the hash key, and save it at the review."""
    await call.citizen.send_keys("#")
    await call.ear.hears(("report-review",), within=30)
    await call.citizen.send_keys("1")


async def recorded(system: HotlineSystem, call: Waiting) -> dict[str, object]:
    """The journal's entry of the caller's report, with its case in the registry."""
    entry = await system.journalled(
        "ReportRecorded", after=call.mark, within=30, call_id=call.call_id
    )
    opened = await system.journalled("CaseOpened", after=call.mark, call_id=call.call_id)
    case = system.rows("SELECT * FROM cases WHERE case_number = ?", opened.data["case_number"])[0]
    assert case["state"] == "to_verify"
    assert case["source"] == "voice_report"
    assert case["report_id"] == entry.data["report_id"]
    assert case["caller_phone"] == "13800138000"
    return entry.data


@pytest.fixture
async def asked(system: HotlineSystem) -> AsyncIterator[Waiting]:
    """A citizen who waits with nobody ready and presses the report key."""
    async with waiting(system) as call:
        await call.citizen.send_keys("2")
        yield call


async def test_a_report_on_the_citizens_choice_ended_by_the_hash_key(
    system: HotlineSystem, asked: Waiting
) -> None:
    since = await after_the_beep(system, asked, system.tone(SPEECH_HZ))
    await asyncio.sleep(2)
    await asked.citizen.send_keys("#")
    spoken_s = time.monotonic() - since
    await asked.ear.hears(("report-review",), within=30)
    await asked.citizen.send_keys("1")
    await asked.ear.hears(("report-number",), within=30)
    await asked.ear.hears(("report-number-again",), within=30)
    await asked.ear.hears(("report-saved",), within=30)
    await asked.citizen.closed(within=30)
    data = await recorded(system, asked)
    assert data["ended_by"] == "key"
    started = await system.journalled("ReportStarted", after=asked.mark, call_id=asked.call_id)
    assert started.data["reason"] == "asked"
    heard = read_wav(_file(system, str(data["path"]))).samples
    assert 1.5 < tone_seconds(heard, SPEECH_HZ) < spoken_s + 1


def _file(system: HotlineSystem, path: str) -> Path:
    file = system.config.recording.dir / path
    return file if file.suffix == ".wav" else file.with_name(file.name + ".wav")


async def test_silence_ends_a_report(system: HotlineSystem, asked: Waiting, tmp_path: Path) -> None:
    speech = tmp_path / "speech.wav"
    write_wav(speech, read_wav(system.tone(SPEECH_HZ)).samples[:16000])
    await after_the_beep(system, asked, speech)
    # Without a key it is saved.
    await asked.ear.hears(("report-choice",), within=30)
    await asked.ear.hears(("report-saved",), within=30)
    await asked.citizen.closed(within=30)
    data = await recorded(system, asked)
    assert data["ended_by"] == "silence"


async def test_a_hang_up_ends_a_report_and_keeps_it(system: HotlineSystem, asked: Waiting) -> None:
    since = await after_the_beep(system, asked, system.tone(SPEECH_HZ))
    await asyncio.sleep(2)
    await asked.citizen.hangup()
    await asked.citizen.closed()
    spoken_s = time.monotonic() - since
    data = await recorded(system, asked)
    assert data["ended_by"] == "hangup"
    assert 1.5 < float(str(data["seconds"])) < spoken_s + 2


async def test_a_report_is_spoken_again_and_added_to(system: HotlineSystem, asked: Waiting) -> None:
    await after_the_beep(system, asked, system.tone(SPEECH_HZ))
    await asyncio.sleep(1.5)
    await asked.citizen.send_keys("#")
    await asked.citizen.set_source(_quiet(system))
    await asked.ear.hears(("report-review",), within=30)
    await asked.citizen.send_keys("2")
    await after_the_beep(system, asked, system.tone(AGAIN_HZ))
    await asyncio.sleep(1.5)
    await asked.citizen.send_keys("#")
    await asked.ear.hears(("report-review",), within=30)
    await asked.citizen.send_keys("3")
    await asked.ear.hears(("report-go-on",), within=30)
    await asked.ear.quiet(0.7, within=30)
    await asyncio.sleep(1.5)
    # Not even a hang-up in the middle loses anything.
    await asked.citizen.hangup()
    data = await recorded(system, asked)
    heard = read_wav(_file(system, str(data["path"]))).samples
    assert tone_seconds(heard, AGAIN_HZ) > 3
    assert tone_seconds(heard, SPEECH_HZ) == 0
    first = await system.journalled("ReportEmpty", after=asked.mark, call_id=asked.call_id)
    assert (first.data["because"], first.data["report_id"]) == (
        "replaced",
        f"{asked.call_id}/r1",
    )


@pytest.fixture(scope="module")
async def attentive(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HotlineSystem]:
    """It asks early to speak up, leaves more time to do so, and writes reports down."""
    settings: Settings = {
        "report": {"quiet_seconds": 2, "silence_seconds": 6},
        "speech": {"model": "demo"},
    }
    it = HotlineSystem(tmp_path_factory.mktemp("attentive"), settings)
    await it.start()
    yield it
    await it.stop()


async def test_who_speaks_too_quietly_is_asked_to_speak_up_and_goes_on(
    attentive: HotlineSystem,
) -> None:
    system, start = attentive, attentive.log_size()
    murmur = system.folder / "murmur.wav"
    write_wav(murmur, tone(SPEECH_HZ, 60, level=0.004))
    async with waiting(system) as call:
        await call.citizen.send_keys("2")
        await after_the_beep(system, call, murmur)
        await call.ear.hears(("report-louder",), within=30)
        await call.citizen.set_source(system.tone(AGAIN_HZ))
        await call.ear.quiet(0.7, within=30)
        await asyncio.sleep(3.0)
        await saves(call)
        data = await recorded(system, call)
    heard = read_wav(_file(system, str(data["path"]))).samples
    # What was murmured is kept, and asked for once only.
    assert tone_seconds(heard, AGAIN_HZ) > 3
    assert float(str(data["seconds"])) > tone_seconds(heard, AGAIN_HZ) + 1.5
    assert system.log_text(start).count("reports.too_quiet") == 1


async def test_a_citizen_who_says_nothing_twice_makes_no_case(
    system: HotlineSystem, asked: Waiting
) -> None:
    await asked.citizen.set_source(_quiet(system))
    for _ in range(2):
        await the_beep(system, asked)
        await asked.citizen.send_keys("#")
        await asked.ear.hears(("report-empty",), within=30)
    await asked.citizen.closed(within=30)
    await system.journalled("ReportEmpty", after=asked.mark, call_id=asked.call_id)
    assert not system.journal("CaseOpened", call_id=asked.call_id)


def _quiet(system: HotlineSystem) -> Path:
    wav = system.folder / "quiet.wav"
    write_wav(wav, np.zeros(8000, np.int16))
    return wav


async def test_nobody_ready_within_the_set_time_asks_for_a_report_and_writes_its_number(
    own_system: StartSystem,
) -> None:
    async with fake_gateway() as gateway:
        messages = {"url": gateway.url, "secret": "0123456789abcdef"}
        system = await own_system({"queue": {"overflow_seconds": 2}, "messages": messages})
        await nobody_ready(system)
        await system.journalled("MessageSent")
    (sent,) = gateway.sent()
    message = json.loads(sent.body)
    assert message["to"] == "13800138000"
    assert message["case_number"] in message["text"]
    assert "13800138000" not in system.log_text()


async def nobody_ready(system: HotlineSystem) -> None:
    async with ringing_in(system) as call:
        await call.ear.hears(("all-busy",), within=30)
        await after_the_beep(system, call, system.tone(SPEECH_HZ))
        await asyncio.sleep(1.5)
        await saves(call)
        await recorded(system, call)
    started = await system.journalled("ReportStarted", call_id=call.call_id)
    assert started.data["reason"] == "nobody_ready"


async def test_out_of_hours_asks_for_a_report_at_once(own_system: StartSystem) -> None:
    system = await own_system({"queue": {"open": hours_without_now()}})
    async with ringing_in(system) as call:
        await call.ear.hears(("out-of-hours",), within=30)
        await after_the_beep(system, call, system.tone(SPEECH_HZ))
        await asyncio.sleep(1.5)
        await saves(call)
        await recorded(system, call)
    assert not system.journal("CallQueued", call_id=call.call_id)
    started = await system.journalled("ReportStarted", call_id=call.call_id)
    assert started.data["reason"] == "out_of_hours"


def hours_without_now() -> str:
    """Duty hours that begin an hour from now."""
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    return f"{now + timedelta(hours=1):%H:%M}-{now + timedelta(hours=2):%H:%M}"


async def test_the_demo_model_writes_a_report_down(attentive: HotlineSystem) -> None:
    system = attentive
    sentence = spoken(REPORTS[0])
    wav = system.folder / "report.wav"
    write_wav(wav, Synthesiser().say(sentence))
    async with waiting(system) as call:
        await call.citizen.send_keys("2")
        await after_the_beep(system, call, wav)
        await asyncio.sleep(read_wav(wav).seconds + 0.5)
        await saves(call)
        data = await recorded(system, call)
    written = await system.journalled("ReportTranscribed", report_id=data["report_id"])
    assert _errors(written.data["text"], sentence) <= 3, written.data["text"]


def _errors(text: str, sentence: str) -> int:
    """Characters that differ, by edit distance, spaces and punctuation left out."""
    said = [character for character in sentence if character.isalnum()]
    heard = [character for character in text if character.isalnum()]
    row = list(range(len(said) + 1))
    for i, character in enumerate(heard, 1):
        above, row[0] = row[0], i
        for j, wanted in enumerate(said, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (character != wanted))
    return row[-1]


async def test_without_a_model_a_report_waits_and_says_so(
    system: HotlineSystem, asked: Waiting
) -> None:
    await after_the_beep(system, asked, system.tone(SPEECH_HZ))
    await asyncio.sleep(1.5)
    await saves(asked)
    data = await recorded(system, asked)
    report = system.rows("SELECT * FROM reports WHERE report_id = ?", data["report_id"])[0]
    assert report["state"] == "waiting"
    async with system.desk("supervisor", listening=False) as desk:
        played = await desk.client.get(f"/media/reports/{data['report_id']}")
        assert played.status_code == 200
        (system.folder / "played.wav").write_bytes(played.content)
    assert loud_seconds(read_wav(system.folder / "played.wav").samples) > 1


async def test_two_citizens_can_report_at_the_same_time(system: HotlineSystem) -> None:
    async def report(number: str) -> Waiting:
        async with waiting(system, number) as call:
            await call.citizen.send_keys("2")
            await after_the_beep(system, call, system.tone(SPEECH_HZ))
            await asyncio.sleep(1.5)
            await saves(call)
            await call.citizen.closed(within=30)
            return call

    calls = await asyncio.gather(report("13800000011"), report("13800000012"))
    for call in calls:
        await system.journalled("ReportRecorded", call_id=call.call_id)
    await until(lambda: all(system.journal("CaseOpened", call_id=c.call_id) for c in calls))
