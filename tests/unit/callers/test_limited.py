"""Whoever a rule limits can always reach a person in danger, in every shipped flow."""

from __future__ import annotations

import pytest

from hotline.acd.model import TOP_PRIORITY
from hotline.callers.model import Effect
from hotline.callers.priority import priority_of
from hotline.ivr import acts, signals
from hotline.ivr.library import shipped_flows
from tests.unit.ivr.walks import Caller, published

FLOWS = published(*shipped_flows().values())
ENTRIES = [name for name in ("default", "menu") if name in FLOWS]


def comes(entry: str, rule: str) -> Caller:
    """A caller who has heard what is said before the rule."""
    caller = Caller(FLOWS, entry, {"caller.rule": rule, "queue.hotline.open": True})
    caller.begins()
    for _ in range(5):
        if f"caller-limited{'-report' if rule == 'report' else ''}" in caller.heard:
            break
        caller.listens()
    return caller


def matters(caller: Caller) -> list[acts.Matter]:
    return [one.matter for one in caller.effects if isinstance(one, signals.Settle)]


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("rule", [Effect.ANNOUNCE, Effect.REPORT])
@pytest.mark.parametrize("listens", [True, False])
def test_zero_leads_to_a_person_before_everybody_else(
    entry: str, rule: Effect, listens: bool
) -> None:
    caller = comes(entry, rule)
    if listens:
        caller.listens()
    caller.presses("0")
    (matter,) = matters(caller)
    assert isinstance(matter, acts.ToQueue)
    facts = {**caller.walk.kept, "caller.rule": rule.value}
    assert priority_of(facts, matter.priority, matter.reason).value == TOP_PRIORITY


@pytest.mark.parametrize("entry", ENTRIES)
def test_who_says_nothing_to_the_announcement_is_told_goodbye(entry: str) -> None:
    caller = comes(entry, Effect.ANNOUNCE).listens().waits(60)
    assert caller.heard == ["goodbye"]
    assert matters(caller) == []


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_appeal_is_left_as_a_spoken_report(entry: str) -> None:
    caller = comes(entry, Effect.ANNOUNCE).listens().presses("1")
    (matter,) = matters(caller)
    assert isinstance(matter, acts.LeaveReport)


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_number_without_a_rule_hears_nothing_of_it(entry: str) -> None:
    for rule in ("none", "lower"):
        assert "caller-limited" not in comes(entry, rule).all_heard
