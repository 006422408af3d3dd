"""Digits keyed in ahead of the question, in every way a telephone can tell them."""

from __future__ import annotations

import pytest

from tests.bench.calling import Call, at_rate, keys_by_number, ring_in
from tests.callers import exchange
from tests.flows import in_force
from tests.key_tones import Keying, Way
from tests.system import HotlineSystem

CALLS_EACH = 5
WAYS = [
    *(frozenset({way}) for way in Way),
    # Telephones set to "both": each press is told twice.
    frozenset({Way.RFC4733, Way.INFO}),
    frozenset({Way.IN_BAND, Way.INFO}),
]
FLOW = """
flow: {name}
title: {zh: 试}
languages: [zh]
start: greeting
person: wait
nodes:
  greeting: {kind: say, prompts: [greeting], next: ask}
  ask: {kind: digits, prompts: [progress-ask-number], store: digits, length: {min: 11, max: 11},
        end_key: "", next: thanks}
  thanks: {kind: goodbye}
  wait: {kind: queue, queue: hotline, talked: thanks, nobody: thanks, asked: thanks}
"""


@pytest.mark.parametrize(
    ("pressed_s", "pause_s"),
    [pytest.param(0.1, 0.1, id="typed"), pytest.param(0.05, 0.05, id="dialled by a machine")],
)
async def test_every_digit_is_right_however_a_telephone_tells_it(
    system: HotlineSystem, pressed_s: float, pause_s: float
) -> None:
    mark = system.last_seq()

    async with in_force(system, FLOW), exchange(system.config.pbx.sip_port) as callers:

        async def call(number: int) -> Call:
            digits = f"{number:02d}112233990"
            keying = Keying(digits, 0.3, pressed_s, pause_s)
            ways = WAYS[number % len(WAYS)]
            called = system.config.hotline.number
            return await ring_in(callers, f"138001380{number:02d}", called, keying, ways)

        calls = await at_rate(10, CALLS_EACH * len(WAYS), call)

    assert not [one for one in calls if one.fault]
    keyed = keys_by_number(system, mark)
    assert keyed == {one.number: one.keys for one in calls}
    steps = [entry.data["step"] for entry in system.journal("FlowStep", after=mark)]
    assert steps.count("thanks") == len(calls)
