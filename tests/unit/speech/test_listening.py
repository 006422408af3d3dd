"""Words out of a caller's line: the real worker, the real engine, the real demo model."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.asyncioreactor import AsyncioSelectorReactor

from hotline.clock import ReactorClock
from hotline.speech.audio import Samples, g711
from hotline.speech.ears import Ears
from hotline.speech.listening import Heard, Listener, Listening, Told, Unavailable, Unsure
from hotline.speech.spotting import NoWords, Upsampler, grammar, spell, sureness
from hotline.speech.synthesis import Synthesiser
from hotline.telephony.audiosocket import Sink
from hotline.telephony.overhearing import Deaf
from tests.deadline import until

WORDS = ("投诉", "咨询", "进度", "人工")
PIECE = 160


class Phone:
    """Stands in for the PBX: its line says what a test says into it."""

    def __init__(self, deaf: str = "") -> None:
        self.deaf = deaf
        self.sinks: dict[uuid.UUID, Sink] = {}

    async def begin(self, channel: str, sink: Sink) -> uuid.UUID:
        if self.deaf:
            raise Deaf(self.deaf)
        identity = uuid.uuid4()
        self.sinks[identity] = sink
        return identity

    def end(self, identity: uuid.UUID) -> None:
        self.sinks.pop(identity, None)

    async def says(self, samples: Samples, faster: int = 10) -> None:
        """Say it, some times faster than a person would."""
        await until(lambda: self.sinks)
        for start in range(0, len(samples), PIECE):
            for sink in list(self.sinks.values()):
                sink.speech(samples[start : start + PIECE].astype("<i2").tobytes())
            await asyncio.sleep(0.02 / faster)


@pytest.fixture
def clock(reactor: AsyncioSelectorReactor) -> ReactorClock:
    return ReactorClock(reactor)


@pytest.fixture
async def ears(clock: ReactorClock) -> AsyncIterator[Ears]:
    it = Ears(clock, "demo")
    await it.start()
    await until(lambda: not it.fault, within=30)
    yield it
    await it.stop()


def listener(clock: ReactorClock, ears: Ears, phone: Phone, on: bool = True) -> Listener:
    return Listener(clock=clock, ears=ears, overhearer=phone, language="zh", on=on)


def spoken(text: str, voice: str = "") -> Samples:
    """``text`` as a telephone carries it, with a breath before and after."""
    speech = Synthesiser().say(text, voice)
    line = np.concatenate([np.zeros(4000), speech, np.zeros(8000)])
    noise = np.random.default_rng(1).normal(0, 100, len(line))
    return g711(np.clip(line + noise, -32767, 32767).astype(np.int16), "alaw")


async def told(listening: Listening) -> Told:
    return await asyncio.wait_for(listening.word(), 10)


@pytest.mark.parametrize(
    ("said", "word"),
    [("投诉", "投诉"), ("我要投诉", "投诉"), ("我想查一下进度", "进度"), ("转人工", "人工")],
)
async def test_a_word_is_heard_alone_and_in_a_sentence(
    clock: ReactorClock, ears: Ears, said: str, word: str
) -> None:
    phone = Phone()
    async with listener(clock, ears, phone).listen("PJSIP/1", WORDS, "zh") as listening:
        await phone.says(spoken(said))
        heard = await told(listening)
    assert isinstance(heard, Heard)
    assert heard.word == word
    assert heard.confidence > 0.7
    assert phone.sinks == {}
    assert ears.streams == 0


@pytest.mark.parametrize("said", ["路灯坏了", "谢谢", "近路"])
async def test_other_words_leave_the_menu_unsure(
    clock: ReactorClock, ears: Ears, said: str
) -> None:
    phone = Phone()
    async with listener(clock, ears, phone).listen("PJSIP/1", WORDS, "zh") as listening:
        await phone.says(spoken(said))
        assert await told(listening) == Unsure()


async def test_the_next_word_is_heard_after_an_unclear_one(clock: ReactorClock, ears: Ears) -> None:
    phone = Phone()
    async with listener(clock, ears, phone).listen("PJSIP/1", WORDS, "zh") as listening:
        await phone.says(spoken("路灯坏了"))
        assert await told(listening) == Unsure()
        await phone.says(spoken("咨询"))
        heard = await told(listening)
    assert isinstance(heard, Heard)
    assert heard.word == "咨询"


async def test_a_recogniser_that_dies_ends_the_listening_and_lives_again(
    clock: ReactorClock, ears: Ears
) -> None:
    phone = Phone()
    speech = listener(clock, ears, phone)
    async with speech.listen("PJSIP/1", WORDS, "zh") as listening:
        old = ears.process_id
        os.kill(old, signal.SIGKILL)
        assert isinstance(await told(listening), Unavailable)
        assert isinstance(await told(listening), Unavailable)
    await until(lambda: not ears.fault and ears.process_id != old, within=30)
    async with speech.listen("PJSIP/1", WORDS, "zh") as listening:
        await phone.says(spoken("投诉"))
        assert isinstance(await told(listening), Heard)


async def test_a_recogniser_that_hangs_is_given_up_and_replaced(
    clock: ReactorClock, ears: Ears
) -> None:
    phone = Phone()
    speech = listener(clock, ears, phone)
    old = ears.process_id
    os.kill(old, signal.SIGSTOP)
    async with asyncio.timeout(20):
        while ears.process_id == old:
            async with speech.listen("PJSIP/1", WORDS, "zh") as listening:
                await phone.says(spoken("投诉"))
                assert isinstance(await told(listening), Unavailable)


@pytest.mark.parametrize(
    ("asked", "on", "why"),
    [
        ((WORDS, "zh"), False, "speech.menus is off"),
        ((WORDS, "en"), True, "the model does not know en"),
        (((), "zh"), True, "there is no word to listen for"),
        ((("龘龘",), "zh"), True, "the model knows none of 龘龘"),
    ],
)
async def test_why_a_menu_does_not_listen(
    clock: ReactorClock, ears: Ears, asked: tuple[Sequence[str], str], on: bool, why: str
) -> None:
    speech = listener(clock, ears, Phone(), on)
    async with speech.listen("PJSIP/1", *asked) as listening:
        assert await told(listening) == Unavailable(why)


async def test_a_pbx_that_refuses_and_a_line_that_ends_are_told(
    clock: ReactorClock, ears: Ears
) -> None:
    refusing = listener(clock, ears, Phone("the PBX did not: no such channel"))
    async with refusing.listen("PJSIP/1", WORDS, "zh") as listening:
        assert await told(listening) == Unavailable("the PBX did not: no such channel")
    phone = Phone()
    async with listener(clock, ears, phone).listen("PJSIP/1", WORDS, "zh") as listening:
        await until(lambda: phone.sinks)
        next(iter(phone.sinks.values())).ended("the line was closed")
        assert await told(listening) == Unavailable("the line was closed")
    await until(lambda: ears.streams == 0)


async def test_a_model_that_cannot_be_loaded_is_told(clock: ReactorClock) -> None:
    broken = Ears(clock, "no-such-folder")
    await broken.start()
    await until(lambda: "not a folder" in broken.fault, within=30)
    async with listener(clock, broken, Phone()).listen("PJSIP/1", WORDS, "zh") as listening:
        unavailable = await told(listening)
    assert isinstance(unavailable, Unavailable)
    assert "not a folder" in unavailable.why
    await broken.stop()


async def test_a_worker_that_talks_nonsense_at_its_start_is_a_fault(clock: ReactorClock) -> None:
    broken = Ears(clock, "demo", (sys.executable, "-c", "print('hello')"))
    await broken.start()
    await until(lambda: "at its start" in broken.fault)
    await broken.stop()


# --- words and grammars -------------------------------------------------------------------

KNOWN = frozenset({"投诉", "投", "诉", "转", "人工", "人", "工", "不", "是"})


def test_a_word_is_spelled_by_the_fewest_the_model_knows() -> None:
    assert spell("投诉", KNOWN) == ("投诉",)
    assert spell("转人工", KNOWN) == ("转", "人工")
    assert spell("留言", KNOWN) == ()


@given(st.lists(st.text(max_size=6), max_size=6))
def test_a_grammar_is_never_empty_and_always_has_a_way_out(words: list[str]) -> None:
    try:
        text, unknown = grammar(words, KNOWN)
    except NoWords:
        assert not any(spell(word, KNOWN) for word in words if word.strip())
        return
    assert text.endswith('"[unk]"]')
    assert text.count('"') >= 4
    assert set(unknown) <= set(words)


def test_sureness_is_that_of_the_least_sure_part_or_of_what_sounds_alike() -> None:
    heard = [{"word": "转", "conf": 0.9}, {"word": "人工", "conf": 0.6}]
    assert sureness("转人工", heard) == 0.6
    assert sureness("转", heard) == 0.9
    assert sureness("人民", heard) == 0.25
    assert sureness("投诉", []) == 0.0


@given(st.lists(st.integers(1, 900), min_size=1, max_size=8))
def test_pieces_are_brought_to_a_models_rate_without_seams(sizes: list[int]) -> None:
    at = np.arange(sum(sizes)) / 8000
    line = (8000 * np.sin(2 * np.pi * 440 * at)).astype("<i2")
    whole = np.frombuffer(Upsampler(16_000).take(line.tobytes()), "<i2")
    pieces, upsampler, start = b"", Upsampler(16_000), 0
    for size in sizes:
        pieces += upsampler.take(line[start : start + size].tobytes())
        start += size
    found = np.frombuffer(pieces, "<i2")
    assert len(found) == len(whole) == 2 * len(line)
    assert np.abs(found.astype(int) - whole.astype(int)).max(initial=0) < 400
