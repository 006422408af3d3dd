"""What is to be said becomes files, and a voice that fails holds nobody."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from twisted.internet.task import Clock

from hotline.clock import ReactorClock
from hotline.ivr import prompts
from hotline.ivr.numbers import piece_texts
from hotline.ivr.pieces import Piece, Prompt, Read, Reading, Said
from hotline.ivr.spoken import LOOK_AGAIN_S, Speaker, files, seconds
from hotline.speech.audio import Audio, read_wav, write_wav
from hotline.speech.synthesis import SynthesisFault
from tests.databases import MORNING

TONE = (8000 * np.sin(np.arange(8000) / 3)).astype(np.int16)


class Hand:
    """A reactor whose time tests move."""

    def __init__(self) -> None:
        self.time = Clock()
        self.clock = ReactorClock(self.time, wall=lambda: MORNING + self.time.seconds())


class Voice:
    """Speaks a tone, fails, or waits until it is let go."""

    def __init__(self, identity: str = "test") -> None:
        self.identity = identity
        self.on_asked: Callable[[], object] = lambda: None
        self.said: list[str] = []
        self.fails = False
        self.go = threading.Event()
        self.go.set()

    def say(self, text: str, language: str, *, piece: bool = False) -> Audio:
        self.said.append(text)
        self.on_asked()
        assert self.go.wait(10)
        if self.fails:
            raise SynthesisFault("hoarse")
        return Audio(TONE, 8000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (*piece_texts("zh"), "greeting"):
        write_wav(tmp_path / "zh" / f"{name}.wav", TONE[:1600])
    return tmp_path


def names(paths: list[str]) -> list[str]:
    return [Path(path).name for path in paths]


def test_prompts_and_readings_become_files_in_their_order(folder: Path) -> None:
    pieces: list[Piece] = [Prompt("greeting"), Read(Reading.WAIT, "170")]
    found = files(pieces, "zh", folder)
    assert names(found) == ["greeting", "about", "n-3", "minutes"]
    assert all(not path.endswith(".wav") for path in found)
    assert seconds(found) == pytest.approx(0.8)


def test_what_cannot_be_played_is_left_out(folder: Path) -> None:
    pieces: list[Piece] = [
        Prompt("none"),
        Read(Reading.DATE, "never"),
        Said("没有说过"),
        Prompt("greeting"),
    ]
    assert names(files(pieces, "zh", folder)) == ["greeting"]


async def test_free_text_is_spoken_once_and_played(folder: Path) -> None:
    voice = Voice()
    speaker = Speaker(folder, voice, Hand().clock)
    for _ in range(2):
        found = await speaker.files([Said("中山路积水"), Prompt("greeting"), Said(" ")], "zh")
        assert len(found) == 2
        assert read_wav(Path(f"{found[0]}.wav")).rate == 8000
    assert voice.said == ["中山路积水"]


async def test_a_prompt_that_was_replaced_is_played_at_its_length_a_second_later(
    folder: Path,
) -> None:
    hand = Hand()
    speaker = Speaker(folder, Voice(), hand.clock)
    pieces = [Prompt("greeting"), Prompt("goodbye")]
    assert [clip.seconds for clip in await speaker.clips(pieces, "zh")] == [0.2]
    write_wav(folder / "zh" / "greeting.wav", TONE[:4000])
    # What was missing is looked for each time.
    write_wav(folder / "zh" / "goodbye.wav", TONE)
    assert [clip.seconds for clip in await speaker.clips(pieces, "zh")] == [0.5, 1.0]
    write_wav(folder / "zh" / "greeting.wav", TONE)
    hand.time.advance(LOOK_AGAIN_S)
    assert [clip.seconds for clip in await speaker.clips(pieces, "zh")] == [1.0, 1.0]


async def test_callers_at_the_same_time_share_one_speaking(folder: Path) -> None:
    voice = Voice()
    speaker = Speaker(folder, voice, Hand().clock)
    await asyncio.gather(*(speaker.prepare(["中山路积水"], "zh") for _ in range(5)))
    assert voice.said == ["中山路积水"]


async def test_a_voice_that_fails_is_left_out_and_asked_again_later(folder: Path) -> None:
    voice, hand = Voice(), Hand()
    speaker = Speaker(folder, voice, hand.clock)
    voice.fails = True
    for _ in range(3):
        assert names(await speaker.files([Said("积水"), Prompt("greeting")], "zh")) == ["greeting"]
    assert len(voice.said) == 1
    voice.fails = False
    hand.time.advance(61)
    assert len(await speaker.files([Said("积水")], "zh")) == 1


async def test_a_slow_voice_holds_nobody_longer_than_the_deadline(folder: Path) -> None:
    voice, hand = Voice(), Hand()
    speaker = Speaker(folder, voice, hand.clock, deadline_s=2.0)
    voice.go.clear()
    asked, loop = asyncio.Event(), asyncio.get_running_loop()
    voice.on_asked = lambda: loop.call_soon_threadsafe(asked.set)
    waiting = asyncio.create_task(speaker.files([Said("积水")], "zh"))
    await asked.wait()
    hand.time.advance(2.1)
    assert await waiting == []
    voice.go.set()
    await speaker.prepare(["积水"], "zh")
    assert len(await speaker.files([Said("积水")], "zh")) == 1


# --- a city's own voice -------------------------------------------------------------------

PROGRAM = """
import sys, wave
text = open(sys.argv[1], encoding="utf-8").read()
assert ";" not in text or text == "a; touch b", text
with wave.open(sys.argv[2], "wb") as wav:
    wav.setnchannels(1); wav.setsampwidth(2); wav.setframerate(16000)
    wav.writeframes(bytes(range(1, 201)) * len(text) * 40)
"""


def command(tmp_path: Path, program: str, deadline_s: float = 10.0) -> prompts.CommandVoice:
    script = tmp_path / "voice.py"
    script.write_text(program, encoding="utf-8")
    words = [sys.executable, str(script), "{text_file}", "{wav}", "{language}"]
    return prompts.CommandVoice(words, deadline_s)


def test_a_program_speaks_and_no_shell_is_between(tmp_path: Path) -> None:
    audio = command(tmp_path, PROGRAM).say("a; touch b", "zh")
    assert audio.rate == 16000
    assert audio.seconds == pytest.approx(2.5)
    assert {path.name for path in tmp_path.iterdir()} == {"voice.py"}


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("raise SystemExit('no licence')", "no licence"),
        ("pass", "made no usable speech"),
        ("import time; time.sleep(30)", "took longer than 0.3 s"),
    ],
)
def test_a_program_that_fails_is_named(tmp_path: Path, program: str, told: str) -> None:
    deadline_s = 0.3 if "sleep" in program else 10.0
    with pytest.raises(SynthesisFault, match=told):
        command(tmp_path, program, deadline_s).say("您好", "zh")
    with pytest.raises(SynthesisFault, match="cannot be started"):
        prompts.CommandVoice(["/no/such/program"], 1).say("您好", "zh")


def test_another_voice_makes_synthetic_prompts_anew_and_leaves_recorded_ones(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "prompts"
    prompts.build(folder, ["zh"], voice=Voice())
    write_wav(folder / "zh/goodbye.wav", TONE)
    other = Voice("another")
    states = {one.key: one.state for one in prompts.status(folder, ["zh"], voice=other)}
    assert states.pop("zh/goodbye") == "recorded"
    report = prompts.build(folder, ["zh"], voice=other)
    assert set(states.values()) == {"stale"}
    assert report.recorded == ("zh/goodbye",)
    assert set(report.made) == set(states)


def test_a_voice_that_fails_half_way_leaves_what_there_was(tmp_path: Path) -> None:
    folder = tmp_path / "prompts"
    voice = Voice()
    prompts.build(folder, ["zh"], voice=voice)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.wav")}
    other = Voice("another")
    other.fails = True
    with pytest.raises(SynthesisFault):
        prompts.build(folder, ["zh"], voice=other)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.wav")} == before
    assert not list(folder.rglob("*.fresh"))
    assert prompts.build(folder, ["zh"], voice=voice).made == ()
