"""Each kind of reason, in the sentence that screens show."""

from __future__ import annotations

from functools import partial
from typing import Any, get_args

import pytest

from hotline.acd.model import Choice, PassedOver, PassedWhy, WaitReasons
from hotline.acd.rules import Strategy
from hotline.replay.codec import plain
from hotline.web.catalogue import load_catalogue
from hotline.web.why_words import offer_words, waiting_words

NAMES = {"agent1": "张敏", "agent2": "李强"}
CATALOGUE = load_catalogue()
ZH, EN = partial(CATALOGUE.text, "zh"), partial(CATALOGUE.text, "en")


def why(choice: Choice, wait: WaitReasons | None = None) -> dict[str, Any]:
    """As the journal keeps it."""
    parts = {"agent": choice, "wait": wait}
    return {name: plain(part) for name, part in parts.items() if part}


def test_one_of_several_who_took_the_call_at_once() -> None:
    said = why(Choice("longest_idle", 3))
    assert offer_words(said, NAMES, ZH) == "3 名空闲坐席中空闲最久；没有等待"
    assert offer_words(said, NAMES, EN) == "idle longest of 3 free agents; no wait"


def test_the_only_one_after_a_wait_behind_others() -> None:
    busy = (PassedOver("busy", 12), PassedOver("paused", 3))
    said = why(
        Choice("longest_idle", 1, waited_s=35.2), WaitReasons("c", "hotline", 5, 0.0, passed=busy)
    )
    assert offer_words(said, NAMES, ZH) == (
        "唯一空闲的坐席；等了 0:35（来时前面有 4 人、12 人正忙、3 人小休）"
    )
    assert offer_words(said, NAMES, EN) == (
        "the only agent free; waited 0:35 (on arrival 4 ahead, 12 busy, 3 paused)"
    )


def test_who_was_passed_over_is_named_with_the_reason() -> None:
    passed = (PassedOver("refused", 1, ("agent2",)), PassedOver("skill", 7, ("agent1", "x9")))
    said = why(Choice("best_skill", 2, passed=passed))
    assert offer_words(said, NAMES, ZH) == (
        "2 名空闲坐席中技能最强；"
        "未问：李强（拒接或漏接过此电话）、张敏、x9 等另 5 人（缺所需技能）；没有等待"
    )


def test_the_first_agent_and_a_ring_that_had_widened() -> None:
    said = why(Choice("round_robin", 4, ring=1, first=True, waited_s=21))
    assert offer_words(said, NAMES, EN) == "the citizen's first agent; ring 2 by then; waited 0:21"


def test_why_somebody_is_the_first_agent() -> None:
    said = why(Choice("longest_idle", 4, first=True))
    assert offer_words({**said, "first": "talk"}, NAMES, ZH) == "上次来电由其接听；没有等待"
    said["first"] = "case:2026112100007"
    assert offer_words(said, NAMES, ZH) == ("是未办结案件 2026112100007 的承办坐席；没有等待")


def test_records_of_versions_that_did_not_say_why_say_nothing() -> None:
    assert offer_words({}, NAMES, ZH) == ""


def test_a_call_that_waits_now() -> None:
    reasons = WaitReasons(
        "c", "hotline", 2, 9.0, reserved_for="agent1", passed=(PassedOver("reserved", 2),)
    )
    assert waiting_words(plain(reasons), NAMES, ZH) == "排第 2 位；先留给 张敏；2 人让给优先坐席"


def test_a_call_of_a_queue_that_nobody_serves() -> None:
    reasons = plain(WaitReasons("c", "hotline", 1, 9.0))
    assert waiting_words(reasons, NAMES, EN) == "number 1 in line; nobody on duty for this queue"


@pytest.mark.parametrize("reason", get_args(PassedWhy))
@pytest.mark.parametrize("t", [ZH, EN])
def test_every_reason_has_its_words(reason: PassedWhy, t: Any) -> None:
    passed = (PassedOver(reason, 2, ("agent1",)),)
    wait = WaitReasons("c", "hotline", 1, 9.0, passed=passed)
    said = offer_words(why(Choice("longest_idle", 2, waited_s=9, passed=passed), wait), NAMES, t)
    assert "why." not in said
    assert "{" not in said


@pytest.mark.parametrize("strategy", get_args(Strategy))
def test_every_strategy_has_its_words(strategy: Strategy) -> None:
    assert "why." not in offer_words(why(Choice(strategy, 2)), NAMES, ZH)
