from __future__ import annotations

import re
from dataclasses import replace
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.config import Config
from hotline.ivr.model import PublishedFlow
from hotline.ivr.reading import read_flow
from hotline.routing.check import Ground, check, sound
from hotline.routing.configured import queues_of
from hotline.routing.findings import Finding, codes
from hotline.routing.model import RoutingPlan, written
from hotline.routing.reading import PlanFaults, parse_plan, read_plan, write_plan
from hotline.routing.rules import Routing, plan_of
from tests.unit.routing.plans import GROUND, data, plan, queue

Q = ("queues", 0)


def codes_of(plan: RoutingPlan, ground: Ground = GROUND) -> set[tuple[str, tuple[str | int, ...]]]:
    return {(one.code, one.where) for one in check(plan, ground)}


def test_a_sensible_plan_has_nothing_to_mend() -> None:
    assert check(plan(), GROUND) == ()


def test_a_fresh_install_waits_a_little_for_the_first_agent_and_not_when_that_is_off() -> None:
    def first_s(**keys: float) -> float:
        return plan_of(Config.model_validate({"queue": keys})).queues[0].first_s

    assert first_s() == 6.0
    assert first_s(overflow_seconds=8) == 4.0
    assert first_s(first_agent_days=0) == 0.0


def test_the_plan_of_a_fresh_install_is_sound_with_and_without_agents() -> None:
    fresh = plan_of(Config())
    assert check(fresh, GROUND) == ()
    nobody = check(fresh, Ground(home="hotline"))
    assert [one.code for one in nobody] == ["nobody-yet"]
    assert sound(nobody)


HOTLINE: list[tuple[dict[str, Any], str, tuple[str | int, ...]]] = [
    ({"requires": [{"skill": "wter"}]}, "unknown-skill", (*Q, "requires", 0)),
    ({"prefers": [{"skill": "gas"}]}, "unknown-skill", (*Q, "prefers", 0)),
    (
        {"requires": [{"skill": "water", "level": 4}]},
        "nobody-qualified",
        (*Q, "requires", 0),
    ),
    (
        {"requires": [{"skill": "water"}], "prefers": [{"skill": "water"}]},
        "skill-required-and-preferred",
        (*Q, "prefers", 0),
    ),
    ({"strategy": "best_skill"}, "best-skill-blind", (*Q, "strategy")),
    ({"rings": [{"after_s": 5}]}, "ring-first", (*Q, "rings", 0)),
    ({"rings": [{"after_s": 0, "weight": 2}]}, "ring-last", (*Q, "rings", 0)),
    (
        {"rings": [{"after_s": 0, "preferred": True}]},
        "ring-last",
        (*Q, "rings", 0),
    ),
    (
        {"rings": [{"after_s": 0, "weight": 2}, {"after_s": 0}]},
        "ring-order",
        (*Q, "rings", 1),
    ),
    (
        {"rings": [{"after_s": 0, "weight": 2}, {"after_s": 95}]},
        "ring-late",
        (*Q, "rings", 1),
    ),
    (
        {"rings": [{"after_s": 0, "weight": 9}, {"after_s": 10}]},
        "ring-empty",
        (*Q, "rings", 0),
    ),
    (
        {"rings": [{"after_s": 0, "preferred": True}, {"after_s": 10}]},
        "ring-prefers-nothing",
        (*Q, "rings", 0),
    ),
    (
        {"overflow": [{"when": "wait", "value": 30, "to": "queue:hotline"}]},
        "overflow-self",
        (*Q, "overflow", 0, "to"),
    ),
    (
        {"overflow": [{"when": "wait", "value": 30, "to": "queue:wate"}]},
        "unknown-queue",
        (*Q, "overflow", 0, "to"),
    ),
    (
        {"overflow": [{"when": "wait", "value": 30, "to": "target:119"}]},
        "unknown-target",
        (*Q, "overflow", 0, "to"),
    ),
    (
        {"overflow": [{"when": "wait", "value": 0, "to": "report"}]},
        "overflow-wait-zero",
        (*Q, "overflow", 0, "value"),
    ),
    (
        {"overflow": [{"when": "nobody", "value": 90, "to": "target:110"}]},
        "overflow-late",
        (*Q, "overflow", 0, "value"),
    ),
    (
        {"overflow": [{"when": "length", "value": 0, "to": "report"}]},
        "overflow-length-zero",
        (*Q, "overflow", 0, "value"),
    ),
    (
        {"limit": 10, "overflow": [{"when": "length", "value": 10, "to": "report"}]},
        "overflow-length-late",
        (*Q, "overflow", 0, "value"),
    ),
    ({"first_s": 90}, "first-too-long", (*Q, "first_s")),
    ({"target_s": 100}, "target-too-long", (*Q, "target_s")),
    ({"ring_s": 90}, "ring-longer-than-wait", (*Q, "ring_s")),
]


@pytest.mark.parametrize(("changes", "code", "where"), HOTLINE, ids=[one[1] for one in HOTLINE])
def test_what_cannot_work_in_a_queue_is_found_where_it_is(
    changes: dict[str, Any], code: str, where: tuple[str | int, ...]
) -> None:
    queues = [queue("hotline", **changes), queue("water")]
    assert (code, where) in codes_of(plan(queues=queues))


def test_skills_that_no_single_agent_has_together_are_found() -> None:
    skills = [{"code": code, "title": {"zh": code}} for code in ("gas", "water")]
    queues = [queue("hotline", requires=[{"skill": "gas"}, {"skill": "water"}])]
    agents = [
        {"agent_id": "agent1", "queues": {"hotline": 1}, "skills": {"gas": 3}},
        {"agent_id": "agent2", "queues": {"hotline": 1}, "skills": {"water": 3}},
        {"agent_id": "agent3", "queues": {"hotline": 1}},
    ]
    given = plan(queues=queues, skills=skills, agents=agents)
    assert ("nobody-has-all", (*Q, "requires")) in codes_of(given)


def test_queues_that_overflow_into_one_another_are_told_once() -> None:
    def onward(name: str, to: str) -> dict[str, Any]:
        return queue(name, overflow=[{"when": "wait", "value": 30, "to": f"queue:{to}"}])

    queues = [onward("hotline", "water"), onward("water", "gas"), onward("gas", "hotline")]
    agents = [{"agent_id": "agent1", "queues": {"hotline": 1, "water": 1, "gas": 1}}]
    loops = [o for o in check(plan(queues=queues, agents=agents), GROUND) if "loop" in o.code]
    assert [loop.values["loop"] for loop in loops] == ["hotline → water → gas → hotline"]


def test_a_queue_that_nobody_serves_needs_somewhere_for_its_callers_to_go() -> None:
    agents = [{"agent_id": "agent1", "queues": {"hotline": 1}}]
    assert ("queue-unserved", ("queues", 1)) in codes_of(plan(agents=agents))
    away = queue("water", overflow=[{"when": "nobody", "to": "target:12345"}])
    given = check(plan(agents=agents, queues=[queue("hotline"), away]), GROUND)
    assert "queue-unserved-on-purpose" in {one.code for one in given}
    assert sound(given)


def test_a_queue_whose_only_agents_have_left_counts_as_unserved() -> None:
    agents = [
        {"agent_id": "agent1", "queues": {"hotline": 1}},
        {"agent_id": "left1", "queues": {"water": 1}},
    ]
    found_codes = {code for code, _ in codes_of(plan(agents=agents))}
    assert {"queue-unserved", "agent-gone"} <= found_codes


def test_the_home_queue_and_queues_of_flows_cannot_be_taken_away() -> None:
    used = {"water": {"menu": ["leak", "pressure"]}, "hotline": {"default": ["wait"]}}
    ground = replace(GROUND, flows=used)
    without = plan(queues=[queue("gas")])
    found_codes = codes_of(without, ground)
    assert {("home-queue-missing", ("queues",)), ("queue-in-use", ("queues",))} <= found_codes
    in_use = next(f for f in check(without, ground) if f.code == "queue-in-use")
    assert in_use.text("zh").startswith("流程“menu”的节点（leak, pressure）还在用队列“water”")


def test_every_node_that_names_a_queue_counts_as_its_user() -> None:
    text = """
flow: menu
title: {zh: 试, en: Try}
languages: [zh]
start: open
person: wait
nodes:
  open: {kind: hours, queue: water, open: busy, closed: wait, holiday: wait}
  busy: {kind: branch, on: queue.gas.waiting, cases: [{at_least: 3, next: told}], otherwise: wait}
  told: {kind: say, prompts: [{say: {zh: "${queue.heat.waiting} 人在等"}}], next: wait}
  wait: {kind: queue, queue: hotline, talked: bye, nobody: bye, asked: bye}
  bye: {kind: goodbye, prompts: [goodbye]}
"""
    flow = read_flow(text)
    assert queues_of({"menu": PublishedFlow("menu", 1, flow)}) == {
        "water": {"menu": ["open"]},
        "gas": {"menu": ["busy"]},
        "heat": {"menu": ["told"]},
        "hotline": {"menu": ["wait"]},
    }


def test_a_skill_for_work_between_calls_that_the_plan_lacks_is_told() -> None:
    blended = {"callback.blended_skill": "water", "report.blended_skill": "verify"}
    [told] = check(plan(), replace(GROUND, blended=blended))
    assert (told.code, told.severity) == ("blended-skill-missing", "warning")
    assert "report.blended_skill" in told.text("zh")


def test_names_that_stand_for_nothing_are_found_with_what_was_meant() -> None:
    agents = [
        {
            "agent_id": "agnt1",
            "team": "dya",
            "queues": {"hotlin": 1},
            "skills": {"watr": 1},
        },
    ]
    told = {one.code: one for one in check(plan(agents=agents), GROUND)}
    assert {"unknown-agent", "unknown-team", "unknown-queue", "unknown-skill"} <= set(told)
    assert told["unknown-agent"].values["hint"].startswith("agent")
    assert "是不是“hotline”？" in told["unknown-queue"].text()


def test_agents_who_are_not_in_the_plan_are_named() -> None:
    agents = [{"agent_id": "agent1", "queues": {"hotline": 1, "water": 1}}]
    [told] = [one for one in check(plan(agents=agents), GROUND) if one.code == "agents-not-listed"]
    assert (told.severity, told.values["agents"]) == ("warning", "agent2, agent3")


@pytest.mark.parametrize(
    ("roster", "code"),
    [
        ({"agent1": {"week": ["8-12"] + [""] * 6}}, "roster-hours"),
        ({"agent1": {"week": ["08:00-12:00 11:00-13:00"] + [""] * 6}}, "roster-overlap"),
        ({"agent1": {"days": {"2026-02-30": ""}}}, "roster-date"),
        ({"nobody": {}}, "unknown-agent"),
    ],
)
def test_what_is_no_shift_is_found_in_the_roster(roster: dict[str, Any], code: str) -> None:
    assert code in {one for one, _ in codes_of(plan(roster=roster))}


def test_something_that_is_there_twice_is_found() -> None:
    assert ("doubled", ("queues", 1)) in codes_of(plan(queues=[queue("hotline")] * 2))


def test_every_finding_has_words_in_both_languages() -> None:
    words = resources.files("hotline.routing").joinpath("findings.toml").read_text("utf-8")
    anything = dict.fromkeys(re.findall(r"{(\w+)}", words), "x")
    for code in codes():
        finding = Finding(code, values=anything)
        assert finding.text("zh") != finding.text("en")


# --- reading --------------------------------------------------------------------------------


def test_what_cannot_be_read_is_told_where_it_stands() -> None:
    broken = data(queues=[queue("hotline", ring_s=0, stratgy="x"), {"name": "b"}])
    with pytest.raises(PlanFaults) as faults:
        read_plan(broken)
    told = {(one.code, one.where) for one in faults.value.findings}
    assert told == {
        ("too-small", ("queues", 0, "ring_s")),
        ("unknown-field", ("queues", 0, "stratgy")),
        ("missing-field", ("queues", 1, "title")),
    }
    assert "strategy" in next(o for o in faults.value.findings if "field" in o.code).text("en")


@pytest.mark.parametrize("text", ["[", "just words", "", "queues: {a: !!python/name:os.system ''}"])
def test_a_text_that_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(PlanFaults):
        parse_plan(text)


@given(st.text())
def test_whatever_a_file_says_is_a_plan_or_a_finding(text: str) -> None:
    with pytest.raises(PlanFaults) as faults:
        parse_plan(text)
    assert all(one.text("zh") and one.text("en") for one in faults.value.findings)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"ring_s": "soon"}, "not-a-number"),
    ({"ring_s": 3601}, "too-large"),
    ({"limit": 1.5}, "not-whole"),
    ({"target_share": 0}, "above"),
    ({"title": {"fr": "eau"}}, "not-one-of"),
    ({"title": {}}, "left-empty"),
    ({"title": {"zh": ""}}, "left-empty"),
    ({"title": {"zh": "水" * 61}}, "too-long"),
    ({"title": {"zh": 12319}}, "not-text"),
    ({"title": "water"}, "not-a-mapping"),
    ({"rings": "all"}, "not-a-list"),
    ({"strategy": "longest"}, "not-one-of"),
    ({"requires": [{"skill": "Gas!"}]}, "bad-code"),
    ({"overflow": [{"when": "wait", "to": "elsewhere"}]}, "bad-way"),
]


@pytest.mark.parametrize(("changes", "code"), WRONG)
def test_a_wrong_value_is_told_in_the_readers_own_words(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(PlanFaults) as faults:
        read_plan({"queues": [{**queue("hotline"), **changes}]})
    [finding] = faults.value.findings
    assert finding.code == code
    assert "should" not in finding.text("zh") + finding.text("en")


def test_a_week_has_seven_days() -> None:
    with pytest.raises(PlanFaults) as faults:
        read_plan(data(roster={"agent1": {"week": ["", ""]}}))
    assert {one.code for one in faults.value.findings} == {"week-not-seven"}


def test_a_plan_survives_being_written_and_read() -> None:
    assert parse_plan(write_plan(plan())) == plan()
    assert read_plan(written(plan())) == plan()


# --- what the engine is told --------------------------------------------------------------


NAMES = ("hotline", "b", "c")


@st.composite
def queues(draw: st.DrawFn) -> list[dict[str, Any]]:
    seconds = st.integers(0, 120)
    return [
        queue(
            name,
            rings=draw(
                st.lists(
                    st.fixed_dictionaries(
                        {
                            "after_s": seconds,
                            "weight": st.integers(1, 3),
                            "preferred": st.booleans(),
                        }
                    ),
                    max_size=3,
                )
            ),
            overflow=draw(
                st.lists(
                    st.fixed_dictionaries(
                        {
                            "when": st.sampled_from(["wait", "length", "nobody", "target"]),
                            "value": seconds,
                            "to": st.sampled_from(["report", *(f"queue:{n}" for n in NAMES)]),
                        }
                    ),
                    max_size=2,
                )
            ),
            first_s=draw(seconds),
        )
        for name in NAMES
    ]


@given(queues())
def test_the_engine_takes_every_plan_that_has_no_errors(given_queues: list[dict[str, Any]]) -> None:
    agents = [{"agent_id": "agent1", "queues": dict.fromkeys(NAMES, 3)}]
    drawn = plan(queues=given_queues, agents=agents, roster={})
    findings = check(drawn, GROUND)
    if sound(findings):
        assert set(Routing(drawn, "hotline").rules()) == set(NAMES)


def test_an_agent_outside_the_plan_serves_the_home_queue() -> None:
    routing = Routing(plan(), "hotline")
    assert routing.served_by("newcomer").weights == {"hotline": 1}
    served = routing.served_by("agent2")
    assert (served.weights, served.skills) == ({"hotline": 2, "water": 5}, {"water": 3})
    assert routing.queue("gone") == "hotline"
