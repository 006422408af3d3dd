"""Which of AGI's and AMI's words of a key are the same press."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import pytest

from hotline.ivr import happenings, signals
from hotline.ivr.happenings import Happenings
from hotline.ivr.line import Clip, Line

CLIPS = [Clip("thanks", 1.2)]


class Prompts:
    """A line whose prompts are cut by these keys, one after the other; empty: heard to the end."""

    def __init__(self, *cut_by: str) -> None:
        self._cut_by = list(cut_by)
        self.played = 0

    async def play(self, clips: Sequence[Clip], *, interruptible: bool) -> str:
        self.played += 1
        return self._cut_by.pop(0)


async def said(happened: Happenings, prompts: Prompts) -> list[str]:
    """Say a prompt, and give the keys that came before its end."""
    await happened.say(cast("Line", prompts), 1, CLIPS, interruptible=True)
    keys = []
    while isinstance(one := await happened.next(), signals.KeyPressed):
        keys.append(one.key)
    assert one == signals.Played(1)
    return keys


@pytest.fixture(autouse=True)
def _ami_is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(happenings, "KEY_LAG_S", 0.01)


async def test_a_press_at_the_end_of_a_prompt_neither_cuts_the_next_one_nor_counts_again() -> None:
    happened, prompts = Happenings(), Prompts("5", "")
    happened.key("5")
    assert await said(happened, prompts) == ["5"]
    assert prompts.played == 2
    # Nor is the next press taken for its late word.
    happened.key("5")
    assert await happened.next() == signals.KeyPressed("5")


async def test_a_key_of_which_only_agi_tells_counts() -> None:
    happened, prompts = Happenings(), Prompts("5")
    assert await said(happened, prompts) == ["5"]
    assert prompts.played == 1


async def test_another_key_than_the_last_one_cuts_a_prompt_at_once() -> None:
    happened, prompts = Happenings(), Prompts("6")
    happened.key("5")
    assert await said(happened, prompts) == ["5", "6"]
    assert prompts.played == 1


async def test_a_press_that_was_told_long_ago_has_no_echo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(happenings, "ECHO_S", 0.0)
    happened, prompts = Happenings(), Prompts("5")
    happened.key("5")
    assert await said(happened, prompts) == ["5", "5"]
    assert prompts.played == 1
