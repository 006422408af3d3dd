"""A rule's life: proposed, confirmed by a person, appealed against, ended, and never for good."""

from __future__ import annotations

import pytest

from hotline import events
from hotline.callers.model import (
    DAY_S,
    MOST_DAYS,
    Because,
    Effect,
    Mark,
    NoSuchRule,
    RuleRefused,
    State,
)
from hotline.callers.service import CallerDesk
from hotline.registry.model import Actor, Person
from hotline.storage.journal import Journal
from hotline.storage.projections import rebuild
from tests.databases import HandClock
from tests.unit.callers.made import (
    AGENT,
    CHIEF,
    NUMBER,
    OTHER_CHIEF,
    Weather,
    call,
    in_force,
    proposed,
    silent_calls,
)


async def kinds(journal: Journal) -> list[str]:
    """What happened to rules, in order."""
    records = await journal.read()
    return [r.event.kind for r in records if "Rule" in r.event.kind or "Appeal" in r.event.kind]


async def test_enough_silent_calls_propose_a_rule_that_is_not_in_force(
    journal: Journal, clock: HandClock, desk: CallerDesk
) -> None:
    found = await proposed(journal, clock, desk)
    assert (found.because, found.effect, found.state) == (
        Because.SILENT,
        Effect.REPORT,
        State.PROPOSED,
    )
    assert found.evidence == tuple(f"pbx1-{n}" for n in range(1, 6))
    assert desk.rule_for(NUMBER, clock.now()) is None
    assert await kinds(journal) == ["CallerRuleProposed"]


async def test_a_number_has_one_proposal_at_a_time(
    journal: Journal, clock: HandClock, desk: CallerDesk
) -> None:
    await proposed(journal, clock, desk)
    more = await silent_calls(journal, clock, start=6)
    assert await desk.consider(more[-1]) is None


async def test_a_withheld_number_is_never_proposed(
    journal: Journal, clock: HandClock, desk: CallerDesk
) -> None:
    ids = await silent_calls(journal, clock, calling="", count=20)
    assert await desk.consider(ids[-1]) is None
    assert desk.rule_for("", clock.now()) is None


async def test_calls_of_one_number_written_in_two_ways_count_together(
    journal: Journal, clock: HandClock, desk: CallerDesk
) -> None:
    await silent_calls(journal, clock, count=3)
    ids = await silent_calls(journal, clock, f"+86{NUMBER}", count=2, start=4)
    found = await desk.consider(ids[-1])
    assert found is not None
    assert found.number == NUMBER


@pytest.mark.parametrize("calling", [NUMBER, f"0{NUMBER}", f"+86{NUMBER}"])
async def test_a_confirmed_rule_is_in_force_until_it_expires(
    journal: Journal, clock: HandClock, desk: CallerDesk, calling: str
) -> None:
    await in_force(journal, clock, desk)
    rule = desk.rule_for(calling, clock.now())
    assert rule is not None
    assert (rule.effect, rule.made_by) == (Effect.REPORT, "supervisor")
    clock.advance(7 * DAY_S)
    assert desk.rule_for(calling, clock.now()) is None


async def test_a_rule_applies_to_its_number_exactly(
    journal: Journal, clock: HandClock, desk: CallerDesk
) -> None:
    await in_force(journal, clock, desk)
    for other in (NUMBER[:-1], f"{NUMBER}1", "13800138001", ""):
        assert desk.rule_for(other, clock.now()) is None


async def test_no_rule_is_in_force_while_a_storm_is_on(
    journal: Journal, clock: HandClock, desk: CallerDesk, weather: Weather
) -> None:
    await in_force(journal, clock, desk)
    weather.storm = True
    assert desk.rule_for(NUMBER, clock.now()) is None
    weather.storm = False
    assert desk.rule_for(NUMBER, clock.now()) is not None


async def test_rules_in_force_survive_a_restart(
    journal: Journal, clock: HandClock, desk: CallerDesk, weather: Weather
) -> None:
    made = await in_force(journal, clock, desk)
    again = CallerDesk(journal, weather.storm_on)
    await again.load()
    assert again.rule_for(NUMBER, clock.now()) == made


@pytest.mark.parametrize("days", [0, -1, MOST_DAYS + 1])
async def test_a_rule_ends_within_ninety_days(
    journal: Journal, clock: HandClock, desk: CallerDesk, days: int
) -> None:
    found = await proposed(journal, clock, desk)
    with pytest.raises(RuleRefused, match="bad_days"):
        await desk.confirm(found.rule_id, Effect.LOWER, days, "因为", CHIEF)


@pytest.mark.parametrize("by", [AGENT, Person("callback1", "callback"), Person("admin", "admin")])
async def test_only_a_supervisor_makes_and_ends_rules(
    journal: Journal, clock: HandClock, desk: CallerDesk, by: Actor
) -> None:
    found = await proposed(journal, clock, desk)
    with pytest.raises(RuleRefused, match="not_your_role"):
        await desk.confirm(found.rule_id, Effect.LOWER, 7, "因为", by)
    with pytest.raises(RuleRefused, match="not_your_role"):
        await desk.dismiss(found.rule_id, "因为", by)
    with pytest.raises(RuleRefused, match="not_your_role"):
        await desk.lift(found.rule_id, "因为", by)


async def test_whoever_decides_says_why(
    journal: Journal, clock: HandClock, desk: CallerDesk
) -> None:
    found = await proposed(journal, clock, desk)
    with pytest.raises(RuleRefused, match="say_why"):
        await desk.confirm(found.rule_id, Effect.LOWER, 7, "  ", CHIEF)
    with pytest.raises(RuleRefused, match="say_why"):
        await desk.dismiss(found.rule_id, "", CHIEF)


async def test_what_was_put_aside_is_not_proposed_again_for_the_same_calls(
    journal: Journal, clock: HandClock, desk: CallerDesk
) -> None:
    found = await proposed(journal, clock, desk)
    await desk.dismiss(found.rule_id, "电话机故障", CHIEF)
    await call(journal, clock, "pbx1-6")
    assert await desk.consider("pbx1-6") is None
    more = await silent_calls(journal, clock, start=7)
    again = await desk.consider(more[-1])
    assert again is not None
    assert again.evidence == tuple(more)


async def test_a_lifted_rule_is_over_at_once_and_cannot_be_lifted_twice(
    journal: Journal, clock: HandClock, desk: CallerDesk
) -> None:
    rule = await in_force(journal, clock, desk)
    await desk.lift(rule.rule_id, "误判", CHIEF)
    assert desk.rule_for(NUMBER, clock.now()) is None
    with pytest.raises(RuleRefused, match="not_now"):
        await desk.lift(rule.rule_id, "误判", CHIEF)
    assert await kinds(journal) == ["CallerRuleProposed", "CallerRuleMade", "CallerRuleLifted"]


async def test_an_appeal_is_decided_by_somebody_else_and_lifts_the_rule(
    journal: Journal, clock: HandClock, desk: CallerDesk
) -> None:
    rule = await in_force(journal, clock, desk)
    appeal_id = await desk.appeal(rule.rule_id, "我是聋人，用的是短信中转", AGENT)
    with pytest.raises(RuleRefused, match="own_rule"):
        await desk.decide(appeal_id, True, "属实", CHIEF)
    await desk.decide(appeal_id, True, "属实", OTHER_CHIEF)
    assert desk.rule_for(NUMBER, clock.now()) is None
    assert (await kinds(journal))[-3:] == ["AppealMade", "AppealDecided", "CallerRuleLifted"]
    with pytest.raises(RuleRefused, match="decided_already"):
        await desk.decide(appeal_id, False, "不属实", OTHER_CHIEF)


async def test_a_refused_appeal_leaves_the_rule_in_force(
    journal: Journal, clock: HandClock, desk: CallerDesk
) -> None:
    rule = await in_force(journal, clock, desk)
    appeal_id = await desk.appeal(rule.rule_id, "没有骚扰", AGENT)
    with pytest.raises(RuleRefused, match="appealed_already"):
        await desk.appeal(rule.rule_id, "再次申诉", AGENT)
    await desk.decide(appeal_id, False, "录音为证", OTHER_CHIEF)
    assert desk.rule_for(NUMBER, clock.now()) is not None
    await desk.appeal(rule.rule_id, "再次申诉", AGENT)


async def test_there_is_no_rule_where_there_is_none(desk: CallerDesk) -> None:
    with pytest.raises(NoSuchRule):
        await desk.lift(99, "因为", CHIEF)
    with pytest.raises(NoSuchRule):
        await desk.decide(99, True, "因为", CHIEF)


async def test_a_mark_counts_until_it_is_undone(
    journal: Journal, clock: HandClock, desk: CallerDesk
) -> None:
    for call_id in ("pbx1-1", "pbx1-2"):
        await call(journal, clock, call_id)
        await desk.mark(call_id, Mark.ABUSIVE, "辱骂", AGENT)
    assert await desk.mark_of("pbx1-2", "agent1") == ("abusive", "辱骂")
    await desk.undo_mark("pbx1-2", AGENT)
    assert await desk.mark_of("pbx1-2", "agent1") == ("", "")
    assert await desk.consider("pbx1-2") is None
    await desk.mark("pbx1-2", Mark.ABUSIVE, "辱骂", AGENT)
    assert await desk.consider("pbx1-2") is not None


async def test_an_agent_has_one_mark_a_call_and_it_can_be_computed_anew(
    journal: Journal, clock: HandClock, desk: CallerDesk
) -> None:
    await call(journal, clock, "pbx1-1")
    await desk.mark("pbx1-1", Mark.NUISANCE, "", AGENT)
    await desk.mark("pbx1-1", Mark.SILENT, "无人说话", AGENT)
    await desk.mark("pbx1-1", Mark.SILENT, "无人说话", AGENT)
    assert await desk.mark_of("pbx1-1", "agent1") == ("silent", "无人说话")
    marks = (events.TalkMarked, events.TalkMarkUndone)
    assert len(await journal.read(kinds=marks)) == 3
    await rebuild(journal.database)
    assert await desk.mark_of("pbx1-1", "agent1") == ("silent", "无人说话")
