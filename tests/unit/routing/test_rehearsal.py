from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from hotline import events
from hotline.config import Config
from hotline.routing.gate import Gate, GateBusy
from hotline.routing.library import PlanLibrary, PlanRefused
from hotline.routing.model import RoutingPlan
from hotline.routing.past import Past, PastCall, read_past, spans_of, wrap_ups_of
from hotline.routing.rehearsal import HALF_HOURS, compare
from hotline.routing.roster import bounds, rostered
from hotline.routing.rules import Routing, plan_of
from hotline.storage.journal import Journal
from tests.databases import CITY, MORNING, HandClock
from tests.unit.routing.plans import GROUND, data, plan, queue

DAY = date(2026, 11, 19)
BEGIN, END = bounds(DAY, CITY)
NINE = BEGIN + 9 * 3600


def busy_day(calls: int = 400) -> Past:
    """Callers every nine seconds from nine o'clock on, for three agents."""
    came = [
        PastCall(
            "hotline", NINE + 9.0 * number, 0, 30.0, number % 4 == 0, 60.0 if number % 4 else None
        )
        for number in range(calls)
    ]
    there = {f"agent{number}": ((NINE - 600, NINE + 7200),) for number in (1, 2, 3)}
    return Past(tuple(came), (20.0, 30.0), there)


def total(side: dict[str, Any], queue: str, name: str) -> float:
    return float(sum(one[name] for one in side["queues"][queue]))


def routing(**changes: Any) -> Routing:
    return Routing(RoutingPlan.model_validate(data(roster={}, **changes)), "hotline")


def everybody(*names: str) -> list[dict[str, Any]]:
    return [{"agent_id": name, "queues": {"hotline": 1, "water": 1}} for name in names]


def test_the_same_plan_twice_gives_the_same_figures_and_every_caller_is_counted() -> None:
    ticks: list[int] = []
    same = routing(agents=everybody("agent1", "agent2", "agent3"))
    sides = compare(busy_day(), {"today": same, "draft": same}, [DAY], CITY, ticks.append)
    assert sides["today"] == sides["draft"]
    assert total(sides["today"], "hotline", "offered") == 400
    assert ticks == [1, 2]
    assert len(sides["today"]["queues"]["hotline"]) == HALF_HOURS
    assert sides["today"]["queues"]["hotline"][18]["offered"] > 0


def test_callers_are_played_with_the_first_agents_they_had() -> None:
    day = busy_day(40)
    calls = tuple(
        replace(call, at=NINE + 100.0 * n, first_agent="agent2") for n, call in enumerate(day.calls)
    )
    side = compare(
        replace(day, calls=calls),
        {"today": routing(agents=everybody("agent1", "agent2", "agent3"))},
        [DAY],
        CITY,
        lambda done: None,
    )["today"]
    answered = {one["agent_id"]: one["answered"] for one in side["agents"]}
    assert answered == {"agent1": 0.0, "agent2": 40.0, "agent3": 0.0}


def test_fewer_agents_answer_fewer_callers_in_time() -> None:
    sides = compare(
        busy_day(),
        {
            "today": routing(agents=everybody("agent1", "agent2", "agent3")),
            "draft": routing(
                agents=[
                    *everybody("agent1"),
                    *({"agent_id": f"agent{n}", "queues": {"water": 1}} for n in (2, 3)),
                ]
            ),
        },
        [DAY],
        CITY,
        lambda done: None,
    )
    today, draft = sides["today"], sides["draft"]
    assert total(draft, "hotline", "within") < total(today, "hotline", "within")
    loads = {one["agent_id"]: one["answered"] for one in draft["agents"]}
    assert loads["agent2"] == loads["agent3"] == 0 < loads["agent1"]


def test_a_plan_with_a_roster_has_who_is_planned_not_who_was_there() -> None:
    week = ["09:00-10:00"] * 7
    agents = everybody("agent1", "agent2", "agent3")
    planned = Routing(plan(agents=agents, roster={"agent1": {"week": week}}), "hotline")
    sides = compare(busy_day(), {"draft": planned}, [DAY], CITY, lambda done: None)
    assert sides["draft"]["presence"] == "roster"
    assert [one["agent_id"] for one in sides["draft"]["agents"]] == ["agent1"]


def test_a_night_shift_reaches_into_the_next_morning() -> None:
    night = {"agent1": {"week": ["20:00-08:00"] * 7, "days": {"2026-11-19": ""}}}
    spans = rostered(plan(roster=night), DAY, CITY)
    assert spans == {"agent1": [(BEGIN - 4 * 3600, BEGIN + 8 * 3600)]}
    assert rostered(plan(roster=night), date(2026, 11, 20), CITY)["agent1"] == [
        (
            bounds(date(2026, 11, 20), CITY)[0] + 20 * 3600,
            bounds(date(2026, 11, 21), CITY)[0] + 8 * 3600,
        )
    ]


def test_time_at_work_leaves_out_pauses_and_is_cut_to_the_period() -> None:
    states = [
        (0.0, "a", "ready"),
        (50.0, "a", "talking"),
        (100.0, "a", "wrap_up"),
        (130.0, "a", "ready"),
        (200.0, "a", "paused"),
        (260.0, "a", "ready"),
        (300.0, "b", "paused"),
    ]
    assert spans_of(states, 20.0, 400.0) == {"a": ((20.0, 200.0), (260.0, 400.0))}
    assert wrap_ups_of(states) == [30.0]


# --- with a database and a process ------------------------------------------------------

# A process takes seconds, and what it reads is the same.
ON_ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def gate_of(journal: Journal) -> tuple[Gate, PlanLibrary]:
    async def ground() -> Any:
        return GROUND

    library = PlanLibrary(journal, plan_of(Config()), ground)
    await library.open()
    return Gate(Config(), library, journal.database, HandClock()), library


async def live_yesterday(journal: Journal, calls: int) -> None:
    begin = MORNING - 86_400 + 3600
    said: list[tuple[float, events.Event]] = [
        (begin - 60, events.AgentStateChanged(f"agent{n}", "ready", begin - 60)) for n in (1, 2, 3)
    ]
    for number in range(calls):
        name, at = f"pbx1-{number}", begin + 30.0 * number
        said += [
            (at, events.CallArrived(name, "pbx1", "PJSIP/x", "12319", "138", "")),
            (at, events.CallQueued(name, "hotline", 0, at, (), "agent2", "talk")),
            (at + 5, events.CallOffered(name, "agent1", f"{name}/1")),
            (at + 6, events.CallAnswered(name, "agent1", 6.0, "")),
            (at + 66, events.TalkEnded(name, "agent1", 60.0, "agent")),
            (at + 66, events.CallEnded(name, "citizen", "16")),
        ]
    for at, event in sorted(said, key=lambda one: one[0]):
        await journal.append(event, at=at)


async def finished(gate: Gate) -> None:
    async with asyncio.timeout(60):
        while gate.progress.state == "running":  # noqa: ASYNC110 - the page polls it, too
            await asyncio.sleep(0.05)


async def test_a_period_is_read_as_it_was(journal: Journal) -> None:
    await live_yesterday(journal, 3)
    past = await read_past(journal.database, MORNING - 86_400, MORNING)
    assert [(call.queue, call.waited_s, call.talk_s, call.first_agent) for call in past.calls] == [
        ("hotline", 6.0, 60.0, "agent2")
    ] * 3
    assert set(past.spans) == {"agent1", "agent2", "agent3"}


@ON_ONE
async def test_a_draft_is_compared_in_a_process_and_kept(journal: Journal) -> None:
    await live_yesterday(journal, 110)
    gate, library = await gate_of(journal)
    await gate.start(data(), by="supervisor", days=2)
    with pytest.raises(GateBusy):
        await gate.start(data(), by="admin", days=2)
    await finished(gate)
    progress = gate.progress
    assert (progress.state, progress.done, progress.of) == ("done", 4, 4)
    assert progress.result["calls"] == 110
    assert progress.result["sides"]["today"]["presence"] == "recorded"
    assert total(progress.result["sides"]["draft"], "hotline", "offered") == 110
    await library.publish(data(), by="supervisor", based_on=0)
    assert library.publication
    assert library.publication.gate_id == progress.gate_id


@ON_ONE
async def test_too_few_calls_are_said_to_be_too_few(journal: Journal) -> None:
    await live_yesterday(journal, 5)
    gate, library = await gate_of(journal)
    await gate.start(data(), by="supervisor", days=2)
    await finished(gate)
    progress = gate.progress
    assert (progress.state, progress.lacking, progress.have, progress.need) == (
        "lacking",
        "calls",
        5,
        100,
    )
    assert await library.gate_of(plan()) is None


async def test_a_faulty_plan_is_not_compared(journal: Journal) -> None:
    gate, _ = await gate_of(journal)
    with pytest.raises(PlanRefused):
        await gate.start(data(queues=[queue("water")]), by="supervisor", days=2)


@ON_ONE
async def test_a_comparison_can_be_stopped(journal: Journal) -> None:
    gate, _ = await gate_of(journal)
    await gate.start(data(), by="supervisor", days=2)
    await gate.stop()
    assert gate.progress.state == "stopped"
