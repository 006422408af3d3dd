"""The pool with real processes, the real engine and the real demo model."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import psutil
import pytest
from twisted.internet.asyncioreactor import AsyncioSelectorReactor

from hotline.clock import ReactorClock
from hotline.config import SpeechSection
from hotline.speech.audio import g711, resample, to_samples, write_wav
from hotline.speech.demo_model.evaluation import edits, held_out, plain
from hotline.speech.demo_model.recipe import Recipe
from hotline.speech.demo_model.voices import TRAINING_VARIANTS
from hotline.speech.models import demo_path
from hotline.speech.recogniser import (
    RecogniserFault,
    RecogniserPool,
    RecogniserStopped,
    Transcript,
)
from hotline.speech.synthesis import Synthesiser
from tests.databases import HandClock
from tests.deadline import until

SAID = "人民路的井盖丢失了，请派人来看看"

# The real worker, but for recordings named after what they do to it.
TRAP = """
import os, signal, sys
from hotline.speech import worker
read = worker.read_wav
def trap(path):
    if "poison" in path.name:
        os.abort()
    if "hang" in path.name:
        signal.pause()
    return read(path)
worker.read_wav = trap
sys.exit(worker.main())
"""
TRAPPED = (sys.executable, "-c", TRAP)


class MakePool(Protocol):
    def __call__(
        self,
        *,
        model: str = "demo",
        workers: int = 1,
        timeout: float = 60,
        command: Sequence[str] | None = None,
    ) -> Awaitable[RecogniserPool]: ...


@pytest.fixture
async def start(reactor: AsyncioSelectorReactor) -> AsyncIterator[MakePool]:
    """Starts pools; at the end no process of theirs may be left."""
    pools: list[RecogniserPool] = []

    async def make(
        *,
        model: str = "demo",
        workers: int = 1,
        timeout: float = 60,
        command: Sequence[str] | None = None,
    ) -> RecogniserPool:
        speech = SpeechSection(model=model, workers=workers, timeout_seconds=timeout)
        pools.append(RecogniserPool(ReactorClock(reactor), speech, command))
        await pools[-1].start()
        return pools[-1]

    yield make
    for pool in pools:
        ids = pool.process_ids
        await pool.stop()
        assert not pool.process_ids
        assert not [number for number in ids if psutil.pid_exists(number)]


@pytest.fixture
def say(tmp_path: Path, synthesiser: Synthesiser) -> Callable[..., Path]:
    """Puts speech as it comes by telephone into a file of this name."""

    def speak(name: str, text: str = SAID, variant: str = "") -> Path:
        speech = synthesiser.say(text, variant).astype(np.float64) * 0.5
        pause = np.zeros(2400)
        path = tmp_path / f"{name}.wav"
        write_wav(path, g711(to_samples(np.concatenate([pause, speech, pause])), "alaw"))
        return path

    return speak


async def ready(pool: RecogniserPool, processes: int = 1) -> None:
    await until(lambda: pool.available and len(pool.process_ids) == processes, 30)


async def test_held_out_reports_are_understood(start: MakePool, say: Callable[..., Path]) -> None:
    pool = await start()
    wrong = spoken = 0
    for number, text in enumerate(held_out(Recipe().texts(), 30)):
        variant = TRAINING_VARIANTS[number % len(TRAINING_VARIANTS)]
        heard = await pool.transcribe(say(f"held-out-{number}", text, variant))
        wrong += edits(text, plain(heard.text))
        spoken += len(text)
    assert wrong / spoken < 0.05


async def test_a_transcript_tells_words_times_confidence_and_the_model(
    start: MakePool, say: Callable[..., Path]
) -> None:
    pool = await start()
    path = say("report")
    before = path.read_bytes(), path.stat().st_mtime_ns
    heard = await pool.transcribe(path)
    assert plain(heard.text) == plain(SAID)
    assert "".join(word.text for word in heard.words) == plain(SAID)
    assert heard.model == pool.model == "demo (synthetic voices only)"
    assert heard.confidence is not None
    assert 0.5 < heard.confidence <= 1
    times = [at for word in heard.words for at in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert 0.2 < times[0] < times[-1] < heard.seconds
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


async def test_silence_is_no_words_and_no_confidence(start: MakePool, tmp_path: Path) -> None:
    pool = await start()
    for name, seconds in (("silent", 3), ("empty", 0)):
        write_wav(tmp_path / name, np.zeros(8000 * seconds, np.int16))
        heard = await pool.transcribe(tmp_path / name)
        assert (heard.text, heard.words, heard.confidence) == ("", (), None)
        assert heard.seconds == seconds


async def test_a_recording_at_another_rate_is_understood(
    start: MakePool, say: Callable[..., Path], synthesiser: Synthesiser, tmp_path: Path
) -> None:
    pool = await start()
    path = tmp_path / "wide.wav"
    samples = to_samples(resample(synthesiser.say(SAID), 8000, 44100) * 0.5)
    write_wav(path, np.concatenate([np.zeros(9000, np.int16), samples]), 44100)
    assert plain((await pool.transcribe(path)).text) == plain(SAID)


async def test_a_corrupt_file_is_refused_with_a_reason_and_disturbs_nothing(
    start: MakePool, say: Callable[..., Path], tmp_path: Path
) -> None:
    pool = await start()
    (tmp_path / "corrupt.wav").write_bytes(b"RIFF\0\0\0\0WAVEfmt " + os.urandom(3000))
    (tmp_path / "zero.wav").touch()
    for name, why in (("corrupt", "."), ("zero", "WAV"), ("nowhere", "No such file")):
        with pytest.raises(RecogniserFault, match=why):
            await pool.transcribe(tmp_path / f"{name}.wav")
    ids = pool.process_ids
    assert plain((await pool.transcribe(say("good"))).text) == plain(SAID)
    assert pool.process_ids == ids


async def test_a_process_killed_in_the_middle_of_a_report_is_replaced_and_the_report_done(
    start: MakePool, say: Callable[..., Path]
) -> None:
    pool = await start()
    await ready(pool)
    [victim] = pool.process_ids
    os.kill(victim, signal.SIGSTOP)
    asked = asyncio.create_task(pool.transcribe(say("report")))
    # Stopped with the job in its input, it is certainly in the middle.
    await until(lambda: pool.waiting == 1)
    await asyncio.sleep(0)
    os.kill(victim, signal.SIGKILL)
    assert plain((await asked).text) == plain(SAID)
    assert victim not in pool.process_ids


async def test_a_process_killed_while_idle_is_replaced_at_once(start: MakePool) -> None:
    pool = await start()
    await ready(pool)
    [victim] = pool.process_ids
    os.kill(victim, signal.SIGKILL)
    await until(lambda: pool.available and victim not in pool.process_ids, 30)


async def test_a_recording_that_kills_its_process_is_given_up_and_blocks_no_other(
    start: MakePool, say: Callable[..., Path]
) -> None:
    pool = await start(command=TRAPPED)
    order: list[str] = []

    async def follow(name: str) -> None:
        try:
            assert plain((await pool.transcribe(say(name))).text) == plain(SAID)
            order.append(name)
        except RecogniserFault as fault:
            order.append(str(fault))

    await asyncio.gather(*(follow(name) for name in ("poison", "one", "two")))
    assert order[:2] == ["one", "two"]
    assert "tried 2 times" in order[2]
    assert "exit code -6" in order[2]


async def test_a_process_that_hangs_is_killed_when_its_time_is_up(
    say: Callable[..., Path],
) -> None:
    clock = HandClock()
    pool = RecogniserPool(clock, SpeechSection(model="demo", timeout_seconds=300), TRAPPED)
    await pool.start()
    try:
        await ready(pool)
        [first] = pool.process_ids
        hanging = asyncio.create_task(pool.transcribe(say("hang")))
        await until(lambda: pool.waiting == 1)
        behind = asyncio.create_task(pool.transcribe(say("behind")))
        clock.advance(299)
        await asyncio.sleep(0)
        assert pool.process_ids == [first]
        clock.advance(2)
        await until(lambda: not psutil.pid_exists(first))
        assert await _meanwhile(clock, behind)
        with pytest.raises(RecogniserFault, match="no answer within 300 s"):
            await _meanwhile(clock, hanging, 301)
    finally:
        await pool.stop()


async def _meanwhile(
    clock: HandClock, task: asyncio.Task[Transcript], step: float = 1.0
) -> Transcript:
    """The task's result, time passing while it works."""

    def passed() -> bool:
        clock.advance(step)
        return task.done()

    await until(passed, 30, every=0.2)
    return await task


async def test_several_processes_share_the_reports(
    start: MakePool, say: Callable[..., Path]
) -> None:
    pool = await start(workers=2)
    await ready(pool, 2)
    paths = [say(f"report-{number}") for number in range(6)]
    transcripts = await asyncio.gather(*map(pool.transcribe, paths))
    assert {plain(heard.text) for heard in transcripts} == {plain(SAID)}


async def test_without_a_model_nothing_is_started_and_it_says_so(start: MakePool) -> None:
    pool = await start(model="")
    assert not pool.configured
    assert not pool.available
    assert "no model" in pool.fault
    assert pool.process_ids == []
    with pytest.raises(RecogniserStopped):
        await pool.transcribe(Path("report.wav"))


async def test_a_folder_that_is_no_model_is_named_and_tried_again_later(
    start: MakePool, say: Callable[..., Path], tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    pool = await start(model=str(folder))
    await until(lambda: pool.fault, 30)
    assert str(folder) in pool.fault
    asked = asyncio.create_task(pool.transcribe(say("patient")))
    shutil.copytree(demo_path(), folder)
    assert plain((await asked).text) == plain(SAID)
    assert pool.fault == ""
    assert pool.model == "model"


async def test_a_model_that_the_engine_cannot_load_is_a_fault_not_a_crash(
    start: MakePool, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(demo_path(), tmp_path / "broken"))
    (folder / "am/final.mdl").write_bytes(b"\0B<TransitionModel> nonsense")
    pool = await start(model=str(folder))
    await until(lambda: pool.fault, 30)
    assert not pool.available


async def test_stopping_leaves_no_process_and_tells_who_waits(
    start: MakePool, say: Callable[..., Path]
) -> None:
    pool = await start(command=TRAPPED)
    await ready(pool)
    [process] = pool.process_ids
    waiting = [asyncio.create_task(pool.transcribe(say(name))) for name in ("hang", "behind-it")]
    await until(lambda: pool.waiting == 2)
    await pool.stop()
    assert not psutil.pid_exists(process)
    for task in waiting:
        with pytest.raises(RecogniserStopped):
            await task


def test_a_worker_does_not_outlive_its_parent(tmp_path: Path) -> None:
    """Even when it is in the middle of something and the parent was killed."""
    (tmp_path / "hang.wav").touch()
    parent = f"""
import json, subprocess, sys, os, signal
command = [sys.executable, "-c", {TRAP!r}, "demo"]
worker = subprocess.Popen(command, stdin=-1, stdout=-1, text=True)
worker.stdout.readline()
job = {{"id": 1, "path": {str(tmp_path / "hang.wav")!r}}}
print(json.dumps(job), file=worker.stdin, flush=True)
print(worker.pid, flush=True)
signal.pause()
"""
    with psutil.Popen([sys.executable, "-c", parent], stdout=-1, text=True) as process:
        worker = psutil.Process(int(process.stdout.readline()))
        process.kill()
        process.wait()
    worker.wait(timeout=10)
