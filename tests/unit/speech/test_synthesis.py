from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest

from hotline.speech.sentences import REPORTS, spoken
from hotline.speech.synthesis import (
    Synthesiser,
    SynthesisFault,
    Voice,
    pinyin_text,
    speakable,
)


def test_chinese_and_english_become_sound_of_a_sensible_length(synthesiser: Synthesiser) -> None:
    assert 1.0 < len(synthesiser.say("您好，这里是城管热线。")) / 8000 < 4.0
    assert 1.0 < len(synthesiser.say("Hello, this is the hotline.", language="en")) / 8000 < 4.0


def test_voice_pace_and_pitch_change_what_is_heard(synthesiser: Synthesiser) -> None:
    text = "路灯坏了，请派人来看看"
    plain = synthesiser.say(text)
    assert len(synthesiser.say(text, rate=240)) < len(plain) < len(synthesiser.say(text, rate=110))
    for other in (synthesiser.say(text, "f2"), synthesiser.say(text, pitch=80)):
        assert len(other) != len(plain) or np.abs(other - plain).max() > 0
    assert len(synthesiser.say(text)) == pytest.approx(len(plain), rel=0.01)


def test_a_voice_that_does_not_exist_is_refused(synthesiser: Synthesiser) -> None:
    with pytest.raises(SynthesisFault, match="variant"):
        synthesiser.say("您好", "nobody")
    with pytest.raises(SynthesisFault, match="voice"):
        synthesiser.utter("ni3 hao3", Voice("klingon-xx"))


def test_text_without_sound_is_refused(synthesiser: Synthesiser) -> None:
    with pytest.raises(SynthesisFault, match="no sound"):
        synthesiser.say("")


def test_nothing_chinese_is_read_as_english(synthesiser: Synthesiser) -> None:
    for text in ("英雄兄弟熊", "贫穷琼", "迥窘", "嗯", "女儿绿化略", *map(spoken, REPORTS)):
        phonemes = synthesiser.utter(pinyin_text(text), Voice()).phonemes
        assert "(en)" not in {mark.phoneme for mark in phonemes}, text


def test_pauses_stand_where_the_punctuation_is() -> None:
    assert pinyin_text("您好，再见。") == "nin2 hao3, zai4 jian4."
    assert speakable("xiong2") == "[[S;'ong35]]"


def test_polyphones_are_read_as_the_hotline_means_them() -> None:
    assert pinyin_text("朝阳") == "chao2 yang2"
    assert pinyin_text("长江路银行").split()[::4] == ["chang2", "hang2"]
    assert "chang2" in pinyin_text("需要多长时间")


def test_every_syllable_is_marked_with_its_time(synthesiser: Synthesiser) -> None:
    text = "jing3 gai4 diu1 shi1 le5"
    speech = synthesiser.utter(text, Voice())
    starts = [mark.at_s for mark in speech.words]
    assert [text[mark.position - 1 :].split(maxsplit=1)[0] for mark in speech.words] == text.split()
    assert all(0.05 < later - earlier < 0.6 for earlier, later in pairwise(starts))
    assert starts[-1] < len(speech.samples) / speech.rate


def test_threads_take_turns_with_the_library() -> None:
    texts = ["路灯坏了", "井盖丢失了", "请派人来看看", "垃圾没人清理"]
    alone = [Synthesiser().say(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda text: Synthesiser().say(text), texts * 4))
    # A few samples differ from one time to the next, not whole words.
    lengths = [len(samples) for samples in alone * 4]
    assert [len(samples) for samples in together] == pytest.approx(lengths, rel=0.01)
