"""Clocks through the registry itself: the steps of a case's life as people take them."""

from __future__ import annotations

from hotline.clock import local
from hotline.registry import taxonomy
from hotline.registry.clocks.limit_table import TimeLimit
from hotline.registry.clocks.service import CaseClocks
from hotline.registry.forms import read_form
from hotline.registry.life.model import Inputs
from hotline.registry.life.replay import replay
from hotline.registry.model import Case, Person
from hotline.registry.service import CaseRegistry
from hotline.storage.journal import Journal
from tests.databases import CITY, HandClock
from tests.unit.registry.cases import TYPED, Noted
from tests.unit.registry.clocks.lives import HOUR, Lives, since_morning

AGENT, DISPATCHER = Person("agent1", "agent"), Person("dispatcher1", "dispatcher")
CHIEF = Person("supervisor", "supervisor")
UNIT = Person("unit1", "unit", "lights")


async def test_a_case_runs_by_its_clocks_from_the_form_to_its_closing(
    journal: Journal, clocks: CaseClocks, clock: HandClock, lives: Lives
) -> None:
    limit = TimeLimit(
        "gbt-30428.2-2013", "component/0101", "broken", "破损", "", "handle", "4工作时"
    )
    await clocks.limits.save(limit, CHIEF, "new")
    registry = CaseRegistry(
        journal, CITY, taxonomy.load(), Noted(), (clocks.keeper,), conditions=clocks.limits
    )
    form = read_form({**TYPED, "category": "component/0101"})
    case = await registry.open(form, "hotline", AGENT)

    async def step(action: str, by: Person, **inputs: object) -> Case:
        now = await registry.get(case.case_number)
        given = Inputs(**{"why": "因为"} | inputs)  # type: ignore[arg-type]
        return await registry.move(case.case_number, action, by, version=now.version, inputs=given)

    await step("file", AGENT, condition="broken")
    dispatched = await step("dispatch", DISPATCHER, unit="路灯所", unit_id="lights")
    assert shown(dispatched.handle_due_at) == "11-20 12:00"
    clock.advance(HOUR)
    until = clock.now() + since_morning("11-20 17:00") - HOUR
    await step("request_extension", UNIT, until=until)
    granted = await step("grant_extension", DISPATCHER)
    assert shown(granted.handle_due_at) == "11-20 17:00"
    held = await step("suspend", DISPATCHER, until=clock.now() + 72 * HOUR)
    assert (held.handle_due_at, held.close_due_at) == (None, None)
    clock.advance(since_morning("11-23 08:00") - HOUR)
    resumed = await step("resume", DISPATCHER)
    # Six working hours were left at 09:00.
    assert shown(resumed.handle_due_at) == "11-23 16:00"
    checked = await step("feedback", UNIT)
    assert checked.handle_due_at == resumed.handle_due_at
    await step("check_fail", CHIEF)
    again = await registry.get(case.case_number)
    assert shown(again.handle_due_at) == "11-23 12:00"
    await step("feedback", UNIT)
    await step("check_pass", CHIEF)
    await step("close", CHIEF, closing="solved")
    assert await lives.running(case.case_number) == set()
    views = await clocks.of_case(case.case_number, clock.now())
    assert {view.outcome for view in views} == {"met"}
    told = replay(await registry.history(case.case_number))
    closed = await registry.get(case.case_number)
    assert told.case["handle_due_at"] == closed.handle_due_at
    assert told.case["close_due_at"] == closed.close_due_at


def shown(at: float | None) -> str:
    assert at is not None
    return local(at, CITY).strftime("%m-%d %H:%M")
