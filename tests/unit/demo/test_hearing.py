from __future__ import annotations

import numpy as np
import pytest

from hotline.demo.hearing import find_clip
from hotline.ivr.prompts import SPEECH_RATE, Wording, catalogue
from hotline.ivr.prompts.catalogue import GENERAL
from hotline.speech.audio import Samples, g711
from hotline.speech.synthesis import Synthesiser
from tests.audio import tone


@pytest.fixture(scope="module")
def greeting() -> Samples:
    return Synthesiser().say("您好，欢迎致电城市管理服务热线。")


@pytest.fixture(scope="module")
def other() -> Samples:
    return Synthesiser().say("请在提示音后留言，按井号键结束。")


def test_a_prompt_is_found_where_it_was_played(greeting: Samples, other: Samples) -> None:
    line = np.concatenate([other, tone(440, 0.5), greeting])
    heard = g711((line // 2).astype(np.int16), "alaw")
    at = find_clip(heard, greeting)
    assert at == pytest.approx((len(other) + 4000) / 8000, abs=0.2)


def test_another_prompt_is_not_taken_for_it(greeting: Samples, other: Samples) -> None:
    assert find_clip(other, greeting) is None


def test_music_and_silence_are_not_taken_for_it(greeting: Samples) -> None:
    assert find_clip(tone(440, 3), greeting) is None
    assert find_clip(np.zeros(24000, np.int16), greeting) is None


def test_too_little_audio_is_not_taken_for_it(greeting: Samples) -> None:
    assert find_clip(greeting[:800], greeting) is None


def test_no_prompt_that_citizens_listen_for_is_taken_for_another() -> None:
    speak = Synthesiser().say
    texts = {
        prompt.name: prompt.text
        for prompt in catalogue(Wording(), ("zh",))
        if prompt.topic in (GENERAL, "report")
    }
    clips = {name: speak(text, rate=SPEECH_RATE["zh"]) for name, text in texts.items()}
    for played, clip in clips.items():
        heard = g711(clip, "alaw")
        assert [name for name, other in clips.items() if find_clip(heard, other) is not None] == [
            played
        ]
